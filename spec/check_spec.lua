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

  it("runs nothing, at_exit neither", function()
    local ran = check [[at_exit(function() print "ran" end)]]
    assert.equal("", ran.stdout .. ran.stderr)
  end)
end)
