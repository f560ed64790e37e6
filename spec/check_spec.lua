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

  it("warns of a handler that is never asked, as a run does", function()
    local preset, own = [[use(presets.path_deny "/nowhere")]], [[on("connect", continue)]]
    local warning = "warning: continue is never asked about connect: .*presets.lua:%d+ stands before"
    assert.matches(warning, check(preset .. "\n" .. own).stderr)
    assert.not_matches("never asked", check(own .. "\n" .. preset).stderr)
    assert.matches("%(%-e%):2 is never asked about mkdir: ",
      check 'on("mkdir", perform)\non({ "mkdir", "rmdir" }, function() return continue() end)'.stderr)
    local ran = helper.command("run", "-e", preset .. "\n" .. own, "--", "true")
    assert.matches(warning, ran.stderr)
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

  it("refuses a handler on what is denied by its arguments, and on nothing else", function()
    local ran = check [[on("socket", { when = { domain = "AF_PACKET" } }, continue)]]
    assert.equal(125, ran.status)
    assert.matches("static filter denies socket AF_PACKET.*could never run.*%%raw", ran.stderr)
    for _, conditions in ipairs {
      "{ { domain = 'AF_PACKET' }, { domain = 'AF_INET' } }", "{ type = 'SOCK_RAW' }",
    } do
      assert.equal(0, check(("on('socket', { when = %s }, continue)"):format(conditions)).status)
    end
    for _, persona in ipairs { "8", "{ ne = 0xffffffff }" } do
      ran = check(("on('personality', { when = { persona = %s } }, continue)"):format(persona))
      assert.matches("denies personality other than to read it", ran.stderr)
    end
    assert.equal(0, check [[on("personality", { when = { persona = 0xffffffff } }, continue)]]
      .status)
  end)

  it("refuses conditions that cannot hold together", function()
    local ran = check [[on("dup3", { when = { newfd = { eq = 3, ge = 9 } } }, continue)]]
    assert.equal(125, ran.status)
    assert.matches("dup3", ran.stderr)
  end)

  it("says which calls of a family a handler is never asked about", function()
    assert.matches("never asked about .*shmget", check [[on("%ipc", continue)]].stdout)
  end)

  it("warns of a name that a handler reads and nobody declared", function()
    local ran = check [[local known <const> = "EPERM"
on("umask", function(ctx)
  if ctx.args.mask == O_CREAT then return deny(known) end
  return dney "EACCES"
end)]]
    assert.equal(0, ran.status)
    assert.equal('demilune: warning: (-e):4: undeclared global "dney", did you mean "deny"?: '
      .. 'reading it raises\n', ran.stderr)
  end)

  it("runs nothing, at_exit neither", function()
    local ran = check [[at_exit(function() print "ran" end)]]
    assert.is_nil((ran.stdout .. ran.stderr):match "ran")
  end)
end)

describe("demilune check --filter", function()
  local function filters(script)
    local ran = helper.command("check", "--filter", "-e", script)
    assert.equal(0, ran.status)
    local programs = {}
    for name, text in ran.stdout:gmatch "filter (%a+): [^\n]*\n(.-)\n%f[f%z]" do
      programs[name] = text
    end
    return programs
  end

  it("shows each program as libseccomp writes it", function()
    local shown = filters [[
sandbox { read = { "/usr" }, syscalls = { deny = { "sync" } } }
on("umask", continue)
on("dup3", { when = { newfd = 61 } }, continue)]]
    assert.matches('filter for syscall "sync" %(%d+%)', shown.static)
    assert.matches("action ERRNO%(1%);", shown.static)
    assert.matches("calls that are newer than the list.-action ERRNO%(38%);", shown.static)
    assert.matches('filter for syscall "memfd_create"', shown.guard)
    assert.matches('filter for syscall "umask" %(%d+%).-action NOTIFY;', shown.notify)
    assert.matches("$a1.lo32 & 0xffffffff == 61", shown.notify)
    for _, text in pairs(shown) do assert.matches("action KILL_PROCESS;", text) end
  end)

  it("says which programs there are not", function()
    local shown = filters [[at_exit(function() end)]]
    assert.matches('filter for syscall "mount"', shown.static)
    assert.same({ "(none)", "(none)" }, { shown.guard, shown.notify })
  end)

  it("shows what a run has: a path that is missing is an error", function()
    local ran = helper.command("check", "--filter", "-e", [[sandbox { read = { "/no/where" } }]])
    assert.equal(125, ran.status)
    assert.matches("filter guard: .*/no/where", ran.stderr)
  end)
end)
