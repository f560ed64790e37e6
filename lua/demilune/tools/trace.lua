--- demilune trace: the calls that a program makes, a line each.
local given = tool {
  summary = "what a program does, a line for each call",
  usage = "demilune trace [SET...] [-P PATH] [--tree] [--results] [--failed] -- COMMAND [ARGUMENT...]",
  words = "calls or families; %file %net %exec if there are none",
  options = {
    { names = { "-P" }, key = "paths", value = "PATH", many = true,
      help = "only calls on this path, or on what is beneath it" },
    { names = { "--tree" }, key = "tree",
      help = "indent by process; programs with their arguments" },
    { names = { "--results" }, key = "results",
      help = "with the result, of the calls that demilune can make for the program: it does" },
    { names = { "--failed" }, key = "failed",
      help = "only calls that failed, as far as --results can tell" },
  },
}

local observe = observer()
local log = require "demilune.log"

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
    last_who = (" %6d %-15s "):format(pid, log.line(comm or "?"))
  end
  return last_who
end

local function line_of(call, shown)
  local who = observe:time_of_day(call.time_ns) .. who_text(call.pid, call.comm)
  local result = call.errno and " = -1 " .. call.errno or call.result and " = " .. call.result or ""
  return who .. log.line(shown) .. result, #who
end

local function show(call) return line_of(call, call.text) end

local function tell(call, shown)
  if given.failed and not call.errno then return end
  if not shown then
    event("call", call, show)
  else
    event("call", call, function() return line_of(call, shown) end)
  end
end

local set = observe:set(given, { "%file", "%net", "%exec" })
local results = (given.results or given.failed) and require "demilune.results".new(observe, set, tell)

watch(set, function(ctx)
  if given.paths and not is_wanted(ctx) then return end
  local now = observe:now()
  local call = { time_ns = now, pid = ctx.pid, comm = observe:comm(ctx, now), call = ctx.name,
    text = tostring(ctx) }
  local shown = tree and in_tree(ctx) or nil
  if not (results and results:wait_for(ctx, call, shown)) then tell(call, shown) end
end)

if results then
  on(results.calls, { on_exception = "continue" }, function(ctx)
    return results:is_awaited(ctx) and perform(results:taker(ctx))
      or continue()	-- CONTINUE: nothing is decided here
  end)
  at_exit(function() results:tell_rest() end)
end
