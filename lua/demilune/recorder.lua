--- What the HTML page knows besides what a policy tells: every call on files, hosts and
-- programs.
local programs = require "demilune.programs"

local recorder = {}

-- A page must open: what is more than this is counted only.
local MAX_CALLS = 200000

local function note_program(page, tree, ctx)
  local before = #tree.all
  local program = tree:execute(ctx)
  if not program then return end
  program.id = before + 1
  page:add {
    type = "exec", time_ns = program.started_ns, pid = program.pid, id = program.id,
    parent_id = program.parent and program.parent.id, path = program.path,
    command = programs.command_line(program), is_same_process = program.comes_after ~= nil,
  }
end

local function note_call(page, observe, ctx)
  if page.n_calls >= MAX_CALLS then
    page.left_out = page.left_out + 1
    return
  end
  page.n_calls = page.n_calls + 1
  local files = {}
  for i, touched in ipairs(observe:touched(ctx)) do files[i] = { touched.path, touched.how } end
  page:add {
    type = "call", time_ns = observe:now(), pid = ctx.pid, tgid = ctx.tgid,
    comm = observe:comm(ctx), call = ctx.name, text = tostring(ctx), files = #files > 0 and files or nil,
    host = observe:host(ctx),
  }
end

--- Watches for a page. Returns true, or nil, message.
function recorder.watch(loaded, page)
  local observe = loaded.env.observer()
  local tree = programs.new(observe, loaded.env.follow)
  page.n_calls, page.left_out = 0, 0
  local ok, message = loaded.handlers:add({ "%exec" }, { watch = true, handle = function(ctx)
    note_program(page, tree, ctx)
  end })
  if not ok then return nil, message end
  table.insert(loaded.at_exit, function()
    for _, program in ipairs(tree.all) do
      if not program.is_replaced then
        page:add { type = "end", pid = program.pid, time_ns = program.ended_ns,
          exit_code = program.exit_code, signal = program.signal }
      end
    end
  end)
  return loaded.handlers:add({ "%file", "%net", "%exec" }, { watch = true,
    handle = function(ctx) note_call(page, observe, ctx) end })
end

return recorder
