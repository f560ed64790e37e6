local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local EXIT = demilune.deny "EPERM"

-- Makes getpid with these registers; true if a handler with the condition was asked.
local function is_asked(conditions, ...)
  local asked = false
  helper.run({ "dup3", ... }, { when = conditions, handle = function()
    asked = true
    return EXIT
  end })
  return asked
end

local function complaint_of(name, conditions)
  local ok, problem = pcall(function()
    demilune.sandbox({ log = false }):run_with_handlers({ "true" },
      { { name, { when = conditions, handle = function() return demilune.continue() end } } })
  end)
  assert.is_false(ok)
  return problem
end

describe("when", function()
  for name, case in pairs {
    ["256 alternatives"] = { (function()
      local list = {}
      for i = 1, 256 do list[i] = { newfd = 1000 + i } end
      return list
    end)(), { 5, 1256, 0 }, { 5, 1257, 0 } },
    ["eq, by name"] = { { flags = { eq = "O_CLOEXEC" } }, { 50, 60, 0x80000 }, { 50, 60, 0 } },
    ["a value for eq"] = { { newfd = 61 }, { 50, 61, 0 }, { 50, 60, 0 } },
    ["ne"] = { { newfd = { ne = 60 } }, { 50, 61, 0 }, { 50, 60, 0 } },
    ["lt, with a sign"] = { { newfd = { lt = 0 } }, { 50, -3, 0 }, { 50, 3, 0 } },
    ["ge, with a sign"] = { { newfd = { ge = 0 } }, { 50, 3, 0 }, { 50, -3, 0 } },
    ["any"] = { { flags = { any = "O_CLOEXEC|O_NONBLOCK" } }, { 5, 6, 0x800 }, { 5, 6, 0x4000 } },
    ["all"] = { { flags = { all = 6 } }, { 5, 6, 7 }, { 5, 6, 5 } },
    ["a mask"] = { { newfd = { mask = 0xf0, eq = 0x30 } }, { 5, 0x1037, 0 }, { 5, 0x47, 0 } },
    ["several, which all must hold"] = { { newfd = 7, oldfd = { ge = 5, lt = 9 } },
      { 8, 7, 0 }, { 9, 7, 0 } },
    ["a list, of which one must hold"] = { { { newfd = 7 }, { oldfd = 9 } }, { 9, 1, 0 },
      { 1, 1, 0 } },
    ["an argument by place"] = { { arg = 2, ge = 100 }, { 5, 100, 0 }, { 5, 99, 0 } },
    ["a place alone: not 0"] = { { arg = 3 }, { 5, 6, 1 }, { 5, 6, 0 } },
    ["32 bits of a register for an int"] = { { newfd = 7 }, { 5, 7 | 1 << 40, 0 },
      { 5, 8 | 1 << 40, 0 } },
  } do
    it("takes " .. name, function()
      assert.is_true(is_asked(case[1], table.unpack(case[2])))
      assert.is_false(is_asked(case[1], table.unpack(case[3])))
    end)
  end

  it("costs nothing where it does not hold: the call is not even notified", function()
    local result = helper.run({ "dup3", 50, 60, 0 }, { when = { newfd = 61 },
      handle = function() return EXIT end })
    assert.equal(0, result.stats.calls)
    assert.equal("EBADF", result.errno)
  end)

  it("does not ask a handler whose own does not hold, if another's does", function()
    local asked = {}
    local function handler(name, conditions)
      return { "dup3", { when = conditions, handle = function()
        asked[#asked + 1] = name
        return demilune.continue()
      end } }
    end
    assert(demilune.sandbox({ log = false }):run_with_handlers(
      helper.probe { "dup3", 50, 60, 0 }, { handler("no", { newfd = 61 }),
        handler("yes", { newfd = 60 }), handler("always"), handler("flags", { flags = 1 }) }))
    assert.same({ "yes", "always" }, asked)
  end)

  it("is the same in the filter and in the engine, for random conditions", function()
    local result = helper.shell { helper.program "conditions", os.time(), 1000 }
    assert.equal("1000 rule sets agree\n", result.stdout)
  end)

  it("is checked by the engine alone where a filter would grow without bound", function()
    local conditions = { { oldfd = { ne = 50 } }, { newfd = { ne = 60 } }, { flags = 4 } }
    assert.is_false(is_asked(conditions, 50, 60, 0))
    assert.is_true(is_asked(conditions, 50, 61, 0))
  end)

  for expected, case in pairs {
    ['on: openat: flags: unknown constant "O_WRONL", did you mean "O_WRONLY"?'] =
      { "openat", { flags = { any = "O_WRONL" } } },
    ['no argument "flag", did you mean "flags"? (openat has dirfd, path, flags, mode)'] =
      { "openat", { flag = 1 } },
    ["path is an address: a filter sees the number and not what it points to"] =
      { "openat", { path = { eq = "/etc/passwd" } } },
    ["what an address points to cannot be seen by a filter"] = { "%open", { flags = 1 } },
    ['unknown comparison "gt", did you mean "ge"?'] = { "openat", { flags = { gt = 1 } } },
    ["no call can meet all of it"] = { "openat", { flags = { ge = 5, lt = 3 } } },
    ["does not fit the type int"] = { "dup3", { oldfd = 1 << 40 } },
    ["any of no bits"] = { "openat", { flags = { any = "O_RDONLY" } } },
    ["has bits outside the mask"] = { "openat", { flags = { eq = 3, mask = 1 } } },
    ["too many comparisons"] = { "copy_file_range", { fd_in = { ne = 1 }, fd_out = { ne = 2 } } },
    ["[flags] beside a list"] = { "openat", { { mode = 0 }, flags = 1 } },
    ["[true] is no argument's name"] = { "openat", { [true] = 1 } },
    ["conditions are a table, not a boolean"] = { "openat", false },
    ["more than 256 alternatives"] = { "dup3", (function()
      local list = {}
      for i = 1, 257 do list[i] = { oldfd = i } end
      return list
    end)() },
    ["mode has no sign: lt = -5"] = { "openat", { mode = { lt = -5 } } },
    ["leave when out"] = { "openat", {} },
  } do
    it("refuses, and says why: " .. expected, function()
      local problem = complaint_of(table.unpack(case))
      assert.is_truthy(problem:find(expected:gsub("^on: ", ""), 1, true), problem)
    end)
  end

  it("refuses malformed conditions at the core, too", function()
    assert.is_nil((core.try_conditions {
      { arg = 1, op = "eq", type = "int", value = 1 << 40, alternative = 0 } }))
    assert.has_error(function() core.try_conditions { { arg = 7 } } end)
  end)
end)
