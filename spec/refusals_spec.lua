--- What a run that explains says of the deny list, of ports, and at its end.
local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"
local refusals = require "demilune.refusals"

local here = os.getenv "PWD" .. "/" .. helper.build
local is_root = os.execute "test $(id -u) = 0"

-- One probe under explain: the errno, and what was said.
local function try(call, how)
  how = how or {}
  how.explain, how.log = true, false
  local result = assert(demilune.sandbox(how):run(helper.probe(call)))
  return result.stdout:match "^%-?%d+ (%w+)", result.denials, result
end

describe("under explain a call of the deny list", function()
  it("fails as without it, and is told", function()
    for _, denial in ipairs(core.sandbox():denials()) do
      if denial.when == "" and core.syscall_number(denial.syscall) then
        local errno, told = try({ denial.syscall })
        assert.equal(denial.errno, errno, denial.syscall)
        assert.equal(1, #told, denial.syscall)
        assert.equal(denial.syscall, told[1].syscall)
        assert.equal(denial.errno, told[1].errno)
      end
    end
  end)

  it("comes with the rule that frees it", function()
    helper.needs("tcp", pending)
    local function rule(call, how)
      local _, told = try(call, how)
      return told[1] and told[1].rule
    end
    assert.equal('syscalls = { allow = { "ptrace" } }', rule { "ptrace" })
    assert.is_nil(rule({ "ptrace" }, { syscalls = { allow = { "ptrace" } } }))
    assert.equal('syscalls = { allow = { "%raw" } }', rule { "socket", 2, 3, 0 })
    assert.is_nil(rule({ "socket", 2, 3, 0 }, { syscalls = { allow = { "%raw" } } }))
    assert.equal('not syscalls = { deny = { "getppid" } }',
      rule({ "getppid" }, { syscalls = { deny = { "getppid" } } }))
    assert.equal("net = { udp = true }", rule({ "socket", 2, 2, 0 }, { net = { connect = { 1 } } }))
    assert.is_nil(rule({ "socket", 2, 2, 0 }, { net = { connect = { 1 }, udp = true } }))
    assert.equal("net = { netlink = true }", rule({ "socket", 16, 3, 0 }, { net = {} }))
    assert.equal("net = { connect = { ... } }", rule({ "socket", 2, 1, 0 }, { net = {} }))
    assert.equal("net = { bind = { ... } }", rule({ "listen", 0, 1 }, { net = { connect = { 1 } } }))
    -- of no descriptor: should nothing refuse it, nothing may come of it
    local read = { read = { "/" } }
    assert.equal('syscalls = { allow = { "fchmod" } }', rule({ "fchmod", 99, 0 }, read))
    assert.is_nil(rule({ "fchmod", 99, 0 }, { read = { "/" }, syscalls = { allow = { "fchmod" } } }))
  end)

  local CLONE_NEWUSER, TIOCSTI, PR_SET_DUMPABLE = 0x10000000, 0x5412, 4

  it("is refused by the lower half of its arguments, as without it", function()
    local wide = 1 << 32
    for _, call in ipairs { { "unshare", CLONE_NEWUSER }, { "unshare", wide | 0x80 },
      { "clone", wide | CLONE_NEWUSER }, { "ioctl", 0, wide | TIOCSTI, 0 },
      { "prctl", PR_SET_DUMPABLE, wide }, { "personality", 0 }, { "socket", wide | 17, 3, 0 },
      { "socket", 10, 3 | 0x80000, 0 }, { "socket", 40, 1, 0 } } do
      local errno, told = try(call)
      assert.equal("EPERM", errno, call[1])
      assert.equal(call[1], told[1].syscall)
    end
    for _, call in ipairs { { "unshare", 0x200 }, { "clone", 17 }, { "ioctl", 0, 0x5401, "-" },
      { "prctl", PR_SET_DUMPABLE, 1 }, { "prctl", 3 }, { "personality", wide - 1 },
      { "socket", 1, 1, 0 }, { "socket", 2, 1, 0 } } do
      local _, told = try(call)
      assert.same({}, told, call[1])
    end
  end)

  it("is heard of by nobody when its arguments are fine: a plain fork costs nothing", function()
    local _, _, result = try({ "clone", 17 })
    assert.equal(0, result.stats.calls)
  end)

  it("reaches no handler, and a handler cannot be bound to it", function()
    local asked = 0
    local box = demilune.sandbox { explain = true, log = false }
    local result = assert(box:run_with_handlers(helper.probe { "unshare", CLONE_NEWUSER },
      { { "unshare", function() asked = asked + 1 return demilune.returns(0) end } }))
    assert.matches("^%-1 EPERM", result.stdout)
    assert.equal(0, asked)
    assert.equal(1, #result.denials)
    result = assert(box:run_with_handlers(helper.probe { "unshare", 0x200 },
      { { "unshare", function() asked = asked + 1 return demilune.returns(7) end } }))
    assert.matches("^7 ", result.stdout)
    assert.equal(1, asked)
    local started, message = box:run_with_handlers({ "true" }, { { "ptrace", print } })
    assert.is_nil(started)
    assert.matches("the static filter denies ptrace", message, 1, true)
  end)

  it("that comes while another handler does not return is refused all the same", function()
    local box = demilune.sandbox { explain = true, log = false, script = { time = "300ms" } }
    local sleeps = { on_exception = "continue", handle = function()
      while true do end
    end }
    local result = assert(box:run_with_handlers({ "sh", "-c",
      helper.program "probe" .. " getppid & sleep 0.1; " .. helper.program "probe" .. " ptrace; wait" },
      { { "getppid", demilune.handler(sleeps) } }))
    assert.matches("%-1 EPERM", result.stdout)
    assert.equal("ptrace", result.denials[1].syscall)
  end)

  for _, name in ipairs { "x32", "int80" } do
    it("of another architecture kills, as without it: " .. name, function()
      local attack = helper.program("attacks/" .. name)
      if helper.shell({ attack }).stdout ~= "worked\n" then return pending "this kernel lacks it" end
      assert.equal("SIGSYS", demilune.sandbox({ explain = true, log = false }):run({ attack }).signal)
    end)
  end
end)

describe("explain says of sockets", function()
  local function endpoints(how, port)
    local dir <close> = helper.scratch()
    os.execute("chmod 777 " .. dir:path())
    how.log = false
    local words = { here .. "/spec/endpoints", tostring(port), dir:path "socket" }
    local result = assert(demilune.sandbox(how):run(words))
    local seen = {}
    for name, errno in result.stdout:gmatch "([^\n]+): ([^\n]+)\n" do seen[name] = errno end
    return seen, result.denials
  end

  local function rules(denials)
    local list = {}
    for i, denial in ipairs(denials) do list[i] = denial.rule .. " " .. denial.count end
    table.sort(list)
    return list
  end

  it("what Landlock refused, and no more", function()
    helper.needs("tcp", pending)
    local how = { net = { connect = { 1 }, bind = { 1 }, udp = true } }
    local plain = endpoints(how, 40961)
    how.explain = true
    local seen, denials = endpoints(how, 40961)
    assert.same(plain, seen)
    for _, name in ipairs { "connect", "bind", "connect v6" } do
      assert.equal("EACCES", seen[name], name)
    end
    assert.same({ "net = { bind = { 40961 } } 1", "net = { connect = { 40961 } } 2" }, rules(denials))
  end)

  it("nothing of what the rules allow", function()
    helper.needs("tcp", pending)
    local how = { explain = true, net = { connect = { 40961 }, bind = { 40961 }, udp = true } }
    local seen, denials = endpoints(how, 40961)
    assert.equal("0", seen.bind)
    assert.same({}, denials)
  end)

  it("that a path of a UNIX socket must be in a directory that is granted", function()
    local how = { explain = true, read = { "/usr", "/lib", "?/lib64", here, "/tmp" } }
    local seen, denials = endpoints(how, 40961)
    assert.equal("EACCES", seen["bind a path"])
    local list = rules(denials)
    assert.matches('^write = { "/[^"]+" } 1$', list[#list])
  end)
end)

describe("a run that explains", function()
  local base = { "/usr", "/lib", "?/lib64", "/bin", here }

  it("tells what a handler let through, not what a handler refused", function()
    local function told(action)
      local result = assert(demilune.sandbox { explain = true, log = false, read = base }
        :run_with_handlers({ here .. "/spec/probe", "openat", "-100", "/etc/passwd", "0" },
          { { "openat", function(ctx)
            return ctx:read_path() == "/etc/passwd" and action or demilune.continue()
          end } }))
      local list = {}
      for _, denial in ipairs(result.denials) do
        if denial.path == "/etc/passwd" then list[#list + 1] = denial.errno end
      end
      return list
    end
    assert.same({}, told(demilune.deny "EIO"))
    assert.same({ "EACCES" }, told(demilune.continue()))
  end)

  it("counts equal refusals and keeps 256 different ones", function()
    local script = "i=0; while [ $i -lt 300 ]; do echo >/nowhere-$i; i=$((i+1)); done"
    local result = assert(demilune.sandbox { explain = true, log = false, read = base }
      :run { "sh", "-c", "exec 2>&-; for i in 1 2 3 4 5 6 7; do echo </etc/passwd; done; " .. script })
    assert.equal(256, #result.denials)
    assert.is_true(result.denials_left_out > 0)
    local counts = {}
    for _, denial in ipairs(result.denials) do counts[denial.path or ""] = denial.count end
    assert.equal(7, counts["/etc/passwd"])
  end)

  it("costs nothing unless it is asked for", function()
    local result = assert(demilune.sandbox { log = false, read = base }:run { "true" })
    assert.is_nil(result.denials)
    assert.equal(0, result.stats.calls)
  end)

  it("sees the files of its own namespaces", function()
    local how = { explain = true, log = false, read = base, isolate = { "pid", "mount" }, cwd = "/" }
    local result, message = demilune.sandbox(how):run { "sh", "-c",
      "echo >/tmp/x; cat /tmp/x /proc/self/stat; : </etc/passwd" }
    if not result then return pending(message) end
    local paths = {}
    for _, denial in ipairs(result.denials) do paths[denial.path or ""] = denial.errno end
    assert.equal("EACCES", paths["/etc/passwd"])
    assert.is_nil(paths["/tmp/x"])
  end)

  it("looks with the permissions of the program's user", function()
    if not is_root then return pending "needs root to become another user" end
    local dir <close> = helper.scratch()
    os.execute(("chmod 700 %s; chown 65534 %s; echo >%s/f; install -m 0 /dev/null %s/none")
      :format(dir:path(), dir:path(), dir:path(), dir:path()))
    local function told(uid, file)
      local _, list = try({ "openat", -100, dir:path(file), 0 },
        { uid = uid, gid = 65534, read = { "/usr", "/lib", "?/lib64", here, "/etc" } })
      return #list
    end
    if not os.execute("setpriv --reuid=65534 --regid=65534 --clear-groups test -x "
      .. here .. "/spec/probe") then return pending "the tree is closed to other users" end
    assert.equal(1, told(65534, "f"))
    assert.equal(0, told(65534, "none"))
    assert.equal(0, told(65533, "f"))
  end)
end)

describe("demilune run --explain", function()
  local words = { "-r", "/usr", "-r", "/lib", "-r", "?/lib64", "-r", "/bin" }

  local function command(...)
    local all = table.move(words, 1, #words, 2, { "run" })
    for _, word in ipairs { ... } do all[#all + 1] = word end
    return helper.command(table.unpack(all))
  end

  it("ends with an aligned list", function()
    local seen = command("--explain", "--", "sh", "-c",
      "(: </etc/passwd); (: </etc/passwd); unshare -n true; true")
    assert.equal(0, seen.status)
    assert.matches("explain: refused by the static layer, and what would allow it:\n", seen.stderr)
    assert.matches('\n  2  openat +EACCES  /etc/passwd +read = { "/etc/passwd" }\n', seen.stderr)
    assert.matches('\n  1  unshare  EPERM   with a CLONE_NEW flag +syscalls = { allow = '
      .. '{ "unshare" } }\n', seen.stderr)
  end)

  it("says so when nothing was refused", function()
    local seen = helper.command("run", "--explain", "--", "/bin/true")
    assert.equal("explain: nothing was refused by the static layer\n", seen.stderr)
    assert.equal("", command("--", "sh", "-c", "true").stderr)
  end)

  it("tells why a program could not even start", function()
    local seen = helper.command("run", "--explain", "-r", "/etc", "--", "/bin/true")
    assert.equal(126, seen.status)
    assert.matches('execve  EACCES  /usr/bin/true +read = { "/usr/bin/true" }', seen.stderr)
  end)

  it("is in the JSON lines and in --status-fd's exit event", function()
    local seen = command("--explain", "--json", "--", "sh", "-c", "(: </etc/passwd); true")
    assert.matches('{"v":1,"type":"denial","pid":%d+,"call":"openat","path":"/etc/passwd","kind":'
      .. '"read","errno":"EACCES","count":1,"rule":"read = { \\"/etc/passwd\\" }"}\n', seen.stderr)
    seen = command("--explain", "--status-fd", "1", "--", "sh", "-c", "(: </etc/passwd); true")
    assert.matches('"event":"exit".*"denials":%[{.*"path":"/etc/passwd"', seen.stdout)
  end)
end)

describe("the text of a refusal", function()
  it("cannot steer a terminal", function()
    local list = refusals.explain { { kind = "read", syscall = "openat", errno = "EACCES", count = 1,
      path = "/\27[2J\n", grant = "/\27[2J\n" } }
    for _, line in ipairs(refusals.lines(list, 0)) do assert.not_matches("[\27\n]", line) end
  end)

  it("names all of /proc where a process is meant", function()
    local list = refusals.explain { { kind = "read", grant = "/proc/12/mounts" },
      { kind = "read", grant = "/proc/sys/x" } }
    assert.equal('read = { "/proc" }', list[1].rule)
    assert.equal('read = { "/proc/sys/x" }', list[2].rule)
  end)
end)
