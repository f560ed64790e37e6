local helper = require "spec.helper"

local command = helper.command

describe("demilune trace --results", function()
  it("has the result of a call that can be made for the program", function()
    local seen = command("trace", "--results", "openat,mkdir,chdir", "--", "sh", "-c",
      "cat /etc/hostname; mkdir /etc/hostname; cd /tmp; cd /not")
    assert.matches('cat +openat%(AT_FDCWD, "/etc/hostname", O_RDONLY%) = 3\n', seen.stderr)
    assert.matches('mkdir +mkdir%("/etc/hostname", 0777%) = %-1 EEXIST\n', seen.stderr)
    assert.matches('chdir%("/tmp"%)\n', seen.stderr)	-- nobody knows
    assert.not_matches("warning", seen.stderr)
  end)

  it("shows with --failed what failed, and nothing else", function()
    local dir <close> = helper.scratch()
    local seen = command("trace", "--failed", "%file", "-o", dir:path "out", "--", "cat",
      "/etc/hostname", "/not/there")
    local out = dir:read "out"
    assert.matches('openat%(AT_FDCWD, "/not/there", O_RDONLY%) = %-1 ENOENT\n', out)
    for line in out:gmatch "[^\n]+" do assert.matches(" = %-1 E%u+$", line) end
    assert.equal(1, seen.status)
  end)

  it("leaves a program as it is", function()
    local dir <close> = helper.scratch()
    local script = ("cd %s; mkdir a; echo x > a/b; ln -s b a/c; cat a/c; mv a d; ls -R d; rm -r d")
      :format(dir.root)
    local plain = helper.shell { "sh", "-c", script }
    local seen = command("trace", "--results", "-o", dir:path "out", "--", "sh", "-c", script)
    assert.same(plain, seen)
    assert.matches("unlinkat.* = 0\n", dir:read "out")
  end)

  it("gives the result to programs, too", function()
    local seen = command("trace", "--json", "--results", "openat", "--", "cat", "/not/there")
    assert.matches('"text":"openat%b()","errno":"ENOENT"', seen.stderr)
    assert.matches('"text":"openat%b()","result":%d', seen.stderr)
  end)

  it("says when there can be no results", function()
    local seen = command("trace", "--results", "chdir", "--", "true")
    assert.equal(125, seen.status)
    assert.matches("of none of these calls the result can be known", seen.stderr)
  end)
end)
