local helper = require "spec.helper"

describe("a Lua state that runs out of memory", function()
  it("at any allocation leaves no memory, descriptor or child, and opens no door", function()
    local seen = helper.shell({ helper.program "memerr" })
    assert.equal("", seen.stderr)
    local runs, errors = seen.stdout:match "^(%d+) runs, (%d+) ended in a Lua error\n$"
    assert(runs, seen.stdout)
    assert.is_true(tonumber(errors) > 100 and tonumber(runs) > tonumber(errors))
  end)
end)
