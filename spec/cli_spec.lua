local demilune = require "demilune"
local helper = require "spec.helper"

local command = helper.command

-- What the command says to bad input: one line, status, nothing started.
local function assert_refused(status, message, ...)
  local seen = command(...)
  assert.equal("demilune: " .. message .. "\n", seen.stderr)
  assert.equal("", seen.stdout)
  assert.equal(status, seen.status)
end

describe("the exit status of demilune run", function()
  it("is the program's own", function()
    for _, status in ipairs { 0, 1, 77, 255 } do
      assert.equal(status, command("run", "--", "sh", "-c", "exit " .. status).status)
    end
  end)

  it("is 128+n after signal n", function()
    assert.equal(143, command("run", "--", "sh", "-c", "kill -TERM $$").status)
    assert.equal(137, command("run", "--", "sh", "-c", "kill -KILL $$").status)
    assert.equal(139, command("run", "--", "sh", "-c", "kill -SEGV $$").status)
  end)

  it("is 137 after a policy killed the program", function()
    local seen = command("-e", 'on("umask", function() error "broken" end)',
      "--", "sh", "-c", "echo before; umask; echo after")
    assert.equal(137, seen.status)
    assert.equal("before\n", seen.stdout)
  end)

  it("is 124 when the time limit ended it", function()
    assert.equal(124, command("run", "-t", "50ms", "--", "sleep", "20").status)
    assert.equal(124, command("-e", 'sandbox { limits = { time = "50ms" } }',
      "--", "sh", "-c", "trap '' TERM; sleep 20").status)
  end)

  it("is 127 for a program that is not found", function()
    assert_refused(127, "no-such-program: No such file or directory",
      "run", "--", "no-such-program")
    assert_refused(127, "/no/such/program: No such file or directory",
      "run", "--", "/no/such/program")
    assert_refused(127, "/etc/passwd/x: Not a directory", "run", "--", "/etc/passwd/x")
    assert_refused(127, ": No such file or directory", "run", "--", "")
  end)

  it("is 126 for one that cannot be executed", function()
    assert_refused(126, "/etc/passwd: Permission denied", "run", "--", "/etc/passwd")
    assert_refused(126, "/etc: Permission denied", "run", "--", "/etc")
    local dir <close> = helper.scratch()
    dir:write("plain", "")
    local seen = helper.shell { "env", "PATH=" .. dir:path(), helper.demilune, "run", "--",
      "plain" }
    assert.equal("demilune: plain: Permission denied\n", seen.stderr)
    assert.equal(126, seen.status)
  end)

  it("is the shell's for a script without a first line that names its interpreter", function()
    local dir <close> = helper.scratch()
    local script = dir:write("script", "echo $1; exit 5\n")
    os.execute("chmod 755 " .. script)
    local seen = command("run", "--", script, "one")
    assert.equal("one\n", seen.stdout)
    assert.equal(5, seen.status)
  end)
end)

describe("a wrong command line", function()
  it("is refused with what to write instead", function()
    assert_refused(125, 'unknown command "rnu", did you mean "run"?; demilune --help lists them',
      "rnu", "--", "echo", "x")
    assert_refused(125, 'unknown option "--satus-fd", did you mean "--status-fd"?',
      "run", "--satus-fd=3", "--", "echo", "x")
    assert_refused(125, 'put "--" before the command: '
      .. "demilune run [OPTION...] [POLICY.lua] -- COMMAND [ARGUMENT...]", "run", "echo")
    assert_refused(125, 'one policy file only; put "--" before the command: ... -- echo x',
      "run", "p.lua", "echo", "x", "--", "x")
    assert_refused(125, "-t needs DURATION", "run", "-t")
    assert_refused(125, "-w needs PATH", "run", "-w", "--", "true")
    assert_refused(125, '-t: "soon" is no time: write "500ms", "30s", "2m" or "1h"',
      "run", "-t", "soon", "--", "echo", "x")
  end)

  it("without a command is refused", function()
    assert_refused(125, 'no command after "--"', "run", "--")
    assert_refused(125, 'no command after "--"', "-e", "", "--")
  end)

  it("is explained by --help", function()
    for _, words in ipairs { {}, { "--help" }, { "run", "--help" } } do
      local seen = command(table.unpack(words))
      assert.matches("^usage: demilune run", seen.stdout)
      assert.equal(0, seen.status)
    end
  end)
end)

describe("a policy that cannot be loaded", function()
  it("is named with file, line and reason", function()
    local dir <close> = helper.scratch()
    local path = dir:write("p.lua", "local x = 1\nlocal = 2\n")
    assert_refused(125, path .. ":2: <name> expected near '='", "run", path, "--", "echo", "x")
    assert_refused(125, "(-e):1: unexpected symbol near '='", "-e", "=", "--", "echo", "x")
  end)

  it("is named when it does not exist or cannot be read", function()
    assert_refused(125, "no/such.lua: No such file or directory",
      "run", "no/such.lua", "--", "echo", "x")
    assert_refused(125, "/etc: Is a directory", "run", "/etc", "--", "echo", "x")
  end)

  it("is refused when it raises, whatever it raises", function()
    assert_refused(125, "(-e):1: broken", "-e", 'error "broken"', "--", "echo", "x")
    assert_refused(125, "the policy raised a table that is no message", "-e", "error {}",
      "--", "echo", "x")
    assert_refused(125, "the policy raised a nil that is no message", "-e", "error(nil)",
      "--", "echo", "x")
  end)

  it("may declare nothing, which is said", function()
    local seen = command("-e", "return", "--", "echo", "started")
    assert.equal("started\n", seen.stdout)
    assert.equal("demilune: warning: the policy declares nothing: nothing will be decided\n",
      seen.stderr)
    assert.equal(0, seen.status)
  end)
end)

describe("what demilune says", function()
  it("goes to a file with -o, which the program does not inherit", function()
    local dir <close> = helper.scratch()
    local out = dir:path "out"
    local seen = command("run", "-o", out, "-e", 'print "hello"', "--",
      "sh", "-c", "ls /proc/$$/fd")
    assert.equal("", seen.stderr)
    assert.equal("0\n1\n2\n", seen.stdout)
    assert.matches("^hello\n", dir:read "out")
    assert_refused(125, "/no/such/file: No such file or directory",
      "run", "-o", "/no/such/file", "--", "echo", "x")
  end)

  it("cannot steer a terminal with bytes that a program chose", function()
    local seen = command("-e", 'on("umask", function() error "\\27[31mred\\r" end)',
      "--", "sh", "-c", "umask")
    assert.is_nil(seen.stderr:find("[\27\r]"))
    assert.matches("\\033[31mred\\015", seen.stderr, 1, true)
  end)
end)

describe("a command for box:run", function()
  local box = demilune.sandbox { log = false }

  it("that is none raises, with the place of the call", function()
    for message, bad in pairs {
      ["a command is a list of strings, not a string"] = "true",
      ["a command is a list of strings, not a nil"] = false,
      ["the command is empty"] = {},
      ["argument 1 of the command is a number, not a string"] = { "echo", 7 },
      ["argument 1 of the command contains NUL"] = { "echo", "a\0b" },
      ["argument 0 of the command contains NUL"] = { "echo\0" },
    } do
      local _, problem = pcall(function() box:run(bad or nil) end)
      assert.matches("cli_spec.lua:%d+: ", problem)
      assert.matches(message, problem, 1, true)
    end
  end)

  it("that does not exist returns nil, message, errno, and leaves nothing", function()
    local before = helper.census()
    for _ = 1, 5 do
      local result, message, errno = box:run { "no-such-program" }
      assert.same({ nil, "no-such-program: No such file or directory", 2 },
        { result, message, errno })
    end
    assert.same(before, helper.census())
  end)
end)
