local demilune = require "demilune"
local helper = require "spec.helper"

local strange = helper.program "strange"

-- Runs a command; opening "/virtual" gets the action that make() gives.
local function run(command, make, on_exception)
  local function handle(ctx)
    if ctx:read_path() ~= "/virtual" then return demilune.continue() end
    return make(ctx)
  end
  return assert(demilune.sandbox { log = false }:run_with_handlers(command,
    { { "openat", { handle = handle, on_exception = on_exception } } }))
end

local function opened(make, on_exception)
  return run({ strange, "opened", "/virtual" }, make, on_exception)
end

describe("inject_bytes", function()
  it("is a sealed, rewound file that closes on exec", function()
    -- F_SEAL_SEAL, SHRINK, GROW, WRITE; Linux 6.3 adds F_SEAL_EXEC
    assert.matches("^cloexec=1 seals=0x2?f writable=0 offset=5 hello\n$",
      opened(function() return demilune.inject_bytes "hello" end).stdout)
  end)

  it("may be written by the program, and live on after exec, if told so", function()
    local function make()
      return demilune.inject_bytes("hello", { seal = false, cloexec = false })
    end
    assert.matches("^cloexec=0 seals=0x[0-9a-f]+ writable=1 offset=5 hello\n$",
      opened(make).stdout)
  end)

  it("holds any bytes, and many", function()
    local bytes = ("\0\255x"):rep(1000000)
    assert.equal(bytes, run({ "cat", "/virtual" }, function()
      return demilune.inject_bytes(bytes)
    end).stdout)
  end)
end)

describe("inject_fd", function()
  it("takes a Lua file, which stays the script's", function()
    local file <close> = assert(io.open(helper.build .. "/spec/probe", "rb"))
    local seen = run({ "head", "-c4", "/virtual" }, function()
      return demilune.inject_fd(file)
    end)
    assert.equal("\127ELF", seen.stdout)
    assert.is_truthy(file:seek "cur")
  end)

  it("takes a number, and the descriptor with it", function()
    local dir <close> = helper.scratch()
    local policy = dir:write("p.lua", [[
      on("openat", function(ctx)
        return ctx:read_path() == "/virtual" and inject_fd(7) or perform()
      end)
      at_exit(function() print(tostring((io.open "/proc/self/fd/7"))) end)
    ]])
    local seen = helper.shell({ helper.demilune, "run", policy, "--", "cat", "/virtual" },
      { redirect = "7<" .. dir:write("seven", "seven\n") })
    assert.equal("seven\n", seen.stdout)
    assert.equal("nil\n", seen.stderr)
  end)

  it("refuses what is no descriptor, and closes what it was given all the same", function()
    assert.error_matches(function() demilune.inject_fd(-1) end, "not negative")
    assert.error_matches(function() demilune.inject_fd(987654) end, "is not open")
    local file = assert(io.open "/dev/null")
    file:close()
    assert.error_matches(function() demilune.inject_fd(file) end, "closed")
    local seen = helper.shell({ helper.demilune, "-e", [[
      print(pcall(inject_fd, 7, { cloexe = true }))
      collectgarbage()
      print(tostring((io.open "/proc/self/fd/7")))
    ]], "--", "true" }, { redirect = "7</dev/null" })
    assert.matches('^false\tunknown option "cloexe"\nnil\n', seen.stderr)
  end)

  it("tells on_success the number before the program runs on", function()
    local told, limit
    -- ulimit(1) is no call that waits for us: it is done as soon as the program runs on
    local seen = run({ "sh", "-c", ": </virtual; ulimit -n 77; ulimit -n" }, function(ctx)
      local pid = ctx.pid
      return demilune.inject_fd(io.open "/dev/null", { on_success = function(number)
        os.execute "sleep 0.1"
        told = number
        local file <close> = assert(io.open(("/proc/%d/limits"):format(pid)))
        limit = (file:read "a"):match "Max open files%s+(%d+)"
      end })
    end)
    assert.equal("integer", math.type(told))
    assert.equal("77\n", seen.stdout)
    assert.same({}, seen.errors)
    assert.is_true(limit and limit ~= "77")
  end)

  it("tells on_success the number that the program gets", function()
    local told
    local seen = helper.run({ "openat", -100, "/", 0 }, function(ctx)
      if ctx:read_path() ~= "/" then return demilune.continue() end
      return demilune.inject_fd(io.open "/dev/null", {
        on_success = function(number) told = number end })
    end)
    assert.equal(told, seen.result)
  end)

  it("leaves an error in on_success to the exception policy", function()
    local function make()
      return demilune.inject_fd(io.open "/dev/null", {
        on_success = function() error "broken" end })
    end
    assert.equal("EPERM\n", opened(make, "deny_eperm").stdout)
    assert.equal("EIO\n", opened(make, "deny_eio").stdout)
    assert.equal("EIO\n", opened(make, "continue").stdout)	-- it was done: not twice
    local killed = opened(make, "kill")
    assert.equal("killed", killed.reason)
    assert.equal("", killed.stdout)
    assert.matches("inject_spec.lua:%d+: broken", killed.errors[1].message)
  end)
end)

describe("an injection that fails", function()
  it("at the program's limit answers it with EMFILE", function()
    for _, options in ipairs { {}, { on_success = function() end } } do
      local seen = run({ strange, "exhausts", "/virtual" }, function()
        return demilune.inject_fd(io.open "/dev/null", options)
      end)
      assert.equal("EMFILE\n", seen.stdout)
      assert.equal(0, #seen.errors)
    end
  end)

  -- Only a descriptor opened with O_PATH cannot be passed on at all.
  it("is an error for the program, never a call that the kernel makes", function()
    for _, options in ipairs { "nil", "{ on_success = print }" } do
      local seen = helper.shell { "python3", "-c", ([[
import os, sys
fd = os.open("/", os.O_PATH)
os.set_inheritable(fd, True)
os.dup2(fd, 7)
os.execv(sys.argv[1], sys.argv[1:])]]), helper.demilune, "-e", ([[
        on("openat", { on_exception = "continue" }, function(ctx)
          return ctx:read_path() == "/etc/hostname" and inject_fd(7, %s) or continue()
        end)]]):format(options), "--", helper.program "probe", "openat", "-100",
        "/etc/hostname", "0" }
      assert.matches("^%-1 EBADF ", seen.stdout)
      assert.matches("inject_fd: Bad file descriptor", seen.stderr)
    end
  end)
end)

describe("the descriptors of the supervisor", function()
  local function file() return io.open "/dev/null" end
  local function bytes() return demilune.inject_bytes "x" end
  local used
  -- Each of these ends an injection in another way.
  local ends = {
    ["a success"] = bytes,
    ["a file"] = function() return demilune.inject_fd(file()) end,
    ["a tracked success"] = function()
      return demilune.inject_fd(file(), { on_success = function() end })
    end,
    ["a broken on_success"] = function()
      return demilune.inject_fd(file(), { on_success = function() error "broken" end })
    end,
    ["an error after it was made"] = function() error(bytes()) end,
    ["another decision"] = function() bytes() return demilune.deny "EIO" end,
    ["a second use"] = function()
      used = used or bytes()
      return used
    end,
    ["the death of the program"] = function(ctx)
      os.execute("kill -9 " .. ctx.pid)
      return bytes()
    end,
  }
  for name, make in pairs(ends) do
    it("are the same after " .. name, function()
      local before = helper.census()
      for _ = 1, 3 do run({ "cat", "/virtual" }, make, "deny_eio") end
      used = nil
      assert.same(before, helper.census())
    end)
  end

  it("are the same after an injection at the program's limit", function()
    local before = helper.census()
    run({ strange, "exhausts", "/virtual" }, bytes)
    assert.same(before, helper.census())
  end)
end)
