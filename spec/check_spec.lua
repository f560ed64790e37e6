local helper = require "spec.helper"

local function check(script)
  return helper.command("check", "-e", script)
end

describe("demilune check", function()
  it("lists the handlers with their calls, places and policies", function()
    local ran = check [[
on({ "getppid", "umask" }, { on_exception = "deny_eio" }, continue)
watch("%stat", function() end)
on("openat", { when = { flags = { any = "O_WRONLY" } } }, function() return continue() end)]]
    assert.equal(0, ran.status)
    assert.matches("on     getppid, umask\n       .-, on_exception = deny_eio", ran.stdout)
    assert.matches("watch  .- and %d+ more\n       %(%-e%):2\n", ran.stdout)
    assert.matches("%(%-e%):3, on_exception = kill, on some arguments only", ran.stdout)
  end)

  it("warns of a call that does the same and has no handler", function()
    assert.matches("warning: openat is handled, .*openat2", check(
      [[on("openat", function() return continue() end)]]).stderr)
    assert.equal("", check([[on("%open", function() return continue() end)]]).stderr)
  end)

  it("warns of a call that a signal can break off", function()
    assert.matches("EINTR.*close", check [[on("close", continue)]].stderr)
  end)

  it("exits with 125 on a mistake, with its place", function()
    local ran = check [[on("opnat", continue)]]
    assert.equal(125, ran.status)
    assert.equal('demilune: (-e):1: on: unknown system call "opnat", did you mean "openat"?\n',
      ran.stderr)
    assert.equal(125, helper.command("check").status)
    assert.equal(125, helper.command("check", "/nonexistent.lua").status)
  end)

  it("prints the deny list that is in force", function()
    local ran = check [[sandbox { syscalls = { allow = { "%ipc" }, deny = { "chmod" } } }]]
    assert.matches("denied %%mount: mount, umount2", ran.stdout)
    assert.matches("clone %(with a CLONE_NEW flag%)", ran.stdout)
    assert.matches("denied by the policy: chmod\n", ran.stdout)
    assert.is_nil(ran.stdout:match "shmget")
  end)

  it("refuses a handler on a call of that list", function()
    local ran = check [[on("mount", continue)]]
    assert.equal(125, ran.status)
    assert.matches("the static filter denies mount", ran.stderr)
  end)

  it("runs nothing, at_exit neither", function()
    local ran = check [[at_exit(function() print "ran" end)]]
    assert.is_nil((ran.stdout .. ran.stderr):match "ran")
  end)
end)
