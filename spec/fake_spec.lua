local demilune = require "demilune"
local helper = require "spec.helper"

local fake = demilune.fake

describe("a fake ctx", function()
  it("has the arguments that were given, by name and by place", function()
    local ctx = fake { call = "openat", args = { path = "/etc/hosts", flags = "O_WRONLY|O_CREAT" } }
    assert.equal("openat", ctx.name)
    assert.equal("/etc/hosts", ctx:read_path())
    assert.equal(-100, ctx.args.dirfd)
    assert.equal(ctx.args[3], ctx.args.flags)
    assert.equal('openat(AT_FDCWD, "/etc/hosts", O_WRONLY|O_CREAT, 000)', tostring(ctx))
  end)

  it("resolves paths as the real one does", function()
    local function path(spec) return (fake(spec):path()) end
    assert.equal("/home/ann/x", path { call = "open", cwd = "/home/ann", args = { path = "./y/../x" } })
    assert.equal("/tmp/x", path { call = "openat", fds = { [3] = "/tmp" },
      args = { dirfd = 3, path = "x" } })
    assert.same({ nil, "EBADF", 9 }, { fake { call = "openat", args = { dirfd = 4, path = "x" } }:path() })
    assert.error_matches(function() return fake { call = "rename", args = {} }:path() end, "two paths")
  end)

  it("has memory that can be read and written, and an end of it", function()
    local ctx = fake { call = "write", args = { fd = 1, buf = "hello", count = 5 } }
    assert.equal("hell", ctx:read(ctx.args.buf, 4))
    assert.is_true(ctx:write(ctx.args.buf + 1, "u"))
    assert.equal("hullo", ctx:read_cstr(ctx.args.buf))
    assert.same({ nil, "EFAULT", 14 }, { ctx:read(8, 1) })
    assert.same({ nil, "ENAMETOOLONG", 36 }, { ctx:read_cstr(ctx.args.buf, 5) })
  end)

  it("refuses what the call does not have", function()
    assert.error_matches(function() fake { call = "opnat" } end, 'unknown system call "opnat"')
    assert.error_matches(function() fake { call = "openat", args = { flag = 1 } } end,
      'openat has no argument "flag"')
    assert.error_matches(function() fake { call = "openat", args = { flags = "O_RDNLY" } } end,
      "O_RDONLY")
  end)
end)

describe("a policy that is asked about a fake ctx", function()
  local dir

  local function load_policy(text)
    return assert(demilune.load_policy(dir:write("p.lua", text)))
  end

  before_each(function() dir = helper.scratch() end)
  after_each(function() getmetatable(dir).__close(dir) end)

  it("decides as its chain of handlers does", function()
    local policy = load_policy [[
      on("%open", function(ctx)
        if ctx:path() == "/etc/shadow" then return deny "EACCES" end
        return continue()
      end)
      on("openat", { when = { flags = { any = "O_WRONLY" } } }, function() return deny "EROFS" end)]]
    local function ask(path, flags)
      return policy:ask(fake { call = "openat", args = { path = path, flags = flags } })
    end
    assert.equal(demilune.deny "EACCES", ask("/etc/../etc/shadow", "O_WRONLY"))
    assert.equal(demilune.deny "EROFS", ask("/etc/hosts", "O_WRONLY"))
    assert.equal(demilune.continue(), ask("/etc/hosts", "O_RDONLY"))
  end)

  it("raises where a run would turn to the exception policy", function()
    local policy = load_policy [[on("openat", function() end)]]
    assert.error_matches(function() policy:ask(fake { call = "openat" }) end,
      "returned no action but nil")
  end)
end)
