--- demilune trace: the calls that a program makes, a line each.
local given = tool {
  summary = "what a program does, a line for each call",
  usage = "demilune trace [SET...] [-P PATH] -- COMMAND [ARGUMENT...]",
  words = "calls or families; %file %net %exec if there are none",
  options = {
    { names = { "-P" }, key = "paths", value = "PATH", many = true,
      help = "only calls on this path, or on what is beneath it" },
  },
}

local observe = observer()
local text = require "demilune.text"

-- Whether one of the paths of a call is, or is beneath, one that was asked for.
local function is_wanted(ctx)
  for _, touched in ipairs(observe:touched(ctx)) do
    for _, path in ipairs(given.paths) do
      if touched.path == path or touched.path:sub(1, #path + 1) == path .. "/" then
        return true
      end
    end
  end
  return false
end

watch(observe:set(given, { "%file", "%net", "%exec" }), function(ctx)
  if given.paths and not is_wanted(ctx) then return end
  local call = { pid = ctx.pid, comm = observe:comm(ctx), call = ctx.name, text = tostring(ctx) }
  event("call", call, function()
    local who = ("%s %6d %-15s "):format(observe:time_of_day(call.time_ns), call.pid,
      text.clean(call.comm or "?"))
    return who .. text.clean(call.text), #who
  end)
end)
