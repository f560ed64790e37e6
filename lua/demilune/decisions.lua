--- What the handlers of a policy decide, told; and a dry run, in which that is all.
local log = require "demilune.log"

local decisions = {}

-- The kernel does what the program asked for.
local harmless = { ["continue()"] = true, ["perform()"] = true }

-- around(decide) becomes the function of every handler that can decide; one handler may
-- stand in several places.
local function wrap(loaded, around)
  local is_done = {}
  for _, entry in ipairs(loaded.handlers) do
    local handler = entry.handler
    if not handler.watch and not is_done[handler] then
      is_done[handler] = true
      handler.handle = around(handler.handle, handler)
    end
  end
end

local function tell(report, ctx, action, verb)
  local fields = { pid = ctx.pid, tgid = ctx.tgid, comm = ctx.comm, call = ctx.name,
    text = tostring(ctx), action = tostring(action) }
  report:event("action", fields, verb and function()
    return ("%s %s: %s[%d] %s"):format(verb, fields.action, log.line(fields.comm or "?"),
      fields.pid, log.line(fields.text))
  end)
end

--- Makes the handlers tell what they decide, where that is JSON or the page.
function decisions.note(loaded, report)
  wrap(loaded, function(decide)
    return function(ctx)
      local action = decide(ctx)
      if not harmless[tostring(action)] then tell(report, ctx, action) end
      return action
    end
  end)
end

--- Makes the handlers decide nothing: what they would have decided is told.
function decisions.make_dry(loaded, report)
  local is_action, continue = loaded.env.demilune.is_action, loaded.env.continue
  wrap(loaded, function(decide, handler)
    handler.on_exception = "continue"
    return function(ctx)
      local action = decide(ctx)
      if not is_action(action) then return action end	-- reported as in earnest
      if not harmless[tostring(action)] then tell(report, ctx, action, "would be") end
      return continue()	-- CONTINUE: a dry run protects nothing
    end
  end)
end

return decisions
