local grants = require "demilune.grants"
local guarded = require "demilune.guarded"
local helper = require "spec.helper"

-- The paths that are to be read, after files that were.
local function read(...)
  local found, paths = grants.new(guarded.new { "/srv/user" }), {}
  for _, path in ipairs { ... } do
    found:add { right = "read", path = path, kind = "file", why = "cat reads it" }
  end
  for i, line in ipairs((found:lines())) do paths[i] = line.path end
  return paths
end

describe("grants", function()
  it("fold four files of a directory, not three", function()
    assert.same({ "/work/r" }, read("/work/r/1", "/work/r/2", "/work/r/3", "/work/r/4"))
    assert.same({ "/work/r/1", "/work/r/2", "/work/r/3" }, read("/work/r/1", "/work/r/2", "/work/r/3"))
  end)

  it("fold nothing over a secret, nor over too much", function()
    for _, dir in ipairs { "/etc", "/srv/user", "/srv", "/home/x/.config", "/var/lib", "/" } do
      local top = dir == "/" and "" or dir
      assert.equal(4, #read(top .. "/a", top .. "/b", top .. "/c", top .. "/d"))
    end
  end)
end)

describe("demilune learn --merge", function()
  it("merges nothing that it cannot write", function()
    local dir <close> = helper.scratch()
    for _, policy in ipairs { "sandbox { limits = { time = 1 } }", "on('read', continue)" } do
      local seen = helper.command("learn", "--merge", dir:write("p.lua", policy), "--", "true")
      assert.equal(125, seen.status)
      assert.matches("%-%-merge .*p.lua: it has ", seen.stderr)
    end
  end)
end)
