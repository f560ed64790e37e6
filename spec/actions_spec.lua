local demilune = require "demilune"
local helper = require "spec.helper"

local run = helper.run

describe("a handler on getppid", function()
  it("lets the kernel run the call when it continues", function()
    local seen = run("getppid", function() return demilune.continue() end)
    assert.is_true(seen.result > 1)
    assert.equal(1, seen.stats.calls)
  end)

  it("gives the program the value that it chose", function()
    assert.equal(42, run("getppid", function() return demilune.returns(42) end).result)
  end)

  it("gives the program any 64-bit value that is no errno", function()
    assert.equal(-4096, run("getppid", function() return demilune.returns(-4096) end).result)
    assert.equal(math.mininteger,
      run("getppid", function() return demilune.returns(math.mininteger) end).result)
  end)

  it("denies with an errno by name and by number", function()
    assert.equal("ENOSPC", run("getppid", function() return demilune.deny "ENOSPC" end).errno)
    assert.equal("EACCES", run("getppid", function() return demilune.deny(13) end).errno)
  end)
end)

describe("an action", function()
  it("is refused when it is made with what the kernel would misread", function()
    for _, errno in ipairs { 0, -1, 4096, 5000 } do
      assert.error_matches(function() demilune.deny(errno) end, "an errno is 1 to 4095")
    end
    for _, value in ipairs { -1, -5, -4095 } do
      assert.error_matches(function() demilune.returns(value) end, "use deny")
    end
  end)

  it("suggests the errno and the signal that was meant", function()
    assert.error_matches(function() demilune.deny "ENOSPCC" end,
      'unknown errno "ENOSPCC", did you mean "ENOSPC"?', 1, true)
    assert.error_matches(function() demilune.kill "SIGTREM" end,
      'unknown signal "SIGTREM", did you mean "SIGTERM"?', 1, true)
  end)

  it("is equal to another with the same meaning and prints as it was written", function()
    assert.equal(demilune.deny "EPERM", demilune.deny(1))
    assert.not_equal(demilune.deny "EPERM", demilune.returns(1))
    assert.equal('deny("EPERM")', tostring(demilune.deny(1)))
    assert.equal("returns(7)", tostring(demilune.returns(7)))
    assert.equal("continue()", tostring(demilune.continue()))
  end)

  it("also has the name that C gives it", function()
    assert.equal(demilune.deny, demilune.action.errno)
    assert.equal(demilune.returns, demilune.action.return_value)
    assert.equal(demilune.deny, demilune.action.deny)
  end)
end)
