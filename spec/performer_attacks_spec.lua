--- Attacks on the processes that make calls for a program. Each must work on a victim of
-- the same user that is nobody's performer.
local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

local function performed() return demilune.perform() end

describe("a program whose calls are performed", function()
  it("has nobody open for it what /proc shows of that process itself", function()
    local victim = assert(demilune.sandbox({ log = false }):popen { helper.program "attacks/victim" })
    victim.stdout:read "l"
    assert.equal("", attack.refused(attack.free("performer", "victim")))
    victim:close()
    local result = demilune.sandbox({ log = false }):run_with_handlers(
      attack.words("performer", "demi-performer"), { { { "openat", "open" }, performed } })
    assert.equal("", attack.got(attack.parse(result.stdout)))
    assert.same({}, result.errors)
  end)
end)
