local demilune = require "demilune"
local helper = require "spec.helper"

local perform = demilune.perform

local function performed(call) return helper.run(call, function() return perform() end) end

-- What a program sees is the same with the call made for it. make() gives each of the
-- two a scratch directory as it wants it.
local function assert_same(call, make)
  local seen = {}
  for i, run in ipairs { helper.run, performed } do
    local dir <close> = helper.scratch()
    if make then make(dir) end
    local words = {}
    for j, word in ipairs(call) do words[j] = tostring(word):gsub("^@", dir.root .. "/") end
    local result = run(words)
    assert.same({}, result.errors)
    seen[i] = ("%s %s %s"):format(result.result, result.errno,
      result.bytes:gsub(dir.root, "@"))
  end
  assert.equal(seen[1], seen[2], table.concat(call, " "))
end

local AT_FDCWD = -100

local function shell(script, handlers, settings)
  settings = settings or {}
  settings.log = false
  return assert(demilune.sandbox(settings):run_with_handlers({ "sh", "-c", script }, handlers))
end

local opens = { { "openat", function() return perform() end } }

describe("a performed call", function()
  it("opens what the kernel would, and fails as it would", function()
    for _, path in ipairs { "/etc/passwd", "/", "/nowhere", "/etc/passwd/x", "", ".", "/dev/null" } do
      assert_same { "openat", AT_FDCWD, path, 0 }
      assert_same { "open", path, 1 }
    end
    assert_same({ "creat", "@new", 416 })
    assert_same({ "openat", AT_FDCWD, "@loop", 0 },
      function(dir) os.execute("ln -s loop " .. dir:path "loop") end)
  end)

  it("looks at files as the kernel would", function()
    for _, path in ipairs { "/etc/passwd", "/nowhere", "/proc/self/exe", "/bin" } do
      assert_same { "access", path, 4 }
      assert_same { "faccessat2", AT_FDCWD, path, 1, 256 }
      assert_same { "newfstatat", AT_FDCWD, path, "-", 256 }
      assert_same { "statx", AT_FDCWD, path, 0, 4095, "-" }
      assert_same { "readlink", path, "-", 4096 }
    end
  end)

  it("changes names as the kernel would", function()
    local function file(dir) dir:write("a", "text") end
    assert_same({ "unlink", "@a" }, file)
    assert_same({ "rmdir", "@a" }, file)
    assert_same({ "mkdir", "@b", 493 }, file)
    assert_same({ "rename", "@a", "@b" }, file)
    assert_same({ "link", "@a", "@b" }, file)
    assert_same({ "symlink", "a", "@b" }, file)
    assert_same({ "mknod", "@b", 4480, 0 }, file)
  end)

  it("changes attributes as the kernel would", function()
    local function file(dir) dir:write("a", "text") end
    assert_same({ "chmod", "@a", 256 }, file)
    assert_same({ "chown", "@a", -1, -1 }, file)
    assert_same({ "chown", "@a", 0, 0 }, file)
    assert_same({ "truncate", "@a", 2 }, file)
    assert_same({ "utimensat", AT_FDCWD, "@a", 0, 0 }, file)
  end)

  it("needs no path", function()
    assert_same { "uname", "-" }
    assert.equal(16, performed({ "getrandom", "-", 16, 0 }).result)
    assert.equal(0, performed({ "clock_gettime", 1, "-" }).result)
    assert_same { "clock_gettime", 99, "-" }
  end)

  it("honours the umask and the directory of the caller", function()
    local dir <close> = helper.scratch()
    local result = shell("cd " .. dir.root .. "; umask 027; : > f; umask 0; mkdir d; stat -c %a f d",
      { { { "openat", "mkdir", "newfstatat" }, function() return perform() end } })
    assert.equal("640\n777\n", result.stdout)
  end)

  it("fails with EFAULT and ENAMETOOLONG for a path that cannot be copied", function()
    assert_same { "openat", AT_FDCWD, 8, 0 }
    assert_same { "openat", AT_FDCWD, ("x"):rep(5000), 0 }
    assert_same { "newfstatat", AT_FDCWD, "/", 8, 0 }
  end)
end)

describe("a performed path", function()
  it("means the program where the supervisor's own would be meant", function()
    local result = shell("read -r line < /proc/self/comm; echo $line; exec 9< /etc/passwd; "
      .. "readlink /proc/self/fd/9; cat /dev/fd/9 | head -c 4; echo; "
      .. "readlink /proc/thread-self/root; echo out > /dev/stdout; cat < /proc/self/comm",
      { { { "openat", "readlink", "readlinkat" }, function() return perform() end } })
    assert.equal("sh\n/etc/passwd\nroot\n/\nout\nsh\n", result.stdout)
    assert.same({}, result.errors)
  end)

  it("shows the processes that perform as they are to the program, closed", function()
    local script = "for p in /proc/[0-9]*; do read -r c < $p/comm && "
      .. '[ "$c" = demi-performer ] && echo $p && e=$p/environ && cat $e $e $e $e; done 2>&1'
    local result = shell("setpriv --bounding-set=-all sh -c '" .. script .. "'", opens)
    assert.matches("/proc/%d+\n", result.stdout)
    assert.matches("environ: Permission denied", result.stdout)
    assert.not_matches("PATH=", result.stdout)
    assert.same({}, result.errors)
  end)

  it("can be asked for as it leads on, links followed as the call would", function()
    local dir <close> = helper.scratch()
    local seen = {}
    local result = shell("cd " .. dir.root .. "; mkdir d; ln -s d l; ln -s l/f ll; : > ll; mkdir l/n; "
      .. "readlink ll; rm l/../l/f; cat /dev/stdin < ll; cat /proc/self/comm > /dev/null",
      { { { "openat", "mkdir", "readlink", "unlinkat" }, function(ctx)
        local path, message, errno = ctx:real_path()
        path = path and path:gsub("^" .. dir.root, "@"):gsub("/proc/%d+", "/proc/N")
        table.insert(seen, path or errno)
        return path and perform() or demilune.deny(errno), message
      end } })
    seen = table.concat(seen, " ")
    for _, path in ipairs { "@/d/f", "@/d/n", "@/ll", "/proc/N/comm" } do
      assert.is_true(seen:find(path, 1, true) ~= nil, path .. " in " .. seen)
    end
    assert.equal("l/f\n", result.stdout)
  end)

  it("can be another one than the program passed", function()
    local dir <close> = helper.scratch()
    local path = dir:write("real", "replaced\n")
    local result = shell("cat /etc/hostname", { { "openat", function(ctx)
      if ctx:read_path() == "/etc/hostname" then return perform { path = path } end
      return perform()
    end } })
    assert.equal("replaced\n", result.stdout)
  end)

  it("gives a directory for O_PATH, and refuses O_PATH of anything else", function()
    assert.is_true(performed({ "openat", AT_FDCWD, "/etc", 2097152 }).result > 2)
    local seen = performed { "openat", AT_FDCWD, "/etc/passwd", 2097152 }
    assert.equal("EOPNOTSUPP", seen.errno)
    assert.matches("O_PATH of what is not a directory", seen.errors[1].message)
  end)
end)

describe("perform()", function()
  it("shows its function what came of the call, before the program sees it", function()
    local results = {}
    local function look(result, name, number) table.insert(results, { result, name, number }) end
    for _, path in ipairs { "/etc/passwd", "/nowhere" } do
      helper.run({ "openat", AT_FDCWD, path, 0 }, function(ctx)
        if ctx:read_path() ~= path then return perform() end
        return perform(look)
      end)
    end
    assert.equal(2, #results)
    assert.is_true(results[1][1] > 2)
    assert.same({ nil, "ENOENT", 2 }, { table.unpack(results[2], 1, 3) })
  end)

  it("applies the exception policy when its function raises", function()
    local seen = helper.run({ "mkdir", "/nowhere/x", 448 }, { on_exception = "deny_eperm",
      handle = function() return perform(function() error "bad luck" end) end })
    assert.equal("EPERM", seen.errno)
    assert.matches("bad luck", seen.errors[1].message)
  end)

  it("is refused for a call that it does not know, by name", function()
    local seen = helper.run("getppid", { on_exception = "deny_eio",
      handle = function() return perform() end })
    assert.equal("EIO", seen.errno)
    assert.matches("perform%(%) does not know the call getppid", seen.errors[1].message)
  end)

  it("checks its arguments when it is made", function()
    assert.error_matches(function() perform { path = "" } end, "a path is not empty")
    assert.error_matches(function() perform { path = "a\0b" } end, "has no NUL")
    assert.error_matches(function() perform { paht = "a" } end, 'unknown option "paht"')
    assert.error_matches(function() perform { path = ("x"):rep(5000) } end, "name too long")
    assert.equal("perform()", tostring(perform()))
    assert.equal(perform { path = "/a" }, perform { path = "/a" })
    assert.not_equal(perform { path = "/a" }, perform())
  end)
end)

describe("a performed call in a sandbox", function()
  it("reaches no further than the program", function()
    local dir <close> = helper.scratch()
    local ok, box = pcall(demilune.sandbox, { log = false, write = { dir.root },
      read = { "/usr", "/bin", "/lib", "/lib64", helper.build } })
    if not ok then return pending(box) end
    local call = { { "openat", "mkdir", "truncate" }, function() return perform() end }
    for words, errno in pairs {
      [{ "openat", AT_FDCWD, "/etc/passwd", 0 }] = "EACCES", [{ "mkdir", "/tmp/x", 448 }] = "EACCES",
      [{ "truncate", "/etc/passwd", 0 }] = "EACCES", [{ "mkdir", dir:path "x", 448 }] = "0",
    } do
      local seen = assert(box:run_with_handlers(helper.probe(words), { call }))
      assert.equal(errno, seen.stdout:match "^%-?%d+ (%w+)", table.concat(words, " "))
      assert.same({}, seen.errors)
    end
  end)

  it("keeps rules of the caller's about the way of a path that was opened before", function()
    local core = require "demilune.core"
    local script = ([[import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
for resolve in 0, 0, %d:
  how = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, resolve))
  fd = libc.syscall(%d, -100, b"/etc/passwd", how, 24)
  print(fd >= 0, ctypes.get_errno())]]):format(core.constant "RESOLVE_BENEATH",
      core.syscall_number "openat2")
    local box = demilune.sandbox { read = { "/" }, log = false }
    local result = assert(box:run_with_handlers({ "python3", "-c", script },
      { { "openat2", function() return perform() end } }))
    assert.equal(("True 0\nTrue 0\nFalse %d\n"):format(core.errno "EXDEV"), result.stdout)
  end)

  it("sees of other processes what the program sees", function()
    local looks = { "readlink", "readlinkat", "stat", "newfstatat", "statx", "access",
      "faccessat", "faccessat2", "openat" }
    local other <close> = assert(demilune.sandbox { log = false }:popen { "sleep", "30" })
    local script = "cd /proc/" .. other.pid .. [[; for f in exe cwd root/etc fd/0 fd/99 environ status; do readlink $f
      stat -L -c %n $f; test -r $f && echo $f; cat $f | wc -c; done 2>&1]]
    local rules = { read = { "/usr", "/lib", "?/lib64", "/bin", "/proc" } }
    local native = shell(script, {}, rules)
    local seen = shell(script, { { looks, function() return perform() end } }, rules)
    assert.matches("Permission denied", native.stdout)
    assert.is_true(seen.stats.calls > 20)
    assert.equal(native.stdout, seen.stdout)
  end)
end)

describe("a call that waits", function()
  it("does not stop others", function()
    local dir <close> = helper.scratch()
    local result = shell(("cd %s; mkfifo f; cat f & cat /etc/passwd > /dev/null; "
      .. "echo through > f; wait"):format(dir.root), opens)
    assert.equal("through\n", result.stdout)
    assert.same({}, result.errors)
  end)

  it("is over when its caller is", function()
    local dir <close> = helper.scratch()
    local before = helper.census()
    local result = shell(("cd %s; mkfifo f; for i in 1 2 3 4 5 6 7 8 9; do cat f & p=\"$p $!\"; "
      .. "done; sleep 0.1; kill -9 $p; wait; sleep 0.3; "
      .. "pgrep -P $(pgrep -P $PPID demi-performer) | wc -l"):format(dir.root), opens)
    assert.is_true(tonumber(result.stdout) <= 3, result.stdout)
    assert.same(before, helper.census())
  end)

  it("does not keep a run from ending", function()
    local dir <close> = helper.scratch()
    local before = helper.census()
    local result = shell(("cd %s; mkfifo f; cat f & cat f & exit 3"):format(dir.root), opens)
    assert.equal(3, result.exit_code)
    assert.same(before, helper.census())
  end)

  it("fails with EIO when the process that performs it is killed", function()
    local dir <close> = helper.scratch()
    local result = shell(("cd %s; mkfifo f; cat f & sleep 0.1; pkill -9 demi-performer; wait; "
      .. "cat /etc/passwd"):format(dir.root), { { "openat", { handle = function(ctx)
        return ctx:read_path():match "^f" and perform() or demilune.continue()
      end } } })
    assert.matches("f: Input/output error", result.stderr)
    assert.matches("was killed", result.errors[1].message)
  end)
end)
