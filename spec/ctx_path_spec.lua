local demilune = require "demilune"
local helper = require "spec.helper"

local EPERM, ENOENT, ESRCH, EBADF, EFAULT, ENOTDIR, ENAMETOOLONG = 1, 2, 3, 9, 14, 20, 36

local marks = {
  openat = { flags = { all = "O_NOATIME" } },
  newfstatat = { flags = { all = "AT_EMPTY_PATH|AT_SYMLINK_NOFOLLOW" } },
}

-- Runs spec/paths SCENE in a directory of its own; look(ctx) is asked for the call that
-- it is about. Returns the directory and what look returned.
local function seen_in(scene, look, call)
  local dir <close> = helper.scratch()
  os.execute(("cp %s %s && cd %s && mkdir dir && : > file"):format(helper.program "paths",
    dir:path "paths", dir:path()))
  local mark = marks[call or "openat"]
  local seen
  local function handle(ctx)
    if not seen then seen = table.pack(look(ctx)) end
    return demilune.continue()
  end
  local syscalls = { allow = { "prctl" } }	-- a scene makes itself unreadable
  local box = demilune.sandbox { cwd = dir:path(), log = false, syscalls = syscalls }
  local result = assert(box:run_with_handlers({ dir:path "paths", scene },
    { { call or "openat", { handle = handle, when = mark } } }))
  assert.same({}, result.errors)
  assert.equal("", result.stderr)
  assert(seen, "the call was not seen")
  return dir:path(), table.unpack(seen, 1, seen.n)
end

local function path(ctx) return ctx:path() end

describe("ctx:path", function()
  for scene, expected in pairs {
    relative = "%s/file", dirfd = "%s/file", o_path = "%s/dir/x", half = "%s/file",
    thread = "%s/dir/x", named_deleted = "%s/d (deleted)/x",
    dots = "/a/d", above_root = "/", absolute_with_bad_dirfd = "/x", bytes = "/\255\n\1",
    page_end = "/x/y",
  } do
    it("is absolute and folded: " .. scene, function()
      local dir, seen = seen_in(scene, path)
      assert.equal((expected:gsub("%%s", dir)), seen)
    end)
  end

  for scene, expected in pairs {
    not_a_directory = ENOTDIR, pipe = ENOTDIR, not_open = EBADF, empty = ENOENT,
    null = EFAULT, no_nul = EFAULT, too_long = ENAMETOOLONG, removed = ENOENT,
  } do
    it("says why there is none: " .. scene, function()
      local _, seen, message, errno = seen_in(scene, path)
      assert.is_nil(seen)
      assert.equal(expected, errno)
      assert.matches("^path: ", message)
    end)
  end

  it("takes the longest path that the kernel takes", function()
    local _, seen = seen_in("longest", path)
    assert.equal(4095, #seen)
  end)

  it("stays beneath the directory that openat2 makes the root", function()
    local dir, seen = seen_in("in_root", path, "openat2")
    assert.equal(dir .. "/dir/x", seen)
    local _, other = seen_in("not_in_root", path, "openat2")
    assert.equal("/x", other)
  end)

  it("is the descriptor's own file where the call names no other", function()
    local dir, seen = seen_in("empty_path", path, "newfstatat")
    assert.equal(dir .. "/file", seen)
    dir, seen = seen_in("no_name", path, "newfstatat")
    assert.equal(dir .. "/file (deleted)", seen)
    dir, seen = seen_in("futimens", path, "utimensat")
    assert.equal(dir .. "/file", seen)
  end)

  it("wants to know which, of two", function()
    local dir, old, new, problem = seen_in("two", function(ctx)
      local _, raised = pcall(ctx.path, ctx)
      return ctx:path(2), ctx:path "newpath", raised
    end, "renameat")
    assert.equal(dir .. "/file", old)
    assert.equal(dir .. "/dir/new", new)
    assert.matches("has two paths", problem)
  end)

  it("is not for the text of a symbolic link", function()
    local dir, seen, target = seen_in("symlink", function(ctx)
      return ctx:path(), ctx:read_cstr(ctx.args.target, 100)
    end, "symlinkat")
    assert.equal(dir .. "/dir/link", seen)
    assert.equal("to", target)
  end)
end)

describe("the first execve of a run", function()
  it("can be read as any other, also by an ordinary user", function()
    local seen = {}
    local box = demilune.sandbox { log = false }
    assert(box:run_with_handlers({ "true", "argument" }, { { "execve", function(ctx)
      seen = { ctx:path(), ctx:argv() }
      return demilune.continue()
    end } }))
    assert.matches("/true$", seen[1])
    assert.same({ "true", "argument" }, seen[2])
  end)
end)

describe("ctx.args", function()
  it("has names, and values as the kernel takes them", function()
    local _, dirfd, flags, raw, same = seen_in("half", function(ctx)
      return ctx.args.dirfd, ctx.args.flags, ctx.args[1], ctx.args.path == ctx.args[2]
    end)
    assert.equal(-100, dirfd)
    assert.equal(0x40000, flags)
    assert.equal(0x55555555ffffff9c, raw)
    assert.is_true(same)
  end)

  it("says which names there are", function()
    local _, _, problem = seen_in("relative", function(ctx)
      return pcall(function() return ctx.args.flag end)
    end)
    assert.matches('openat has no argument "flag", did you mean "flags"%?', problem)
  end)
end)

describe("a ctx", function()
  it("knows who calls", function()
    local dir, comm, exe, cwd, is_process, has_parent = seen_in("relative", function(ctx)
      return ctx.comm, ctx.exe, ctx.cwd, ctx.tgid == ctx.pid, ctx.ppid > 0
    end)
    assert.same({ "paths", dir .. "/paths", dir, true, true },
      { comm, exe, cwd, is_process, has_parent })
  end)

  it("tells a thread from its process", function()
    local _, is_other = seen_in("thread", function(ctx) return ctx.tgid ~= ctx.pid end)
    assert.is_true(is_other)
  end)

  it("has no cwd where that was removed", function()
    local _, cwd = seen_in("removed", function(ctx) return ctx.cwd end)
    assert.is_nil(cwd)
  end)

  it("tells where a descriptor leads", function()
    local dir, where, is_deleted = seen_in("dirfd", function(ctx)
      return ctx:fd_path(ctx.args.dirfd)
    end)
    assert.same({ dir .. "/dir", false }, { where, is_deleted })
    local _, gone, gone_deleted = seen_in("removed", function(ctx)
      return ctx:fd_path(-100)
    end)
    assert.matches("/gone$", gone)
    assert.is_true(gone_deleted)
    local _, none, _, errno = seen_in("not_open", function(ctx) return ctx:fd_path(99) end)
    assert.same({ nil, EBADF }, { none, errno })
  end)

  it("is over for all of these when its handler has returned", function()
    local kept
    seen_in("relative", function(ctx) kept = ctx end)
    for _, method in ipairs { "path", "argv", "envp", "sockaddr", "iov" } do
      local value, message, errno = kept[method](kept)
      assert.same({ "the call is over", ESRCH }, { message, errno })
      assert.is_nil(value)
    end
    assert.is_nil(kept.cwd)
    assert.is_nil(kept.comm)
  end)

  it("says that the call is over when its program was killed meanwhile", function()
    local _, path_errno, fd_errno, comm = seen_in("relative", function(ctx)
      os.execute(("kill -9 %d; sleep 0.1"):format(ctx.pid))
      local _, _, one = ctx:path()
      local _, _, two = ctx:fd_path(0)
      return one, two, ctx.comm
    end)
    assert.same({ ESRCH, ESRCH }, { path_errno, fd_errno })
    assert.is_nil(comm)
  end)

  it("cannot read a program that made itself unreadable, and says so", function()
    local dir, seen, _, errno = seen_in("unreadable", path)
    local is_root = os.execute "test $(id -u) = 0"
    assert.same(is_root and { dir .. "/file" } or { nil, EPERM }, { seen, errno })
  end)
end)
