local helper = require "spec.helper"

local command = helper.command

-- demilune is $0, the rest what it gets.
local function in_shell(script, ...)
  return helper.shell { "bash", "-c", "set -o pipefail; " .. script, helper.demilune, ... }
end

-- So many calls with a handler that each make a line of the trace.
local accesses = "import os\nfor i in range(%d): os.access('/%s', 0)\n"

describe("a trace", function()
  it("does not end the program when its reader goes away", function()
    local dir <close> = helper.scratch()
    local done = dir:path "done"
    local seen = in_shell([["$0" trace access -- python3 -c "$1" 2>&1 >/dev/null | head -n 1]],
      accesses:format(5000, "x") .. "open('" .. done .. "', 'w'); os._exit(7)")
    assert.equal("", dir:read "done")
    assert.equal(7, seen.status)
  end)

  it("does not hold the program up when its reader stops reading", function()
    local dir <close> = helper.scratch()
    local done = dir:path "done"
    local seen = in_shell([["$0" trace access -- python3 -c "$1" 2>&1 >/dev/null |
      { timeout 20 sh -c 'until [ -e "$0" ]; do sleep 0.1; done' "$2"; grep "left out"; }]],
      accesses:format(15000, ("x"):rep(80)) .. "open('" .. done .. "', 'w')", done)
    assert.equal(0, seen.status, seen.stderr)
    assert.matches("demilune: %d+ lines were left out here: nobody read them\n", seen.stdout)
  end)

  it("gets along with the program on one pipe", function()
    local seen = in_shell([["$0" trace access -- python3 -c "$1" 2>&1 | grep -c '^out']],
      "import os\nfor i in range(3000):\n  os.access('/x', 0)\n"
      .. "  print('out', 'x' * 200, flush=True)\n")
    assert.equal("3000\n", seen.stdout)
  end)

  it("goes to a file that is whole when the run is over", function()
    local dir <close> = helper.scratch()
    local seen = command("trace", "access", "-o", dir:path "t", "--", "python3", "-c",
      accesses:format(3000, "y"))
    assert.equal("", seen.stderr)
    assert.equal(3000, select(2, dir:read("t"):gsub('access%("/y"', "")))
  end)

  it("shares a file with the program, and neither overwrites the other", function()
    local dir <close> = helper.scratch()
    in_shell([["$0" trace chdir -- sh -c 'echo one >&2; cd /; echo two >&2' 2>"$1"]],
      dir:path "both")
    assert.matches('one\n.*chdir%("/"%)\n.*two\n', dir:read "both" .. "two\n")
    assert.matches("two\n", dir:read "both")
  end)

  it("ends after -n events, and the program goes on", function()
    local seen = command("trace", "chdir", "-n", "2", "--", "sh", "-c",
      "cd /; cd /; cd /; echo end")
    assert.equal("end\n", seen.stdout)
    assert.equal(2, select(2, seen.stderr:gsub("\n", "")))
  end)

  it("is told and ended after -d, and the program goes on", function()
    local seen = in_shell([["$0" -d 300ms --begin 'n = count()' --on chdir 'n:add(ctx:path())' \
      -- sh -c 'cd /; sleep 2; cd /tmp; echo end' 2>&1]])
    assert.equal("1  /\nend\n", seen.stdout)
    assert.equal(0, seen.status)
  end)
end)

describe("demilune on a terminal", function()
  local function on_terminal(environment, line)
    return helper.shell { "env", "TERM=xterm", environment, "script", "-qec", line,
      "/dev/null" }.stdout
  end
  local trace = helper.demilune .. " trace chdir -- sh -c 'stty cols 60; cd /'"

  it("sets what is beside the point back, unless NO_COLOR is set", function()
    assert.matches('\27%[2m%d%d:%d%d:[^\27]*\27%[0mchdir', on_terminal("A=", trace))
    assert.not_matches("\27", on_terminal("NO_COLOR=1", trace))
  end)

  it("cuts a line that does not fit, with a mark", function()
    local line = on_terminal("NO_COLOR=1", ("stty cols 50; %s trace openat -- cat /%s"):format(
      helper.demilune, ("x"):rep(50)))
    assert.equal(50, utf8.len((line:match "([^\r\n]*…)")))
  end)

  it("shows progress, and wipes it off", function()
    local seen = on_terminal("A=", helper.demilune
      .. " --progress --on chdir 'n = 1' -- sh -c 'cd /; sleep 1.3'")
    assert.matches("\r\27%[K1 calls, %d+ a second, 2 processes, 1 s", seen)
    assert.matches("\27%[K$", (seen:gsub("%s+$", "")))
  end)
end)

describe("the command", function()
  it("refuses -p with the reason and what to use instead", function()
    local seen = command("trace", "-p", "1")
    assert.equal(125, seen.status)
    assert.matches("only a process itself can install a seccomp filter", seen.stderr)
    assert.matches("strace %-p 1", seen.stderr)
  end)

  it("warns, and with -q it does not", function()
    local words = { "--on", "close", "x = 1", "--", "true" }
    assert.matches("warning: .*close", command(table.unpack(words)).stderr)
    assert.equal("", command("-q", table.unpack(words)).stderr)
  end)

  it("says that its output cannot be opened", function()
    for _, option in ipairs { "-o", "--html" } do
      local seen = command(option, "/no/such/file", "-e", "", "--", "echo", "started")
      assert.equal(125, seen.status)
      assert.equal("", seen.stdout)
      assert.matches("/no/such/file: No such file or directory", seen.stderr)
    end
  end)
end)
