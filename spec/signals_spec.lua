local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

-- Somebody of the same user, outside of every sandbox.
local function sibling()
  local pipe = assert(io.popen("echo $$; exec sleep 60"))
  return pipe, math.tointeger(tonumber(pipe:read "l"))
end

local function own_pid()
  local file <close> = assert(io.open "/proc/self/stat")
  return math.tointeger(file:read "n")
end

describe("a signal from any sandbox", function()
  it("reaches what runs inside, not the warden, the supervisor or anybody else", function()
    helper.needs("signals", pending)
    local pipe, pid = sibling()
    local seen = attack.confined({}, "signals", own_pid(), pid)
    local free = attack.free("signals", own_pid(), pid)
    os.execute("kill " .. pid)
    pipe:close()
    assert.equal("child, itself", attack.got(seen))
    assert.equal("EPERM", seen.parent)
    assert.equal("", attack.refused(free))
  end)

  it("still ends its own pipelines and groups", function()
    local result = demilune.sandbox { log = false }:run { "sh", "-c",
      "sleep 60 & kill $! && wait $!; echo $?; yes | head -1; timeout 0.1 sleep 60; echo $?" }
    assert.equal("143\ny\n124\n", result.stdout)
  end)
end)

-- CAP_PERFMON may read /proc/PID/environ and maps since Linux 6.15, whatever Landlock says.
local function got_by_root(seen)
  seen.environ, seen.maps = nil, nil
  return attack.got(seen)
end

describe("the warden and the supervisor", function()
  it("cannot be looked into through /proc", function()
    local dir <close> = helper.scratch()
    local file = dir:write("f", "")
    local result = demilune.sandbox { log = false }:run { "sh", "-c",
      ('exec %s $PPID %s'):format(attack.program "process", file) }
    assert.equal("", got_by_root(attack.parse(result.stdout)))
    local seen = attack.confined({}, "process", own_pid(), file)
    assert.equal("", got_by_root(seen))
  end)

  it("could be without a sandbox", function()
    local dir <close> = helper.scratch()
    local pipe, pid = sibling()
    local seen = attack.free("process", pid, dir:write("f", ""))
    os.execute("kill " .. pid)
    pipe:close()
    assert.equal("", attack.refused(seen))
  end)
end)

describe("a host that ignores SIGCHLD", function()
  it("still hears of the end", function()
    local seen = helper.shell { "timeout", "10", "env", "--ignore-signal=CHLD", helper.demilune,
      "run", "--", "sh", "-c", "exit 3" }
    assert.equal(3, seen.status)
  end)
end)
