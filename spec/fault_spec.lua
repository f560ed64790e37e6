local demilune = require "demilune"
local helper = require "spec.helper"

local fault = demilune.fault

-- How the first n calls of a rule end, without a program: true where it fires.
local function draws(handler, n)
  local out = {}
  for i = 1, n do out[i] = handler({ pid = 1, args = {} }) ~= demilune.continue() end
  return out
end

describe("a fault", function()
  it("on the nth call makes just that one fail", function()
    assert.same({ false, false, true, false }, draws(fault.nth(3, demilune.deny "EIO"), 4))
  end)

  it("on every nth call, and on a range, makes those fail", function()
    assert.same({ false, true, false, true }, draws(fault.every(2, demilune.deny "EIO"), 4))
    assert.same({ false, true, true, false }, draws(fault.range(2, 3, demilune.deny "EIO"), 4))
  end)

  it("by chance is the same for the same seed", function()
    local function of(seed)
      return draws(fault.chance(0.5, demilune.deny "EIO", { seed = seed }), 64)
    end
    assert.same(of(7), of(7))
    assert.not_same(of(7), of(8))
    local hits = 0
    for _, hit in ipairs(draws(fault.chance(0.25, demilune.deny "EIO", { seed = 1 }), 4000)) do
      if hit then hits = hits + 1 end
    end
    assert.is_true(900 < hits and hits < 1100)
  end)

  it("counts each thread apart if it is told to", function()
    local handler = fault.nth(2, demilune.deny "EIO", { per = "thread" })
    local function ask(pid) return handler { pid = pid, args = {} } ~= demilune.continue() end
    assert.same({ false, false, true, true }, { ask(1), ask(2), ask(1), ask(2) })
  end)

  it("reaches a real program", function()
    local seen = helper.run({ "umask", 0 }, fault.nth(1, demilune.returns(511)))
    assert.equal(511, seen.result)
  end)

  it("is refused when it is made wrong, with the place", function()
    local _, message = pcall(function() fault.nth(0, demilune.deny "EIO") end)
    assert.matches("fault_spec.lua:%d+: fault.nth needs a whole number from 1 on, not 0", message)
    assert.error_matches(function() fault.nth(1, "EIO") end, "needs an action, not a string")
    assert.error_matches(function() fault.nth(1, demilune.deny "EIO", { pre = "run" }) end,
      'has no option "pre", did you mean "per"?', 1, true)
  end)
end)

describe("demilune run", function()
  it("says at the end how often each fault fired, and warns of one that never did", function()
    local ran = helper.command("-e", [[
      on("umask", fault.nth(1, returns(0)))
      on("getppid", fault.nth(99, deny "EIO"))
    ]], "--", "sh", "-c", "umask 0")
    assert.matches("demilune: fault.nth%(1%) fired 1 times in %d calls", ran.stderr)
    assert.matches("warning: fault.nth%(99%) never fired", ran.stderr)
  end)
end)
