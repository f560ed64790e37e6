local calls = require "demilune.calls"
local core = require "demilune.core"
local demilune = require "demilune"
local families = require "demilune.families"

local function names(what)
  local numbers, message = calls.resolve(what, core)
  if not numbers then return nil, message end
  local set = {}
  for _, nr in ipairs(numbers) do set[core.syscall_name(nr)] = true end
  return set
end

describe("a family", function()
  it("stands for its members that exist here", function()
    local set = names "%open"
    assert.is_true(set.openat and set.openat2)
    assert.equal(core.syscall_number "open" ~= nil, set.open ~= nil)
  end)

  it("has members that are system calls of some architecture", function()
    for family, members in pairs(families.members) do
      assert.is_truthy(next(names(family)), family)
      for _, name in ipairs(members) do
        assert.matches("^[a-z][a-z0-9_]+$", name)
      end
    end
  end)

  it("covers every call that takes a path: %file", function()
    local set = names "%file"
    for _, name in ipairs(core.syscall_names()) do
      for _, arg in ipairs(core.syscall_args(core.syscall_number(name)) or {}) do
        if arg.kind == "path" then assert.is_true(set[name], name) end
      end
    end
  end)

  it("is suggested when it is misspelt", function()
    local _, message = names "%opne"
    assert.equal('unknown family "%opne", did you mean "%open"?', message)
  end)

  it("binds a handler", function()
    local seen = {}
    assert(demilune.sandbox({ log = false }):run_with_handlers({ "cat", "/etc/hostname" },
      { { "%open", function(ctx) seen[ctx:path() or ""] = true return demilune.continue() end } }))
    assert.is_true(seen["/etc/hostname"])
  end)
end)

describe("a glob", function()
  it("stands for the calls that it matches", function()
    local set = names "open*"
    assert.is_true(set.openat and set.openat2 and set.open_tree)
    assert.is_nil(set.close)
    assert.same(names { "getgid", "getpid", "getsid", "gettid", "getuid" }, names "get?id")
  end)

  it("must match something", function()
    assert.same({ nil, 'no system call matches "opne*"' }, { names "opne*" })
  end)
end)

describe("a list", function()
  it("has each call once", function()
    local numbers = calls.resolve({ "openat", "%open", "open*" }, core)
    local seen = {}
    for _, nr in ipairs(numbers) do
      assert.is_nil(seen[nr])
      seen[nr] = true
    end
  end)

  it("may not name what does not exist", function()
    local _, message = names { "openat", "opnat" }
    assert.equal('unknown system call "opnat", did you mean "openat"?', message)
  end)
end)

describe("a hole", function()
  local function holes(what)
    local list = {}
    for i, hole in ipairs(calls.holes(calls.resolve(what, core), core)) do
      list[i] = calls.hole_text(hole)
    end
    return list
  end

  it("is a call that does the same as a handled one", function()
    local text = table.concat(holes "openat", "\n")
    assert.matches("^openat is handled, .*openat2.* are not: a program can do the same", text)
    assert.matches("renameat2", table.concat(holes "renameat", "\n"))
  end)

  it("is not in a whole family", function()
    assert.same({}, holes "%open")
  end)
end)
