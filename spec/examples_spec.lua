--- Every example runs, and does what its first line says.
local helper = require "spec.helper"

local function run(example, ...)
  return helper.command("run", ("examples/%s.lua"):format(example), "--", ...)
end

describe("the example", function()
  it("hostname shows another hostname and no password file", function()
    local ran = run("hostname", "sh", "-c", "cat /etc/hostname /etc/passwd")
    assert.equal("moonlight\n", ran.stdout)
    assert.matches("/etc/passwd: Permission denied", ran.stderr)
    assert.matches("exit status 1, %d+ files opened", ran.stderr)
  end)

  it("clock has the program live in 1999, and what it starts", function()
    local ran = run("clock", "env", "TZ=UTC", "date", "+%Y")
    assert.equal("1999\n", ran.stdout)
    assert.equal("1999\n", run("clock", "sh", "-c", "TZ=UTC date +%Y; true").stdout)
  end)
end)

describe("an example", function()
  it("has at most 25 lines, and passes demilune check", function()
    local paths = assert(io.popen "ls examples/*.lua")
    for path in paths:lines() do
      local file <close> = assert(io.open(path))
      local _, n = file:read "a":gsub("\n", "")
      assert.is_true(n <= 25, path)
      assert.equal(0, helper.command("check", path).status, path)
    end
    paths:close()
  end)
end)
