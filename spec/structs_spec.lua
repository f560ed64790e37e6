local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local EFAULT, EINVAL = 14, 22

-- What look(ctx) returns for each call of this name that spec/structs makes.
local function seen_of(name, look)
  local list = {}
  local result = assert(demilune.sandbox({ log = false }):run_with_handlers(
    { helper.program "structs" }, { { name, function(ctx)
      list[#list + 1] = table.pack(look(ctx))
      return demilune.continue()
    end } }))
  assert.same({}, result.errors)
  return list
end

local function fields(table_, ...)
  local out = {}
  for _, name in ipairs { ... } do out[name] = table_[name] end
  return out
end

describe("ctx:sockaddr", function()
  local list = seen_of("connect", function(ctx) return ctx:sockaddr() end)

  it("decodes inet and inet6", function()
    assert.same({ family = "AF_INET", address = "127.0.0.1", port = 80 },
      fields(list[1][1], "family", "address", "port", "path"))
    assert.same({ family = "AF_INET6", address = "fe80::1", port = 443, scope_id = 2 },
      fields(list[2][1], "family", "address", "port", "scope_id"))
  end)

  it("decodes unix: a path, an abstract name with its NULs, none", function()
    assert.same({ family = "AF_UNIX", path = "/run/x" }, fields(list[3][1], "family", "path",
      "abstract"))
    assert.same({ family = "AF_UNIX", abstract = "a\0b" }, fields(list[4][1], "family", "path",
      "abstract"))
    assert.is_true(list[5][1].is_unnamed)
  end)

  it("decodes netlink", function()
    assert.same({ family = "AF_NETLINK", pid = 7, groups = 9 }, fields(list[6][1], "family",
      "pid", "groups"))
  end)

  it("gives what there is of an address that is too short", function()
    assert.same({ family = "AF_INET", raw = list[1][1].raw:sub(1, 4) }, list[7][1])
  end)

  it("says why there is none", function()
    for i, errno in pairs { [8] = EINVAL, [9] = EFAULT, [10] = EFAULT, [11] = EINVAL } do
      assert.is_nil(list[i][1])
      assert.equal(errno, list[i][3], i)
    end
  end)

  it("finds that of a message", function()
    local sent = seen_of("sendmsg", function(ctx) return ctx:sockaddr() end)
    assert.equal("127.0.0.1", sent[1][1].address)
  end)

  it("raises for a call without one", function()
    local seen = seen_of("writev", function(ctx) return pcall(ctx.sockaddr, ctx) end)
    assert.matches("writev has no argument for sockaddr", seen[1][2])
  end)
end)

describe("ctx:iov", function()
  it("gives addresses and lengths, above 2^63 too", function()
    local seen = seen_of("writev", function(ctx)
      local list = ctx:iov()
      return list, ctx:read(list[1].base, list[1].len)
    end)[1]
    assert.equal("abc", seen[2])
    assert.same({ base = 0, len = 1 << 63 | 5 }, seen[1][2])
    assert.equal("9223372036854775813", core.number_text("ulong", seen[1][2].len))
  end)
end)

describe("ctx:argv and ctx:envp", function()
  local list = seen_of("execve", function(ctx) return ctx:argv(), ctx:envp() end)

  it("give the strings, whatever bytes they have", function()
    local made = list[#list - 1]
    assert.same({ "none", "", "caf\195\169 \255" }, made[1])
    assert.same({ "A=1" }, made[2])
  end)

  it("give an empty list for NULL, and fail for what cannot be read", function()
    assert.is_nil(list[#list][1])
    assert.same({}, list[#list][2])
  end)
end)

describe("ctx:unpack", function()
  it("reads what a format describes", function()
    local seen = seen_of("connect", function(ctx)
      return ctx:unpack("=I2>I2", ctx.args.addr)
    end)
    assert.same({ 2, 80 }, { seen[1][1], seen[1][2] })
    assert.same({ nil, EFAULT }, { seen[9][1], seen[9][3] })
  end)
end)

describe("a call as text", function()
  it("shows registers where its arguments are not known", function()
    local unknown
    for _, name in ipairs(core.syscall_names()) do
      if not core.syscall_args(core.syscall_number(name)) then unknown = name break end
    end
    assert.is_truthy(unknown)
    local text = require("demilune.decode").call({ name = unknown,
      nr = core.syscall_number(unknown), args = { 1, -1, 0, 0, 0, 0 } }, core,
      require("demilune.constants").new(core))
    assert.equal(unknown .. "(0x1, 0xffffffffffffffff, 0x0, 0x0, 0x0, 0x0)", text)
  end)

  it("is safe on a terminal", function()
    assert.equal([["\33[2J\n\0\"\\\302\2335"]], core.bytes_text "\27[2J\n\0\"\\\194\1555")
  end)

  it("is known for at least 120 calls", function()
    local n = 0
    for _, name in ipairs(core.syscall_names()) do
      if core.syscall_args(core.syscall_number(name)) then n = n + 1 end
    end
    assert.is_true(n >= 120)
  end)
end)
