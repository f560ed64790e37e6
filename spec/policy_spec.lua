local demilune = require "demilune"
local helper = require "spec.helper"

-- Runs /bin/true, or another command, under a policy file with this text.
local function run(text, ...)
  local dir <close> = helper.scratch()
  local path = dir:write("p.lua", text)
  local words = select("#", ...) > 0 and { ... } or { "true" }
  local seen = helper.command("run", path, "--", table.unpack(words))
  seen.stderr = seen.stderr:gsub(path, "p.lua")
  return seen
end

local function assert_refused(text, message)
  local seen = run(text, "echo", "started")
  assert.equal("demilune: " .. message .. "\n", seen.stderr)
  assert.equal(125, seen.status)
  assert.equal("", seen.stdout)
end

describe("a policy file", function()
  it("cannot read or write a global that nobody declared", function()
    assert_refused("local x = 1\nx = contineu", 'p.lua:2: undeclared global "contineu", '
      .. 'did you mean "continue"?')
    assert_refused("\n\nanswer = 42",
      'p.lua:3: undeclared global "answer": declare it with local')
    assert_refused("_G.answer = 42",
      'p.lua:1: undeclared global "answer": declare it with local')
    assert_refused("function helper() end",
      'p.lua:1: undeclared global "helper": declare it with local')
  end)

  it("has a handler checked in the same way, when it runs", function()
    local seen = run([[on("umask", { on_exception = "continue" },
      function() return dney "EIO" end)]], "sh", "-c", "umask")
    assert.matches('p.lua:2: undeclared global "dney", did you mean "deny"?', seen.stderr, 1, true)
  end)

  it("cannot change the environment's rules", function()
    assert_refused("setmetatable(_G, nil)", "p.lua:1: cannot change a protected metatable")
  end)

  it("has Lua's libraries and the constructors, and no more names than that", function()
    local seen = run [[
      for _, name in ipairs { "continue", "deny", "returns", "inject_fd", "inject_bytes",
        "hold", "kill", "on", "watch", "at_exit", "sandbox", "release", "demilune",
        "string", "table", "math", "io", "os", "require", "print", "printf" } do
        assert(_G[name], name)
      end
      printf("%s\n", "whole")
    ]]
    assert.equal(0, seen.status)
    assert.matches("^whole\n", seen.stderr)
  end)

  it("prints where demilune speaks, not into the program's output", function()
    local seen = run('print("a", 1, nil) on("umask", function() print "b" return continue() end)',
      "sh", "-c", "umask >/dev/null; echo out")
    assert.equal("out\n", seen.stdout)
    assert.matches("^a\t1\tnil\nb\n", seen.stderr)
  end)

  it("may start with a line for the shell, which counts", function()
    local dir <close> = helper.scratch()
    local path = dir:write("p.lua", "#!/usr/bin/env demilune\nreturn nothing")
    assert.equal(("demilune: %s:2: undeclared global \"nothing\"\n"):format(path),
      helper.command("run", path, "--", "true").stderr)
  end)

  it("must be text: no bytecode", function()
    assert_refused(string.dump(function() end),
      "p.lua: a policy is text, not compiled Lua")
  end)

  it("may declare one sandbox, with fields that exist", function()
    assert_refused("sandbox {} sandbox {}", "p.lua:1: sandbox: there can be only one")
    assert_refused('sandbox { cdw = "/" }',
      'p.lua:1: sandbox has no field "cdw", did you mean "cwd"?')
    assert_refused('sandbox { limits = { time = "soon" } }', 'p.lua:1: sandbox limits time "soon" '
      .. 'is no time: write "500ms", "30s", "2m" or "1h"')
    assert_refused('sandbox(7)', "p.lua:1: sandbox is a table, not a number")
  end)

  it("gives the program its environment and directory", function()
    local seen = run('sandbox { env = { ANSWER = "42", HOME = false }, cwd = "/" }',
      "sh", "-c", "echo $ANSWER ${HOME-none} $PWD")
    assert.equal("42 none /\n", seen.stdout)
  end)

  it("has its at_exit functions called in order, each whatever the others do", function()
    local seen = run([[
      at_exit(function(result) print("first", result.reason, result.exit_code) end)
      at_exit(function() error "broken" end)
      at_exit(function(result) print("last", result.success) end)
    ]], "sh", "-c", "exit 3")
    assert.matches("^first\texited\t3\n.*p.lua:2: broken.*\nlast\tfalse\n$", seen.stderr)
    assert.equal(125, seen.status)
  end)
end)

describe("on and watch", function()
  it("take a constructor that needs to be told nothing", function()
    local dir <close> = helper.scratch()
    for _, name in ipairs { "continue", "perform" } do
      local seen = helper.command("-e", ('on({ "mkdir", "mkdirat" }, %s)'):format(name), "--", "mkdir",
        dir:path(name))
      assert.equal("", seen.stderr)
      assert.equal(0, seen.status)
    end
    local box = demilune.sandbox { log = false, script = { held_time = "50ms" } }
    local seen = box:run_with_handlers(helper.probe "getppid", { { "getppid", demilune.handler {
      handle = demilune.hold, on_exception = "deny_eio" } } })
    assert.matches("^%-1 EIO", seen.stdout)
  end)

  it("refuse what is no call, no handler, no policy, with file and line", function()
    for text, message in pairs {
      ['on("opneat", print)'] = 'on: unknown system call "opneat", did you mean "openat"?',
      ['on(1000000, print)'] = "on: no system call has the number 1000000 on this architecture",
      ['on(-1, print)'] = "on: no system call has the number -1 on this architecture",
      ['on({}, print)'] = "on: an empty list of system calls",
      ['on({ "openat", "opneat" }, print)'] =
        'on: unknown system call "opneat", did you mean "openat"?',
      ['on(nil, print)'] = "on: a system call is a name or a number, not a nil",
      ['on(1.5, print)'] = "on: a system call is a name or a number, not a number",
      ['on("openat")'] = "on: a handler is a function, not a nil",
      ['on("openat", {}, "deny")'] = "on: a handler is a function, not a string",
      ['on("openat", deny "EPERM")'] = 'on: a handler is a function: function() return deny("EPERM") end',
      ['on("openat", deny)'] = "on: deny needs to be told what: function() return deny(...) end",
      ['on("openat", {}, inject_bytes)'] =
        "on: inject_bytes needs to be told what: function() return inject_bytes(...) end",
      ['on("openat", 7, print)'] = "on: the options are a table, not a number",
      ['on("openat", { on_exception = "kil" }, print)'] =
        'on: unknown exception policy "kil", did you mean "kill"?',
      ['on("openat", { on_exeption = "kill" }, print)'] =
        'on: a handler has no option "on_exeption", did you mean "on_exception"?',
      ['watch("opneat", print)'] = 'watch: unknown system call "opneat", did you mean "openat"?',
      ['at_exit(42)'] = "at_exit: needs a function, not a number",
      ['on("openat", deny "ENOENTT")'] = "bad argument #1 to 'deny' (unknown errno \"ENOENTT\", "
        .. 'did you mean "ENOENT"?)',
      ['use(7)'] = "use: needs a list of { calls, handler }, not a number",
      ['use { 7 }'] = "use: entry 1: no { calls, handler }",
      ['use { { "opneat", print } }'] =
        'use: entry 1: unknown system call "opneat", did you mean "openat"?',
      ['use(presets.path_deny "x")'] =
        'path_deny: pattern 1, "x", can never match: it starts with / or **',
      ['release(1, deny "EIO")'] = "release: the program has not started",
    } do
      assert_refused("\n" .. text, "p.lua:2: " .. message)
    end
  end)

  it("ask in the order of registration until one decides", function()
    local seen = run([[
      watch("umask", function() print "watched" return deny "EIO" end)
      on("umask", function() print "first" return continue() end)
      on("umask", function() print "second" return returns(7) end)
      on("umask", function() print "third" return returns(8) end)
    ]], helper.program "probe", "umask", "0")
    assert.equal("watched\nfirst\nsecond\n", seen.stderr)
    assert.matches("^7 0", seen.stdout)
  end)

  it("warn of calls that a signal can break off", function()
    local seen = run('on({ "close", "openat" }, function() return continue() end)')
    assert.equal("demilune: warning: a signal can make a call that has a handler fail with EINTR, "
      .. "and programs do not expect that of close\n", seen.stderr)
    assert.equal(0, seen.status)
  end)
end)

describe("a watcher that fails", function()
  it("is reported, and the program does not notice", function()
    local seen = run('watch("umask", function() error "broken" end)',
      helper.program "probe", "umask", "0")
    assert.matches("p.lua:1: broken", seen.stderr)
    assert.matches("^%d+ 0", seen.stdout)
    assert.equal(0, seen.status)
  end)
end)
