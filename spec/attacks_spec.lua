--- Attacks from inside. Each is tried in the sandbox, where it must be refused, and
-- without it, where it must work: else the spec could not fail.
local demilune = require "demilune"
local helper = require "spec.helper"

local is_root = os.execute "test $(id -u) = 0"

local function attack(name) return helper.program("attacks/" .. name) end

-- What the attack says: "worked", "refused EPERM", or "" with the signal that ended it.
local function tried(result)
  return (result.stdout:gsub("\n", "")), result.signal
end

local function inside(settings, name, ...)
  settings.log = false
  return tried(assert(demilune.sandbox(settings):run { attack(name), ... }))
end

local function outside(name, ...)
  return (helper.shell({ attack(name), ... }).stdout:gsub("\n", ""))
end

-- A process of the same user, with an address and a descriptor of it.
local function victim()
  local process = assert(demilune.sandbox({ log = false }):popen { attack "victim" })
  local pid, address = process.stdout:read "l":match "(%d+) (%x+x%x+)"
  return process, pid, address
end

describe("a program that calls", function()
  local namespaces = { syscalls = { allow = { "unshare" } } }

  local function is_refused(settings, errno, ...)
    local words = table.concat({ ... }, " ")
    assert.equal("worked", outside(...), words)
    assert.equal("refused " .. errno, inside(settings, ...), words)
  end

  it("unshare, clone or setns gets no new namespace", function()
    for _, way in ipairs { "unshare", "clone", "setns" } do
      is_refused({}, "EPERM", "namespace", way)
    end
    is_refused({}, "ENOSYS", "namespace", "clone3")
  end)

  it("mount or fsopen mounts nothing, not even where it is privileged", function()
    is_refused(namespaces, "EPERM", "mount", "old")
    is_refused(namespaces, "EPERM", "mount", "new")
  end)

  it("socket gets no raw socket, not even where it is privileged", function()
    is_refused(namespaces, "EPERM", "raw_socket", "inet")
    is_refused(namespaces, "EPERM", "raw_socket", "inet6")
    is_refused(namespaces, "EPERM", "raw_socket", "packet")
  end)

  it("io_uring_setup opens no file behind the filters", function()
    is_refused({}, "ENOSYS", "io_uring", "/etc/hostname")
  end)

  it("ioctl does not type into its terminal", function()
    is_refused({}, "EPERM", "tiocsti")
    is_refused({}, "EPERM", "tiocsti", "wide")
  end)

  it("add_key, shmget or mq_open leaves nothing behind", function()
    is_refused({}, "EPERM", "keyring")
    is_refused({}, "EPERM", "system_v")
    is_refused({}, "EPERM", "queue")
  end)

  it("setpriority or ioprio_set does not slow down all that a user has", function()
    for _, what in ipairs { "priority", "io" } do
      assert.equal("refused ESRCH", outside("slow_all", what))
      assert.equal("refused EPERM", (inside({}, "slow_all", what)))
    end
  end)
end)

describe("a program that uses another architecture's table", function()
  for _, name in ipairs { "x32", "int80" } do
    it("is killed: " .. name, function()
      local alone = outside(name)
      if alone ~= "worked" then pending(name .. " says: " .. alone) end
      local said, signal = inside({}, name)
      assert.equal("", said)
      assert.equal("SIGSYS", signal)
    end)
  end
end)

describe("a program that reaches into another", function()
  local process, pid, address

  before_each(function() process, pid, address = victim() end)
  after_each(function() process:close() end)

  it("cannot trace it", function()
    assert.equal("worked", outside("ptrace", pid))
    assert.equal("refused EPERM", inside({}, "ptrace", pid))
  end)

  it("cannot write into its memory", function()
    assert.equal("worked", outside("process_vm", pid, address))
    assert.equal("refused EPERM", inside({}, "process_vm", pid, address))
  end)

  it("cannot limit its CPU time, which would kill it", function()
    assert.equal("worked", outside("limit", pid))
    assert.equal("refused EPERM", inside({}, "limit", pid))
  end)

  it("cannot take its descriptors", function()
    assert.equal("worked", outside("pidfd_getfd", pid, "0"))
    assert.equal("refused EPERM", inside({}, "pidfd_getfd", pid, "0"))
  end)
end)

describe("a program that reaches into its supervisor", function()
  local supervisor = io.open "/proc/self/stat":read "a":match "^%d+"
  local everything = { syscalls = { allow = { "%ptrace" } } }

  it("does not even if the calls are allowed: the supervisor is closed to it", function()
    local process, pid, address = victim()
    assert.equal("worked", outside("proc_mem", pid, address))
    assert.equal("refused EPERM", inside(everything, "ptrace", supervisor))
    assert.equal("refused EPERM", inside(everything, "process_vm", supervisor, address))
    assert.equal("refused EPERM", inside(everything, "pidfd_getfd", supervisor, "0"))
    assert.equal("refused EACCES", inside({}, "proc_mem", supervisor, address))
    process:close()
  end)
end)

describe("a program that leaves a process behind", function()
  it("loses it when the run ends, whatever its session and parent", function()
    local name = "left-behind-" .. math.random(1 << 30)
    assert.equal("worked", outside("double_fork", name))
    assert.is_false(helper.is_gone(name))
    name = name .. "-inside"
    assert.equal("worked", inside({}, "double_fork", name))
    assert.is_true(helper.is_gone(name))
  end)
end)

describe("a program that finds a descriptor", function()
  it("finds none that was not given", function()
    local left_open = { redirect = "9</etc" }
    local words = { attack "inherited_fd", "hostname" }
    assert.equal("worked\n", helper.shell(words, left_open).stdout)
    assert.equal("refused EBADF\n",
      helper.shell({ helper.demilune, "run", "--", table.unpack(words) }, left_open).stdout)
  end)
end)

describe("a setuid program", function()
  it("gives no privilege", function()
    if not is_root then pending "only root can make one for root" return end
    local dir <close> = helper.scratch()
    local path = dir:path "setuid"
    os.execute(("cp %s %s && chmod 4755 %s"):format(attack "setuid", path, path))
    assert.equal("worked\n", helper.shell({ "setpriv", "--reuid=65534", "--regid=65534",
      "--clear-groups", path }).stdout)
    local seen = demilune.sandbox({ uid = 65534, gid = 65534 }):run { path }
    assert.equal("refused EPERM\n", seen.stdout)
  end)
end)

describe("a program that crashes", function()
  it("leaves no core", function()
    local dir <close> = helper.scratch()
    local function cores() return io.popen("ls " .. dir:path()):read "a":match "core" end
    os.execute(("cp %s %s"):format(attack "core", dir:path "crash"))
    local box = demilune.sandbox { cwd = dir:path(), log = false }
    assert.equal("SIGABRT", box:run({ "./crash" }).signal)
    assert.is_nil(cores())
    helper.shell { "sh", "-c", ("cd %s && ulimit -c unlimited && ./crash"):format(dir:path()) }
    if not cores() then pending "core_pattern or a limit keeps cores from here anyway" end
  end)
end)
