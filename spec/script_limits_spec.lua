--- Limits on what a handler takes of the process that runs it: time and memory.
local demilune = require "demilune"
local helper = require "spec.helper"

local MEMORY = "8M"

local function run(handle, how)
  how = how or {}
  return helper.run("getppid", { handle = handle, on_exception = how.policy or "deny_eio",
    watch = how.watch }, { script = { memory = how.memory or MEMORY, time = how.time or "30s" } })
end

local function fill()
  local list = {}
  while list do list[#list + 1] = { #list } end
end

-- Each takes more than there is; most would take all of the machine.
local bombs = {
  ["a table"] = fill,
  ["string.rep"] = function() return ("x"):rep(1 << 30) end,
  ["string.rep of what would fit into the machine"] = function() return ("x"):rep(64 << 20) end,
  ["a string that doubles"] = function()
    local s = "x"
    while true do s = s .. s end
  end,
  ["a table inside pcall"] = function()
    pcall(fill)
    return demilune.continue()
  end,
  ["pcall around it, for ever"] = function()
    while true do pcall(fill) end
  end,
  ["a coroutine"] = function()
    coroutine.resume(coroutine.create(fill))
    return demilune.continue()
  end,
  ["coroutines"] = function()
    local list = {}
    while true do list[#list + 1] = coroutine.create(fill) end
  end,
  ["__gc"] = function()
    setmetatable({}, { __gc = fill })
    collectgarbage()
    return demilune.continue()
  end,
  ["a message handler"] = function()
    xpcall(error, fill)
    return demilune.continue()
  end,
  ["table.concat"] = function()
    local list = {}
    for i = 1, 100 do list[i] = ("x"):rep(1 << 20) .. i end
    return table.concat(list)
  end,
}

describe("a handler that takes too much memory by", function()
  for name, bomb in pairs(bombs) do
    it(name .. " goes to its exception policy, and the report names it and the limit", function()
      local seen = run(bomb)
      assert.equal("EIO", seen.errno)
      assert.equal(1, #seen.errors)
      assert.matches("script_limits_spec.lua:%d+: the handler on getppid is out of memory: "
        .. "script.memory gives all handlers 8388608 bytes", seen.errors[1].message)
      assert.is_true(collectgarbage "count" < 100 * 1024)
    end)
  end
end)

describe("the memory limit", function()
  it("leaves the state usable: the next call is decided", function()
    local n = 0
    local seen = helper.run("getppid", { handle = function()
      n = n + 1
      if n == 1 then fill() end
      return demilune.returns(n)
    end, on_exception = "continue" }, { script = { memory = MEMORY, time = "30s" } })
    assert.equal(1, seen.stats.errors)
    seen = helper.run("getppid", function() return demilune.returns(n + 41) end)
    assert.equal(42, seen.result)
    local result = demilune.sandbox { log = false, script = { memory = MEMORY, time = "30s" } }
      :run_with_handlers({ "sh", "-c", "umask 1; umask 2; umask" }, { { "umask", {
        handle = function(ctx)
          if ctx.args.mask == 1 then fill() end
          return demilune.continue()
        end, on_exception = "deny_eio" } } })
    assert.equal("0002\n", result.stdout)
    assert.equal(1, #result.errors)
  end)

  it("kills by default, at the very call", function()
    local seen = run(fill, { policy = "kill" })
    assert.equal("killed", seen.reason)
    assert.equal("", seen.stdout)
  end)

  it("of a watcher is reported, and changes nothing", function()
    local seen = run(fill, { watch = true })
    assert.is_true(seen.result > 0)
    assert.equal("ignored", seen.errors[1].outcome)
  end)

  it("is about what is kept: garbage does not count", function()
    assert.equal(7, run(function()
      for i = 1, 200 do local _ = ("x"):rep(1 << 20) .. i end
      return demilune.returns(7)
    end).result)
  end)

  it("adds up what handlers keep from call to call", function()
    local kept, most = {}, 2
    local function keep()
      if #kept == most then kept = {} end
      kept[#kept + 1] = ("x"):rep(3 << 20) .. #kept
      return demilune.continue()
    end
    local function errors()
      return demilune.sandbox { log = false, script = { memory = MEMORY, time = "30s" } }
        :run_with_handlers({ "sh", "-c", "umask 1; umask 2; umask 3; umask 4" },
          { { "umask", { handle = keep, on_exception = "deny_eio" } } }).errors
    end
    assert.same({}, errors())
    most = 100
    assert.matches("out of memory", errors()[1].message)
  end)

  it("does not count what the host has", function()
    local own = ("x"):rep(16 << 20)
    assert.equal(7, run(function() return demilune.returns(#own > 0 and 7 or 0) end).result)
  end)

  it("holds for the function of an injection and of perform", function()
    local seen = run(function() return demilune.perform(fill) end)
    assert.equal("EIO", seen.errno or "")
  end)

  it("is gone when the run is over: the host allocates as before", function()
    run(function() return demilune.continue() end, { memory = "64K" })
    assert.equal(32 << 20, #("x"):rep(32 << 20))
  end)

  it("is 256 MiB without a word about it, in the command as well", function()
    local seen = helper.command("run", "-e",
      [[sandbox { script = { time = "30s" } }
        on("umask", function() return ("x"):rep(257 << 20) end)]], "--", "sh", "-c", "umask")
    assert.equal(137, seen.status)
    assert.matches("out of memory: script.memory gives all handlers 268435456 bytes", seen.stderr)
  end)

  it("can be set in a policy", function()
    local seen = helper.command("run", "-e",
      [[sandbox { script = { memory = "1M", time = "30s" } }
        on("umask", { on_exception = "deny_eio" }, function() return ("x"):rep(2 << 20) end)]],
      "--", "sh", "-c", "umask; echo after")
    assert.matches("gives all handlers 1048576 bytes", seen.stderr)
    assert.matches("after", seen.stdout)
  end)

  it("refuses what is no size", function()
    assert.error_matches(function() demilune.sandbox { script = { memory = "much" } } end,
      'script memory "much" is no size', 1, true)
  end)
end)

describe("the time limit", function()
  local function loop()
    while true do end
  end

  it("is a second, and ends in the exception policy", function()
    local began = os.time()
    local seen = helper.run("getppid", { handle = loop, on_exception = "deny_eio" })
    assert.equal("EIO", seen.errno)
    assert.matches("out of time", seen.errors[1].message)
    assert.is_true(os.time() - began < 10)
  end)

  it("can be set", function()
    assert.equal("EIO", run(loop, { time = "50ms" }).errno)
    assert.equal(7, run(function()
      local ends = os.clock() + 1.2
      repeat until os.clock() > ends
      return demilune.returns(7)
    end, { time = "30s" }).result)
  end)
end)
