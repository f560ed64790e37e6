local demilune = require "demilune"
local helper = require "spec.helper"

local EFAULT, ESRCH, ENAMETOOLONG = 14, 3, 36

-- Runs the probe with one call; look(ctx) is asked for it, and its results are kept.
local function seen_by(call, look)
  local seen
  local result = helper.run(call, function(ctx)
    if call[2] == -100 and ctx:read_path() ~= call[3] then return demilune.continue() end
    seen = table.pack(look(ctx))
    return demilune.continue()
  end)
  assert.same({}, result.errors)
  return table.unpack(seen, 1, seen.n)
end

local open_hostname = { "openat", -100, "/etc/hostname", 0 }

describe("ctx", function()
  it("tells the call by its fields", function()
    local fields, args = seen_by(open_hostname, function(ctx)
      return { ctx.name, ctx.nr == ctx.syscall_nr, ctx.ip == ctx.instruction_pointer,
        math.type(ctx.id), math.type(ctx.pid), math.type(ctx.flags), math.type(ctx.arch) },
        { ctx.args[1], ctx.args[3], #ctx.args }
    end)
    assert.same({ "openat", true, true, "integer", "integer", "integer", "integer" }, fields)
    assert.same({ -100, 0, 6 }, args)
  end)

  it("tells which process calls", function()
    local pid
    local result = helper.run("getpid", function(ctx) pid = ctx.pid return demilune.continue() end)
    assert.equal(result.result, pid)
  end)

  it("is read-only, and so are its arguments", function()
    seen_by(open_hostname, function(ctx)
      assert.error_matches(function() ctx.pid = 1 end, "read%-only")
      assert.error_matches(function() ctx.new = 1 end, "read%-only")
      assert.error_matches(function() ctx.args[1] = 1 end, "read%-only")
      assert.is_false(getmetatable(ctx))
      assert.is_false(getmetatable(ctx.args))
    end)
  end)

  it("raises when it is misused, with the place", function()
    seen_by(open_hostname, function(ctx)
      for message, misuse in pairs {
        ["ctx_spec.lua:"] = function() ctx:read("here", 1) end,
        ["number expected"] = function() ctx:read() end,
        ["'read' (0 to 1048576 bytes)"] = function() ctx:read(0, (1 << 20) + 1) end,
        ["0 to 1048576 bytes"] = function() ctx:read(0, -1) end,
        ["1 to 1048576 bytes"] = function() ctx:read_cstr(0, 0) end,
        ["string expected"] = function() ctx:write(0) end,
        ["arguments 1 to 6"] = function() return ctx.args[7] end,
        ["argument 3 of openat is not a path"] = function() ctx:read_path(3) end,
        ["demilune.ctx expected"] = function() ctx.read(io.stdout, 0, 1) end,
      } do
        local _, problem = pcall(misuse)
        assert.matches(message, problem, 1, true)
      end
    end)
  end)

  it("has no path where the call has none, and asks which where there are two", function()
    helper.run("getpid", { on_exception = "continue", handle = function(ctx)
      assert.error_matches(function() ctx:read_path() end, "getpid has no path argument")
      return demilune.continue()
    end })
    seen_by({ "renameat", -1, "/a", -1, "/b" }, function(ctx)
      assert.error_matches(function() ctx:read_path() end, "renameat has two paths")
      assert.equal("/b", ctx:read_path(4))
    end)
  end)
end)

describe("reading the program's memory", function()
  it("gives paths, strings and bytes as they are", function()
    local path, text, bytes, none = seen_by(open_hostname, function(ctx)
      return ctx:read_path(), ctx:read_cstr(ctx.args[2]), ctx:read(ctx.args[2], 4),
        ctx:read(ctx.args[2], 0)
    end)
    assert.same({ "/etc/hostname", "/etc/hostname", "/etc", "" }, { path, text, bytes, none })
  end)

  it("gives paths that are not UTF-8", function()
    local call = { "openat", -100, "/\255\1\n", 0 }
    assert.equal("/\255\1\n", seen_by(call, function(ctx) return ctx:read_path() end))
  end)

  it("fails with EFAULT where there is none", function()
    seen_by(open_hostname, function(ctx)
      for _, address in ipairs { 0, 1, -1, math.maxinteger } do
        assert.equal(EFAULT, select(3, ctx:read(address, 1)))
        assert.equal(EFAULT, select(3, ctx:read_cstr(address, 16)))
        assert.equal(EFAULT, select(3, ctx:write(address, "x")))
      end
      assert.equal("read_cstr: Bad address", select(2, ctx:read_cstr(0, 16)))
    end)
  end)

  it("fails with ENAMETOOLONG instead of cutting a string", function()
    local call = { "openat", -100, "/" .. ("x"):rep(5000), 0 }
    helper.run(call, function(ctx)
      local text, _, errno = ctx:read_path()
      if text then return demilune.continue() end
      assert.equal(ENAMETOOLONG, errno)
      assert.equal(5001, #ctx:read_cstr(ctx.args[2], 5002))
      assert.equal(ENAMETOOLONG, select(3, ctx:read_cstr(ctx.args[2], 5001)))
      return demilune.deny "EXDEV"
    end)
    assert.equal("EXDEV", helper.run(call, { on_exception = "continue", handle = function(ctx)
      return ctx:read_path() and demilune.continue() or demilune.deny "EXDEV"
    end }).errno)
  end)

  it("reads a string that ends just before an unmapped page", function()
    local paths = {}
    local result = demilune.sandbox { log = false }:run_with_handlers(
      { helper.program "strange", "at-page-end", "/etc/hostname" },
      { { "openat", function(ctx)
        paths[#paths + 1] = ctx:read_path() or select(3, ctx:read_path())
        return demilune.continue()
      end } })
    assert.equal("with NUL: 0\nwithout: EFAULT\n", result.stdout)
    assert.same({ "/etc/hostname", EFAULT }, { table.unpack(paths, #paths - 1) })
  end)

  it("reads what there is of a range that ends at an unmapped page", function()
    local call = { "openat", -100, "/etc/hostname", 0 }
    local long = seen_by(call, function(ctx) return ctx:read(ctx.args[2], 1 << 20) end)
    assert.is_true(#long > 13 and #long < 1 << 20)
    assert.equal("/etc/hostname\0", long:sub(1, 14))
  end)
end)

describe("writing the program's memory", function()
  it("changes what the program finds there", function()
    local result = helper.run({ "getrandom", "-", 8, 0 }, function(ctx)
      if ctx.args[2] ~= 8 or ctx.args[3] ~= 0 then return demilune.continue() end
      assert(ctx:write(ctx.args[1], "chosen\0\0"))
      return demilune.returns(8)
    end)
    assert.equal("chosen", result.bytes)
    assert.equal(8, result.result)
  end)

  it("fails on memory that the program itself may not write", function()
    seen_by(open_hostname, function(ctx)
      assert.equal(EFAULT, select(3, ctx:write(ctx.ip, "x")))
    end)
  end)
end)

describe("a ctx that escapes its handler", function()
  local function assert_dead(ctx)
    for _, method in ipairs { "read", "read_cstr", "write", "read_path" } do
      local value, message, errno = ctx[method](ctx, 4096, method == "write" and "x" or 1)
      assert.same({ nil, "the call is over", ESRCH }, { value, message, errno })
    end
    for _, field in ipairs { "id", "pid", "nr", "args", "name", "ip", "flags", "arch" } do
      assert.is_nil(ctx[field])
    end
    assert.equal("ctx of a call that is over", tostring(ctx))
  end

  it("is dead at once, also after an error and in a coroutine that goes on", function()
    local escaped, later
    helper.run("getppid", { on_exception = "deny_eio", handle = function(ctx)
      escaped = ctx
      later = coroutine.wrap(function() return ctx:read(coroutine.yield(), 1) end)
      later()
      error "broken"
    end })
    assert_dead(escaped)
    assert.same({ nil, "the call is over", ESRCH }, { later(4096) })
  end)

  it("stays dead after a hundred thousand later calls and a collection", function()
    local escaped, calls = {}, 0
    local result = demilune.sandbox { log = false }:run_with_handlers(
      { "dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=100000" },
      { { "write", function(ctx)
        calls = calls + 1
        if calls % 10000 == 1 then escaped[#escaped + 1] = ctx end
        if calls == 50000 then collectgarbage() end
        for _, one in ipairs(escaped) do
          if one ~= ctx and one.id then error "alive again" end
        end
        return demilune.continue()
      end } })
    assert.same({}, result.errors)
    assert.is_true(calls >= 100000)
    collectgarbage()
    for _, one in ipairs(escaped) do assert_dead(one) end
  end)
end)
