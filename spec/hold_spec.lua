local demilune = require "demilune"
local helper = require "spec.helper"

-- A call that no shell makes by itself.
local probe = helper.probe "sched_yield"

-- Starts the probe with its call held; served until the handler was asked.
local function held(settings, on_exception)
  local call = {}
  settings = settings or {}
  settings.log, settings.limits = false, { time = "20s" }
  settings.stdio = { stdin = "null", stdout = "capture" }
  local box = demilune.sandbox(settings)
  local process = assert(box:popen(probe, { { "sched_yield", { on_exception = on_exception,
    handle = function(ctx)
      call.id = ctx.id
      return demilune.hold()
    end } } }))
  assert.is_true(helper.eventually(function()
    process:step()
    return call.id
  end))
  return process, call.id, box
end

describe("a held call", function()
  it("waits until it is released with an action", function()
    local process <close>, id = held()
    local result, _, errno = process:wait(0.05)
    assert.is_nil(result)
    assert.equal(11, errno)	-- EAGAIN: still running
    assert.is_true(process:release(id, demilune.returns(42)))
    result = assert(process:wait())
    assert.equal("42 0 \n", result.stdout)
    assert.equal(1, result.stats.held)
  end)

  it("can be released by its box, with any action that needs no handler", function()
    for action, output in pairs {
      [demilune.deny "EIO"] = "-1 EIO \n", [demilune.inject_bytes "x"] = "3 0 \n",
    } do
      local process <close>, id, box = held()
      assert.is_true(box:release(id, action))
      assert.equal(output, assert(process:wait()).stdout)
    end
  end)

  it("is found by its box among several, whatever has ended", function()
    local box = demilune.sandbox { log = false, stdio = { stdout = "capture" } }
    local ids, running = {}, {}
    for i = 1, 4 do
      running[i] = assert(box:popen(probe, { { "sched_yield", function(ctx)
        ids[i] = ctx.id
        return demilune.hold()
      end } }))
      helper.eventually(function() running[i]:step() return ids[i] end)
    end
    running[1]:close()
    for i = 2, 4 do assert.is_true(box:release(ids[i], demilune.inject_bytes "x")) end
    for i = 2, 4 do assert.equal("3 0 \n", assert(running[i]:wait()).stdout) end
    assert.equal(2, select(3, box:release(ids[1], demilune.deny "EIO")))	-- ENOENT
  end)

  it("goes on with the next handler, then the kernel, when released with continue", function()
    local asked, id = {}, nil
    local process <close> = assert(demilune.sandbox {
      log = false, limits = { time = "20s" }, stdio = { stdout = "capture" },
    }:popen(probe, {
        { "sched_yield", function(ctx) id = ctx.id asked[1] = "first" return demilune.hold() end },
        { "sched_yield", function() asked[2] = "second" return demilune.returns(7) end },
      }))
    helper.eventually(function() process:step() return id end)
    assert.same({ "first" }, asked)
    assert(process:release(id, demilune.continue()))
    assert.equal("7 0 \n", assert(process:wait()).stdout)
    assert.same({ "first", "second" }, asked)
  end)

  it("is released once: then nobody holds it", function()
    local process <close>, id = held()
    assert(process:release(id, demilune.returns(1)))
    local ok, message, errno = process:release(id, demilune.returns(2))
    assert.is_nil(ok)
    assert.matches("no call with this id is held", message)
    assert.equal(2, errno)	-- ENOENT
    assert.equal("1 0 \n", assert(process:wait()).stdout)
  end)

  it("refuses an action that cannot be its answer, and stays held", function()
    local process <close>, id = held()
    assert.error_matches(function() process:release(id, "deny") end, "not an action")
    assert.error_matches(function() process:release(id, demilune.hold()) end, "held again")
    assert(process:release(id, demilune.returns(3)))
    assert.equal("3 0 \n", assert(process:wait()).stdout)
  end)

  it("does not lose the descriptor of an action that it refuses", function()
    local before = helper.census()
    local process, id = held()
    for _ = 1, 3 do
      local tracked = demilune.inject_fd(io.open "/dev/null", { on_success = function() end })
      assert.error_matches(function() process:release(id, tracked) end, "in a handler only")
    end
    process:close()
    assert.same(before, helper.census())
  end)

  it("is decided by the exception policy when its time is over", function()
    local settings = { script = { held_time = "50ms" } }
    local process <close> = held(settings, "deny_eio")
    local result = assert(process:wait())
    assert.equal("-1 EIO \n", result.stdout)
    assert.matches("hold_spec.lua:%d+: it held the call for too long", result.errors[1].message)
  end)

  it("ends with the run if nobody releases it", function()
    local process <close> = held()
    process:kill()
    assert.equal("killed", assert(process:wait()).reason)
  end)

  it("does not keep a program from dying", function()
    local process <close>, id = held()
    assert(process:kill "SIGKILL")
    assert.equal("SIGKILL", assert(process:wait()).signal)
    assert.is_truthy(select(2, pcall(process.release, process, id, demilune.returns(1))))
  end)

  it("can be released by another call's handler, in a policy file too", function()
    local seen = helper.command("-e", [[
      local id
      on("sched_yield", function(ctx) id = ctx.id return hold() end)
      on("umask", function() release(id, returns(42)) return continue() end)
    ]], "--", "sh", "-c", helper.program "probe" .. " sched_yield & sleep 0.2; umask; wait")
    assert.matches("42 0", seen.stdout)
    assert.equal("", seen.stderr)
  end)
end)

describe("too many held calls", function()
  it("make the next one fail with EAGAIN", function()
    local count = 0
    local process <close> = assert(demilune.sandbox {
      log = false, script = { held_calls = 2 }, limits = { time = "20s" },
      stdio = { stdout = "capture" },
    }:popen({ "sh", "-c", ("$0 sched_yield & "):rep(3) .. "wait", probe[1] }, {
      { "sched_yield", function() count = count + 1 return demilune.hold() end },
    }))
    helper.eventually(function() process:step() return count == 3 end)
    process:wait(0.1)
    process:kill()
    local result = assert(process:wait())
    assert.equal("-1 EAGAIN \n", result.stdout)
    assert.equal(2, result.stats.held)
  end)
end)
