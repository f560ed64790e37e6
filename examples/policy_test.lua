-- How a policy is tested without running anything: busted examples/policy_test.lua
local demilune = require "demilune"

local function asked(policy, call, args)
  return assert(demilune.load_policy("examples/" .. policy)):ask(demilune.fake { call = call, args = args })
end

describe("secrets.lua", function()
  it("denies keys, however they are named, and performs the rest", function()
    for path, action in pairs {
      ["/srv/app/.env"] = demilune.deny "EACCES", ["/srv/x/../app/.env"] = demilune.deny "EACCES",
      ["/etc/hosts"] = demilune.perform(),
    } do
      assert.equal(action, asked("secrets.lua", "openat", { path = path }))
    end
  end)

  it("denies renaming what is above them", function()
    assert.equal(demilune.deny "EACCES", asked("secrets.lua", "rename",
      { oldpath = "/etc/ssl", newpath = "/tmp/ssl" }))
  end)
end)
