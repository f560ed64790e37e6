local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

local function run(settings, script, ...)
  settings.log, settings.cwd = false, settings.cwd or "/"
  return assert(demilune.sandbox(settings):run { "/bin/sh", "-c", script, "sh", ... })
end

describe('isolate = { "pid" }', function()
  if not helper.has_namespaces() then return end

  it("shows the program its own processes only", function()
    local result = run({ isolate = { "pid" } }, "cd /proc && echo [0-9]* && echo $$ $PPID")
    assert.equal("1 2\n2 0\n", result.stdout)
  end)

  it("leaves signals of the program as they are: it is not process 1", function()
    local result = run({ isolate = { "pid" } }, "kill -TERM $$; echo survived")
    assert.equal("SIGTERM", result.signal)
    assert.equal("", result.stdout)
  end)

  it("reaps orphans, and ends what is left with the program", function()
    local result = run({ isolate = { "pid" } },
      "(sleep 0.01 &); sleep 0.1; grep -l '^State:.Z' /proc/[0-9]*/status; "
        .. "(setsid sleep 987.654 &) ; exit 3")
    assert.equal(3, result.exit_code)
    assert.equal("", result.stdout)
    assert.is_true(helper.is_gone "sleep 987.654")
  end)

  it("keeps the small process 1 out of reach", function()
    local dir <close> = helper.scratch()
    local file = dir:write("f", "")
    local seen = attack.confined({ isolate = { "pid", "mount" }, cwd = "/",
      on_missing = { devices = "degrade" }, read = { "/", table.unpack(attack.base) } }, "process", 1, file)
    assert.not_matches("mem", attack.got(seen), 1, true)
    assert.not_matches("its file", attack.got(seen), 1, true)
  end)

  it("has a process 1 that it cannot signal", function()
    helper.needs("signals", pending)	-- elsewhere the kernel ignores it, pid_namespaces(7)
    assert.matches("Operation not permitted",
      run({ isolate = { "pid" } }, "kill -9 1").stderr, 1, true)
  end)

  it("tells handlers the number that everybody outside sees", function()
    local pid, name
    local result = demilune.sandbox { isolate = { "pid" }, log = false }:run_with_handlers(
      { helper.program "probe", "getppid" }, { { "getppid", function(ctx)
        pid = ctx.pid
        local file <close> = io.open(("/proc/%d/comm"):format(pid))
        name = file:read "l"
        return demilune.returns(5)
      end } })
    assert.equal("5 0 \n", result.stdout)
    assert.is_true(pid > 3)
    assert.equal("probe", name)
  end)

  it("ends with the supervisor", function()
    local dir <close> = helper.scratch()
    os.execute(("%s -e 'sandbox { isolate = { \"pid\" } }' -- sleep 986.543 & echo $! > %s; "
      .. "sleep 0.3; kill -9 $!"):format(helper.demilune, dir:path "pid"))
    assert.is_true(helper.eventually(function()
      return helper.is_gone "sleep 986.543"
    end, 5))
  end)
end)

-- The parent of a process, as proc_pid_stat(5) has it.
local function parent_of(pid)
  local file <close> = assert(io.open(("/proc/%d/stat"):format(pid)))
  return math.tointeger(tonumber(file:read "a":match ".*%) %a (%d+)"))
end

local function start(settings, ...)
  settings.log = false
  return assert(demilune.sandbox(settings):popen { ... })
end

describe("the warden of an isolated program", function()
  if not helper.has_namespaces() then return end

  it("takes the namespace with it when it is killed", function()
    local process <close> = start({ isolate = { "pid" } }, "sh", "-c",
      "setsid sleep 985.432 & echo; wait")
    process.stdout:read "l"
    os.execute("kill -9 " .. parent_of(process.pid))
    assert.is_true(helper.eventually(function()
      return helper.is_gone "sleep 985.432"
    end, 5))
  end)

  it("is not open to others of the same user", function()
    if helper.shell { "id", "-u" }.stdout == "0\n" then pending "root may read all"; return end
    local dir <close> = helper.scratch()
    local process <close> = start({ map_root = true }, "sleep", "10")
    local seen = attack.free("process", parent_of(process.pid), dir:write("f", ""))
    assert.equal("", attack.got(seen))
  end)
end)

describe('isolate = { "mount" }', function()
  if not helper.has_namespaces() then return end

  it("has an empty, private /tmp and /dev/shm", function()
    local name = os.tmpname()
    local result = run({ isolate = { "mount" } },
      "ls -A /tmp /dev/shm; for d in /tmp /dev/shm; do echo x > $d/new && cat $d/new; done; "
        .. "cat $1", name)
    os.remove(name)
    assert.equal("/dev/shm:\n\n/tmp:\nx\nx\n", result.stdout)
    assert.is_nil(io.open "/tmp/new")
  end)

  it("makes everything else read-only, for chmod and utime, too", function()
    local result = run({ isolate = { "mount" } }, "chmod 600 /etc/passwd; "
      .. "touch -c -h /etc/passwd; cd /var/tmp && echo > new; mkdir d; mkfifo fifo")
    local _, refusals = result.stderr:gsub("Read%-only file system", "")
    assert.equal(5, refusals)
  end)

  it("leaves what is granted for writing, and shows what is granted beneath /tmp", function()
    local work <close> = helper.scratch()
    local source <close> = helper.scratch()
    source:write("f", "source\n")
    local result = run({ read = attack.also(source.root), write = { work.root },
      isolate = { "mount" } }, "cat $1/f; echo > $1/f; echo made > $2/new; cat $2/new; "
        .. "cat /etc/passwd; ls $2", source.root, work.root)
    assert.equal("source\nmade\nnew\n", result.stdout)
    assert.equal("made\n", work:read "new")
    assert.matches("f: Read-only file system", result.stderr, 1, true)
    assert.matches("/etc/passwd: Permission denied", result.stderr, 1, true)
  end)

  it("grants /proc and its files again when processes are isolated, too", function()
    local result = run({ read = attack.also "/proc", isolate = { "mount", "pid" } },
      "cd /proc && head -n1 self/status && echo [0-9]*")
    assert.equal("Name:\thead\n1 2\n", result.stdout)
    result = run({ read = attack.base, isolate = { "mount", "pid" } }, "cat /proc/self/status")
    assert.matches("Permission denied", result.stderr, 1, true)
  end)

  it("refuses to deny what would not be there", function()
    local _, message = demilune.sandbox { read = { "/" }, deny = { "/tmp/x" }, log = false,
      on_missing = { devices = "degrade" }, isolate = { "mount" } }:run { "true" }
    assert.matches("deny /tmp/x: isolation puts another directory there", message, 1, true)
  end)

  it("refuses a working directory that it hides", function()
    local dir <close> = helper.scratch()
    local _, message = demilune.sandbox { isolate = { "mount" }, cwd = dir.root, log = false }
      :run { "true" }
    assert.matches("isolation hides it; grant it, or start in another", message, 1, true)
    assert.equal(dir.root .. "\n", run({ isolate = { "mount" }, cwd = dir.root,
      read = attack.also(dir.root) }, "pwd").stdout)
  end)
end)

describe("isolate", function()
  if not helper.has_namespaces() then return end

  it("with net leaves a loopback that works, and nothing else", function()
    local process <close> = assert(demilune.sandbox { log = false }
      :popen(attack.words("tcp", "-")))
    local port = process.stdout:read "l"
    local seen = attack.confined({ isolate = { "net" } }, "tcp", port, 80)
    assert.equal("ECONNREFUSED", seen.connect)
    assert.equal("got", seen["bind to any"])
    assert.equal("lo\n", run({ isolate = { "net" } },
      "sed -n 's/^ *\\(.*\\):.*/\\1/p' /proc/net/dev").stdout)
  end)

  it("with ipc and uts gives namespaces of its own", function()
    local script = "readlink /proc/self/ns/ipc /proc/self/ns/uts /proc/self/ns/net"
    local outside = helper.shell { "sh", "-c", script }.stdout
    local inside = run({ isolate = { "ipc", "uts" } }, script).stdout
    local ipc, uts, net = outside:match "(.-)\n(.-)\n(.-)\n"
    local own_ipc, own_uts, own_net = inside:match "(.-)\n(.-)\n(.-)\n"
    assert.not_equal(ipc, own_ipc)
    assert.not_equal(uts, own_uts)
    assert.equal(net, own_net)
  end)

  it("keeps the user's own number, or maps it to 0", function()
    local uid = helper.shell { "id", "-u" }.stdout
    assert.equal(uid, run({ isolate = { "net" } }, "id -u").stdout)
    assert.equal("0\n0\n", run({ map_root = true }, "id -u; id -g").stdout)
    local dir <close> = helper.scratch()
    run({ map_root = true }, "echo > $1/f", dir.root)
    assert.equal(uid, helper.shell { "stat", "-c", "%u", dir:path "f" }.stdout)
  end)

  it("names the step when the machine does not allow it", function()
    -- a user namespace in which there may be no further one
    local seen = helper.shell { "unshare", "-Ur", "sh", "-c",
      ("echo 0 > /proc/sys/user/max_user_namespaces && exec %s -e "
        .. "'sandbox { map_root = true }' -- true"):format(helper.demilune) }
    assert.equal(125, seen.status)
    assert.matches("a user namespace, user_namespaces(7): No space left", seen.stderr, 1, true)
  end)

  it("knows its names", function()
    assert.error_matches(function() demilune.sandbox { isolate = { "pids" } } end,
      'isolate entry 1 is unknown: "pids", did you mean "pid"?', 1, true)
  end)
end)
