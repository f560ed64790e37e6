local demilune = require "demilune"
local helper = require "spec.helper"

-- Runs a shell script, in which $0 is the probe; its umask gets the action.
local function run(script, action, settings)
  settings = settings or {}
  settings.log = false
  local command = { "sh", "-c", script, helper.program "probe" }
  return assert(demilune.sandbox(settings):run_with_handlers(command, {
    { "umask", function(ctx)
      return type(action) == "function" and action(ctx) or action
    end },
  }))
end

describe("kill", function()
  it("signals the caller's group when it names none", function()
    local result = run("sleep 30 & echo before; umask; echo after", demilune.kill "SIGTERM")
    assert.equal("before\n", result.stdout)
    assert.equal("signaled", result.reason)
    assert.equal("SIGTERM", result.signal)
  end)

  it("makes the call fail for a caller that survives the signal", function()
    local result = run("trap '' TERM; $0 umask 0; echo after", demilune.kill("SIGTERM", 0))
    assert.equal("-1 EPERM \nafter\n", result.stdout)
  end)

  it("signals another group of the run", function()
    local dir <close> = helper.scratch()
    local result = run([[
      setsid sh -c 'trap "echo got it; exit" TERM; echo ready; sleep 30 & wait' >out &
      until grep -q ready out; do sleep 0.01; done
      sh -c "umask" "$!"; wait; cat out]], function(ctx)
        local file <close> = assert(io.open(("/proc/%d/cmdline"):format(ctx.pid)))
        return demilune.kill("SIGTERM", tonumber((file:read "a"):match "(%d+)%z$"))
      end, { cwd = dir:path() })
    assert.matches("got it", result.stdout)
    assert.is_true(result.success)
  end)

  it("does not touch others when the caller went to their group", function()
    local seen = helper.shell { "bash", "-c", [[set -m
      sleep 30 & victim=$!
      "$0" -e 'on("umask", function() return kill "SIGTERM" end)' -- "$1" $victim
      echo "status $?"; kill -KILL $victim; wait $victim; echo "victim $?"]],
      helper.demilune, helper.program "attacks/strange_group" }
    assert.equal("worked\nstatus 143\nvictim 137\n", seen.stdout)
  end)

  it("does not touch the supervisor when the caller shares its group", function()
    local seen = helper.command("-e", [[
      on("umask", function() return kill "SIGTERM" end)
      at_exit(function(result) print(result.signal) end)
    ]], "--", "sh", "-c", "umask; echo after")
    assert.equal(143, seen.status)
    assert.equal("SIGTERM\n", seen.stderr)
    assert.equal("", seen.stdout)
  end)

  it("reports a group that does not exist, and the call fails", function()
    -- above the largest pid that Linux gives, proc(5)
    local result = run("$0 umask 0; echo after", demilune.kill("SIGTERM", (1 << 22) + 1))
    assert.equal("-1 EPERM \nafter\n", result.stdout)
    assert.matches("kill: No such process", result.errors[1].message)
  end)

  it("refuses groups that are not a run's when it is made", function()
    assert.error_matches(function() demilune.kill("SIGTERM", -1) end, "not negative")
    assert.error_matches(function() demilune.kill("SIGTERM", -4711) end, "not negative")
    assert.error_matches(function() demilune.kill("SIGTERM", 1) end, "group 1 is init's")
  end)

  it("refuses the supervisor's own group when it is made", function()
    local pipe <close> = io.popen "ps -o pgrp= -p $PPID"
    local own = pipe:read "n"
    if own <= 1 then pending "a container: our group is init's, or outside" end
    assert.error_matches(function() demilune.kill("SIGTERM", own) end,
      "the supervisor's own process group")
  end)

  it("refuses signals that do not exist when it is made", function()
    for _, sig in ipairs { 0, -1, 65, 1000 } do
      assert.error_matches(function() demilune.kill(sig) end, "no such signal")
    end
    assert.error_matches(function() demilune.kill "SIGNONE" end, "unknown signal")
    assert.error_matches(function() demilune.kill() end, "bad argument #1")
  end)
end)
