--- What a run may use up. Over the limit means EAGAIN, ENOMEM, EMFILE, or the end of the
-- run with the reason "limit": never a hang.
local demilune = require "demilune"
local helper = require "spec.helper"

local function attack(name) return helper.program("attacks/" .. name) end

local function under(limits, ...)
  limits.time = "20s"
  return assert(demilune.sandbox({ limits = limits, log = false }):run { ... })
end

-- The program was told, or the run was ended for this limit.
local function assert_limited(limit, errno, seen)
  if seen.reason == "limit" then
    assert.equal(limit, seen.limit)
    assert.equal("SIGKILL", seen.signal)
  else
    assert.equal("refused " .. errno .. "\n", seen.stdout)
  end
end

describe("limits.processes", function()
  for _, way in ipairs { "plain", "group", "relay", "thread" } do
    it("holds against a fork bomb: " .. way, function()
      assert.equal("worked\n", helper.shell({ attack "fork_bomb", "60", "0", way }).stdout)
      assert_limited("processes", "EAGAIN",
        under({ processes = 20 }, attack "fork_bomb", "60", "2000", way))
    end)
  end

  it("holds against a bomb that doubles", function()
    local seen = under({ processes = 30 }, "sh", "-c", "f() { f | f & }; f; sleep 0.3")
    assert.is_true(seen.reason == "limit" or seen.stderr:match "Cannot fork" ~= nil)
    assert.is_true(seen.reason ~= "timeout")
  end)

  it("counts the run's processes, not the user's", function()
    local sleepers <close> = assert(demilune.sandbox({ log = false }):popen {
      "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; echo; wait" })
    sleepers.stdout:read "l"
    local seen = under({ processes = 6 }, attack "fork_bomb", "5", "100")
    assert.equal("worked\n", seen.stdout)
  end)
end)

describe("limits.memory", function()
  it("holds for one process", function()
    assert.equal("worked\n", helper.shell({ attack "memory_bomb", "200" }).stdout)
    assert_limited("memory", "ENOMEM", under({ memory = "64M" }, attack "memory_bomb", "200"))
  end)

  it("holds for all processes together", function()
    assert_limited("memory", "ENOMEM", under({ memory = "64M" }, attack "memory_bomb", "200", "5"))
  end)

  it("counts a page once that many processes share", function()
    local script = "import os, time\nx = b'x' * 40000000\n"
      .. "for i in range(5):\n  if os.fork() == 0: time.sleep(0.1); os._exit(0)\n"
      .. "for i in range(5): os.wait()\nprint(len(x))"
    assert.equal("40000000\n", under({ memory = "120M" }, "python3", "-c", script).stdout)
  end)
end)

describe("limits.cpu", function()
  it("ends a program that computes", function()
    local seen = under({ cpu = 1 }, "sh", "-c", "while :; do :; done")
    assert.equal("limit", seen.reason)
    assert.equal("cpu", seen.limit)
  end)

  it("counts all processes together, the ended ones, too", function()
    local half = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"
    local seen = under({ cpu = 1 }, "sh", "-c", "while :; do sh -c '" .. half .. "'; done")
    assert.equal("limit", seen.reason)
    assert.equal("cpu", seen.limit)
  end)
end)

describe("limits.cpu of orphans", function()
  it("counts them when they have ended", function()
    local some = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"
    local seen = under({ cpu = 1 }, "sh", "-c",
      "while :; do (sh -c '" .. some .. "' &); sleep 0.03; done")
    assert.equal("limit", seen.reason)
    assert.equal("cpu", seen.limit)
  end)
end)

describe("limits", function()
  it("of open files give EMFILE", function()
    assert.equal("worked\n", helper.shell({ attack "descriptor_bomb", "100" }).stdout)
    assert.equal("refused EMFILE\n",
      under({ open_files = 50 }, attack "descriptor_bomb", "100").stdout)
  end)

  it("of the size of a file end who writes on", function()
    local dir <close> = helper.scratch()
    local seen = under({ file_size = "4K" }, "sh", "-c", "exec yes > " .. dir:path "f")
    assert.equal("limit", seen.reason)
    assert.equal("file_size", seen.limit)
    assert.equal(4096, #dir:read "f")
  end)

  it("of output end who fills our memory", function()
    local seen = under({ output = "100K", time = "10s" }, "sh", "-c", "yes >&2 & exec yes")
    assert.equal("limit", seen.reason)
    assert.equal("output", seen.limit)
    assert.is_true(#seen.stdout + #seen.stderr < 1 << 20)
    seen = under({ output = "100K" }, "head", "-c", "100000", "/dev/zero")
    assert.equal(100000, #seen.stdout)
    assert.is_true(seen.success)
  end)

  it("of time are told apart", function()
    local box = demilune.sandbox { limits = { time = "100ms", processes = 10 } }
    assert.equal("timeout", box:run({ "sleep", "5" }).reason)
  end)

  it("are options of the command, which says which one it was", function()
    local seen = helper.command("run", "-m", "64M", "-P", "40", "-t", "10s", "--",
      attack "memory_bomb", "200")
    assert.equal(137, seen.status)
    assert.matches("over its limit of memory", seen.stderr)
    assert.matches('"x" is no size', helper.command("run", "-m", "x", "--", "true").stderr)
    assert.matches('"0" is no whole', helper.command("run", "-P", "0", "--", "true").stderr)
  end)

  it("leave no control group behind", function()
    under({ processes = 20, memory = "64M" }, "true")
    under({ processes = 20, memory = "64M" }, attack "memory_bomb", "200")
    assert.equal("", io.popen(("find /sys/fs/cgroup -type d -name 'demilune-%s-*'"):format(
      io.open "/proc/self/stat":read "a":match "^%d+")):read "a")
  end)
end)
