--- demilune execs: the programs of a run as a tree.
tool {
  summary = "which programs are executed, as a tree with status and run time",
  usage = "demilune execs -- COMMAND [ARGUMENT...]",
}

local programs = require "demilune.programs"
local log = require "demilune.log"

local tree = programs.new(observer(), follow)

watch("%exec", function(ctx) tree:execute(ctx) end)

local function show(program, depth)
  local seconds = programs.seconds(program)
  return ("%8s  %-7s %7d  %s%s"):format(seconds and ("%.3f s"):format(seconds) or "?",
    programs.status(program), program.pid, ("  "):rep(depth),
    log.line(programs.command_line(program))), 27
end

at_exit(function()
  line "    TIME  STATUS      PID  PROGRAM"
  tree:each(function(program, depth)
    event("exec", {
      pid = program.pid, parent = program.parent and program.parent.pid,
      depth = depth, path = program.path, argv = program.argv,
      time_ns = program.started_ns, ended_ns = program.ended_ns,
      exit_code = program.exit_code, signal = program.signal,
      is_replaced = program.is_replaced,
    }, function() return show(program, depth) end)
  end)
end)
