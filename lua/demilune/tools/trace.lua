--- demilune trace: the calls that a program makes, a line each.
local given = tool {
  summary = "what a program does, a line for each call",
  usage = "demilune trace [SET...] [-P PATH] [--tree] -- COMMAND [ARGUMENT...]",
  words = "calls or families; %file %net %exec if there are none",
  options = {
    { names = { "-P" }, key = "paths", value = "PATH", many = true,
      help = "only calls on this path, or on what is beneath it" },
    { names = { "--tree" }, key = "tree",
      help = "indent by process; programs with their arguments" },
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

local programs = given.tree and require "demilune.programs"
local tree = programs and programs.new(observe, follow)

-- What stands for a call in the tree: a program's arguments instead of its execve.
local function in_tree(ctx)
  local program = ctx.name:find "^execve" and tree:execute(ctx)
  local indent = ("  "):rep(program and program.depth or tree:depth_of(ctx.tgid) + 1)
  return indent .. (program and programs.command_line(program) or tostring(ctx))
end

-- Who called, as wide as a column: the same thread makes many calls.
local last_pid, last_comm, last_who

local function who_text(pid, comm)
  if pid ~= last_pid or comm ~= last_comm then
    last_pid, last_comm = pid, comm
    last_who = (" %6d %-15s "):format(pid, text.clean(comm or "?"))
  end
  return last_who
end

local function show(call)
  local who = observe:time_of_day(call.time_ns) .. who_text(call.pid, call.comm)
  return who .. text.clean(call.text), #who
end

watch(observe:set(given, { "%file", "%net", "%exec" }), function(ctx)
  if given.paths and not is_wanted(ctx) then return end
  local now = observe:now()
  local call = { time_ns = now, pid = ctx.pid, comm = observe:comm(ctx, now), call = ctx.name,
    text = tostring(ctx) }
  if not tree then
    event("call", call, show)
    return
  end
  local shown = in_tree(ctx)
  event("call", call, function()
    local who = observe:time_of_day(now) .. who_text(call.pid, call.comm)
    return who .. text.clean(shown), #who
  end)
end)
