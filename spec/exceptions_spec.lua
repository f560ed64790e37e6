local demilune = require "demilune"
local helper = require "spec.helper"

-- Time enough, however busy the machine is: what a handler may take is tried below.
local function run(handle, policy)
  return helper.run("getppid", { handle = handle, on_exception = policy },
    { script = { time = "30s" } })
end

-- Each of these decides nothing.
local failures = {
  ["an error string"] = function() error "broken" end,
  ["an error table"] = function() error { code = 1 } end,
  ["an error that is nil"] = function() error(nil) end,
  ["a forgotten return"] = function() end,
  ["a value that is no action"] = function() return "deny" end,
  ["a constructor that was not called"] = function() return demilune.continue end,
  ["an error in __tostring"] = function()
    error(setmetatable({}, { __tostring = function() error "twice" end }))
  end,
  ["a stack overflow"] = function()
    local function deeper() return 1 + deeper() end
    return deeper()
  end,
  ["a yield"] = function() coroutine.yield() end,
}

describe("a handler that fails with", function()
  for name, handle in pairs(failures) do
    it(name .. " goes to its exception policy and is reported", function()
      local seen = run(handle, "deny_eio")
      assert.equal("EIO", seen.errno)
      assert.equal(1, #seen.errors)
      assert.equal("getppid", seen.errors[1].syscall)
      assert.equal("deny_eio", seen.errors[1].outcome)
      assert.matches("exceptions_spec.lua:%d+: ", seen.errors[1].message)
    end)
  end
end)

describe("the exception policy", function()
  local function broken() error "broken" end

  it("deny_eperm makes the call fail with EPERM", function()
    assert.equal("EPERM", run(broken, "deny_eperm").errno)
  end)

  it("continue lets the kernel run the call", function()
    assert.is_true(run(broken, "continue").result > 1)
  end)

  it("kill is the default, and ends the program at the very call", function()
    local box = demilune.sandbox { log = false }
    local result = box:run_with_handlers(
      { "sh", "-c", "echo before; umask 077; echo after" },
      { { "umask", broken } })
    assert.equal("before\n", result.stdout)
    assert.equal("killed", result.reason)
    assert.equal("SIGKILL", result.signal)
    assert.is_false(result.success)
  end)

  it("counts equal errors instead of repeating them", function()
    local box = demilune.sandbox { log = false }
    local result = box:run_with_handlers(
      { "sh", "-c", "umask 1; umask 2; umask 3; umask 4" },
      { { "umask", { handle = broken, on_exception = "continue" } } })
    assert.equal(1, #result.errors)
    assert.equal(result.stats.calls, result.errors[1].count)
  end)

  it("shows an error with its traceback in the log", function()
    local said = {}
    helper.run("getppid", { handle = broken, on_exception = "continue" },
      { log = function(text) said[#said + 1] = text end })
    assert.equal(1, #said)
    assert.matches("exceptions_spec.lua:%d+: broken\n  at getppid of process %d+: the call went on",
      said[1])
    assert.matches("stack traceback:.*in function 'error'", said[1])
  end)
end)

describe("a handler that does not return", function()
  local loops = {
    ["a plain loop"] = function() while true do end end,
    ["a loop that catches errors"] = function()
      while true do pcall(function() while true do end end) end
    end,
    ["a loop in a coroutine of its own"] = function()
      coroutine.wrap(function() while true do end end)()
    end,
    ["a loop in C"] = function()
      return ("a"):rep(60):find(("a-"):rep(5) .. "b")
    end,
  }
  for name, handle in pairs(loops) do
    it("because of " .. name .. " is out of time", function()
      local seen = helper.run("getppid", { handle = handle, on_exception = "deny_eperm" },
        { script = { time = "50ms" }, limits = { time = "20s" } })
      assert.equal("EPERM", seen.errno)
      assert.matches("exceptions_spec.lua:%d+: ", seen.errors[1].message)
    end)
  end
end)
