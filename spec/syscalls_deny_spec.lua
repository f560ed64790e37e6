--- The static layer: calls that the kernel refuses by itself.
local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local run = helper.run

local function under(syscalls) return { syscalls = syscalls } end

describe("the deny program", function()
  it("decides as its tables say, in a BPF interpreter", function()
    local seen = helper.shell { helper.program "filter_check" }
    assert.matches("%d+ decisions\n$", seen.stdout)
    assert.equal(0, seen.status)
  end)

  it("gives each call of the list its errno", function()
    for _, denial in ipairs(core.sandbox():denials()) do
      if denial.when == "" and core.syscall_number(denial.syscall) then
        assert.equal(denial.errno, run({ denial.syscall }).errno, denial.syscall)
      end
    end
  end)

  it("gives every entry a reason and a family", function()
    for _, denial in ipairs(core.sandbox():denials()) do
      assert.matches("%w+ %w+", denial.reason, denial.syscall)
      assert.matches("^%%%w+", denial.family, denial.syscall)
    end
  end)

  it("lets clone through but for its namespace flags", function()
    local CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
    assert.equal("EPERM", run({ "clone", CLONE_NEWUSER | 17 }).errno)
    assert.equal("EPERM", run({ "clone", 1 << 32 | CLONE_NEWNS }).errno)
    assert.is_true(run({ "clone", 17 }).result >= 0)
  end)

  it("lets unshare through but for its namespace flags", function()
    local CLONE_FS, CLONE_NEWTIME = 0x200, 0x80
    assert.equal("0", run({ "unshare", CLONE_FS }).errno)
    assert.equal("EPERM", run({ "unshare", CLONE_FS | CLONE_NEWTIME }).errno)
  end)

  it("lets the personality be read, and no more", function()
    assert.equal("0", run({ "personality", 0xffffffff }).errno)
    assert.equal("0", run({ "personality", -1 }).errno)
    assert.equal("EPERM", run({ "personality", 0x0040000 }).errno)
    assert.equal("EPERM", run({ "personality", 0 }).errno)
  end)

  it("keeps the program readable for the supervisor", function()
    local PR_SET_DUMPABLE, PR_GET_DUMPABLE = 4, 3
    assert.equal("EPERM", run({ "prctl", PR_SET_DUMPABLE, 0 }).errno)
    assert.equal("EPERM", run({ "prctl", PR_SET_DUMPABLE, 1 << 32 }).errno)
    assert.equal("0", run({ "prctl", PR_GET_DUMPABLE }).errno)
  end)

  it("lets an unrestricted run have the sockets that ordinary programs have", function()
    local AF_INET, AF_UNIX, AF_NETLINK, AF_VSOCK, STREAM, DGRAM, RAW = 2, 1, 16, 40, 1, 2, 3
    for _, socket in ipairs { { AF_INET, STREAM }, { AF_INET, DGRAM }, { AF_NETLINK, RAW },
      { AF_UNIX, DGRAM } } do
      assert.equal("0", run({ "socket", socket[1], socket[2], 0 }).errno)
    end
    assert.equal("EPERM", run({ "socket", AF_VSOCK, STREAM, 0 }).errno)
  end)
end)

describe("syscalls.allow", function()
  it("takes a call off the list", function()
    assert.equal("EPERM", run({ "kcmp", 1, 1, 99 }).errno)
    assert.not_equal("EPERM", run({ "kcmp", 0, 0, 99 }, nil, under { allow = { "kcmp" } }).errno)
  end)

  it("takes a family off the list", function()
    local seen = run({ "shmget", 0, 4096, 0x180 }, nil, under { allow = { "%ipc" } })
    assert.equal("0", seen.errno)
    os.execute("ipcrm -m " .. seen.result)
    assert.equal("EPERM", run({ "mount" }, nil, under { allow = { "%ipc" } }).errno)
  end)

  it("names what it does not know", function()
    local box = demilune.sandbox { syscalls = { allow = { "mountt" } } }
    local _, message = box:run { "true" }
    assert.matches('unknown system call "mountt"', message)
    _, message = demilune.sandbox { syscalls = { allow = { "%ipcs" } } }:run { "true" }
    assert.matches('no family of denied system calls "%%ipcs"', message)
  end)
end)

describe("syscalls.deny", function()
  it("denies one more call, also against allow", function()
    local seen = run("getppid", nil, under { deny = { "getppid" }, allow = { "getppid" } })
    assert.equal("EPERM", seen.errno)
  end)
end)

describe("a handler", function()
  local function answer() return demilune.returns(42) end

  it("cannot undo a static denial", function()
    local AF_PACKET, AF_INET = 17, 2
    assert.equal("EPERM", run({ "socket", AF_PACKET, 3, 0 }, answer).errno)
    assert.equal(42, run({ "socket", AF_INET, 1, 0 }, answer).result)
  end)

  it("is refused for a call that it would never see", function()
    local box = demilune.sandbox { log = false }
    local result, message = box:run_with_handlers({ "true" }, { { "mount", answer } })
    assert.is_nil(result)
    assert.matches("the static filter denies mount: the handler could never run; "
      .. 'allow it with syscalls = { allow = { "mount" } }', message, 1, true)
  end)

  it("is refused for a call that the sandbox denies", function()
    local box = demilune.sandbox { log = false, syscalls = { deny = { "getppid" } } }
    local result, message = box:run_with_handlers({ "true" }, { { "getppid", answer } })
    assert.is_nil(result)
    assert.matches("the sandbox denies getppid", message)
  end)

  it("on a family is bound to those of it that it can see", function()
    local box = demilune.sandbox { log = false }
    local seen = box:run_with_handlers(helper.probe { "socket", 1, 1, 0 }, {
      { "%ipc", function() return demilune.continue() end }, { { "%net", "mount*" }, answer } })
    assert.matches("^42 ", seen.stdout)
    local _, message = box:run_with_handlers({ "true" }, { { "mount*", answer } })
    assert.matches("the static filter denies mount", message)
    _, message = box:run_with_handlers({ "true" }, { { { "%file", "chroot" }, answer } })
    assert.matches("the static filter denies chroot", message)
  end)

  it("decides a call that was taken off the list", function()
    assert.equal(42, run({ "mount" }, answer, under { allow = { "mount" } }).result)
  end)
end)

describe("restricted sockets", function()
  local INET, INET6, UNIX, NETLINK, STREAM, DGRAM, SEQPACKET = 2, 10, 1, 16, 1, 2, 5
  local UDP, ICMP, MPTCP, SCTP = 17, 1, 262, 132

  -- The errno of socket(domain, type, protocol) where only these kinds are allowed.
  local function socket(kinds, ...)
    local sb <close> = core.sandbox()
    sb:stdio(1, "capture")
    assert(sb:restrict_sockets(table.unpack(kinds)))
    local process <close> = assert(sb:start(helper.probe { "socket", ... }))
    process:wait()
    return process:output(1):match "^%S+ (%w+)"
  end

  it("are those of AF_UNIX and TCP", function()
    assert.equal("0", socket({}, UNIX, DGRAM, 0))
    assert.equal("0", socket({}, INET, STREAM, 0))
    assert.equal("0", socket({}, INET6, STREAM, 6))
    for _, other in ipairs { { INET, DGRAM, 0 }, { INET6, DGRAM, UDP }, { INET, DGRAM, ICMP },
      { NETLINK, DGRAM, 0 }, { INET, STREAM, MPTCP }, { INET, STREAM, SCTP },
      { INET, SEQPACKET, SCTP } } do
      assert.equal("EPERM", socket({}, table.unpack(other)), table.concat(other, " "))
    end
  end)

  it("are those that were named, too", function()
    assert.equal("0", socket({ "udp" }, INET, DGRAM, UDP))
    assert.equal("EPERM", socket({ "udp" }, INET, DGRAM, ICMP))
    assert.equal("EPERM", socket({ "icmp" }, INET6, DGRAM, 0))
    assert.equal("0", socket({ "netlink" }, NETLINK, DGRAM, 0))
  end)

  it("are what a sandbox with net has", function()
    local net = { udp = true }
    assert.equal("0", run({ "socket", INET, DGRAM, 0 }, nil, { net = net }).errno)
    assert.equal("EPERM", run({ "socket", INET, DGRAM, 0 }, nil, { net = {} }).errno)
    assert.equal("EPERM", run({ "socket", NETLINK, DGRAM, 0 }, nil, { net = net }).errno)
  end)
end)
