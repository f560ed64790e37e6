local helper = require "spec.helper"

local command = helper.command

describe("demilune --on", function()
  it("runs a body at each call, with ctx, and leaves the program's output alone", function()
    local seen = command("--on", "chdir", "print(ctx.name, ctx:path())", "--",
      "sh", "-c", "cd /tmp; cd ../etc; echo out")
    assert.equal(0, seen.status)
    assert.equal("out\n", seen.stdout)
    assert.equal("chdir\t/tmp\nchdir\t/etc\n", seen.stderr)
  end)

  it("takes several, calls with commas, and what they set is shared", function()
    local seen = command("--begin", "n = 0", "--on", "chdir,umask", "n = n + 1",
      "--on", "chdir", "last = ctx.name", "--end", "printf('%s %s\\n', n > 2, last)",
      "--", "sh", "-c", "cd /; cd /tmp; umask 0")
    assert.equal("true chdir\n", seen.stderr)
  end)

  it("decides when the body returns an action, and else the call goes on", function()
    local seen = command("--on", "openat",
      "if ctx:path() == '/etc/hostname' then return deny 'EACCES' end",
      "--", "cat", "/etc/hostname", "/dev/null")
    assert.equal(1, seen.status)
    assert.equal("cat: /etc/hostname: Permission denied", seen.stderr:match "^[^\n]*")
    assert.matches("^[^\n]*\ndemilune: [^\n]* calls went on after their handler read the "
      .. "program's memory[^\n]*\n$", seen.stderr)
  end)

  it("reports the error of a body that can only look, and the program goes on", function()
    local seen = command("--on", "chdir", "ctx.x.y = 1", "--", "sh", "-c", "cd /; echo on")
    assert.equal("on\n", seen.stdout)
    assert.matches("%(%-%-on chdir%):1: ", seen.stderr)
    assert.matches("the call went on", seen.stderr)
  end)

  it("kills at the call when a body that may decide fails", function()
    local seen = command("--on", "chdir", "local x = nil + 1 return x", "--",
      "sh", "-c", "echo before; cd /; echo after")
    assert.equal(137, seen.status)
    assert.equal("before\n", seen.stdout)
    assert.matches("%(%-%-on chdir%):1: ", seen.stderr)
  end)

  local wrong = {
    { 'openatt"%, did you mean "openat"', "--on", "openatt", "x()" },
    { "%(%-%-on openat%):1: unexpected symbol", "--on", "openat", "x(" },
    { "%-%-on openat needs BODY", "--on", "openat" },
    { '%(%-%-begin%):1: undeclared global "y"', "--begin", "x = y" },
    { "%(%-%-end%):1: ", "--end", "return (" },
  }
  for _, case in ipairs(wrong) do
    it("says before anything starts: " .. case[1], function()
      local words = table.move(case, 2, #case, 1, {})
      -- the option that lacks its word stands last
      local program = #words == 2 and words[1] == "--on" and {} or { "--", "echo", "started" }
      table.move(program, 1, #program, #words + 1, words)
      local seen = command(table.unpack(words))
      assert.equal(125, seen.status)
      assert.equal("", seen.stdout)
      assert.matches(case[1], seen.stderr)
    end)
  end
end)

-- Starts argv[3:], waits for the file argv[2], signals the process or, as a terminal
-- does, the group; the program's end is the answer to it.
local interrupt = [[
import os, signal, subprocess, sys, time
how, ready = sys.argv[1:3]
child = subprocess.Popen(sys.argv[3:], start_new_session=True, stdin=subprocess.DEVNULL)
for i in range(1000):
    if os.path.exists(ready): break
    time.sleep(0.01)
if how == "INT": os.killpg(child.pid, signal.SIGINT)
else: os.kill(child.pid, signal.SIGTERM)
sys.exit(child.wait() & 255)
]]

describe("an aggregate of a one-liner", function()
  local count = { "--begin", "seen = count()", "--on", "chdir", "seen:add(ctx:path())" }

  local function with_count(...)
    local words = table.move(count, 1, #count, 1, {})
    return table.move({ ... }, 1, select("#", ...), #words + 1, words)
  end

  it("prints itself at the end", function()
    local seen = command(table.unpack(with_count("--", "sh", "-c",
      "cd /tmp; cd /; cd /tmp; exit 3")))
    assert.equal(3, seen.status)
    assert.equal("2  /tmp\n1  /\n", seen.stderr)
  end)

  it("does not print itself when the policy printed it", function()
    local seen = command(table.unpack(with_count("--end",
      "seen:print { top = 1, title = 'where' }", "--", "sh", "-c", "cd /tmp; cd /; cd /")))
    assert.equal("where\n2  /\n... and 1 more\n", seen.stderr)
  end)

  it("prints itself after a time limit", function()
    local seen = command(table.unpack(with_count("-t", "1s", "--", "sh", "-c",
      "cd /; sleep 60")))
    assert.equal(124, seen.status)
    assert.equal("1  /\n", seen.stderr)
  end)

  for how, status in pairs { INT = 130, TERM = 143 } do
    it("prints itself after SIG" .. how, function()
      local dir <close> = helper.scratch()
      local words = with_count("--", "sh", "-c", "cd /; touch \"$0\"; exec sleep 20",
        dir:path "ready")
      local seen = helper.shell { "python3", "-c", interrupt, how, dir:path "ready",
        helper.demilune, table.unpack(words) }
      assert.equal(status, seen.status)
      assert.equal("1  /\n", seen.stderr)
    end)
  end

  it("is a JSON line with --json", function()
    local seen = command(table.unpack(with_count("--json", "--", "sh", "-c", "cd /tmp")))
    assert.matches('{"v":1,"type":"aggregate".-"key":%["/tmp"%].-}', seen.stderr)
    assert.matches('{"v":1,"type":"exit"', seen.stderr)
  end)
end)

describe("demilune run --dry", function()
  local dir, policy

  setup(function()
    dir = helper.scratch()
    policy = dir:write("policy.lua", [[
      on("chdir", function(ctx)
        if ctx:path() == "/" then return deny "EACCES" end
        return continue()
      end)
      on("umask", function() error "broken" end)]])
  end)

  teardown(function() dir:__close() end)

  it("says what would have been decided, and decides nothing", function()
    local seen = command("run", "--dry", policy, "--", "sh", "-c",
      "cd /tmp; cd / && echo went; umask 0; echo on")
    assert.equal(0, seen.status)
    assert.equal("went\non\n", seen.stdout)
    assert.matches('would be deny%("EACCES"%): sh%[%d+%] chdir%("/"%)\n', seen.stderr)
    assert.not_matches([["/tmp"]], seen.stderr)
    assert.matches("warning: a dry run protects nothing", seen.stderr)
    assert.matches("policy.lua:5: broken\n  at umask .*: the call went on", seen.stderr)
  end)

  it("has the same as JSON", function()
    local seen = command("run", "--dry", "-q", "--json", policy, "--", "sh", "-c", "cd /")
    assert.matches('"type":"action".-"text":"chdir%(\\"/\\"%)","action":"deny%(\\"EACCES\\"%)"',
      seen.stderr)
  end)
end)

describe("a constant", function()
  it("is in scope under its name, as ctx.args has it", function()
    local seen = command("--on", "openat", [[
      if ctx.args.flags & O_CREAT ~= 0 then print(ctx.args.dirfd == AT_FDCWD, SIGTERM) end]],
      "--", "sh", "-c", ": >/dev/null")
    assert.equal("true\t15\n", seen.stderr)
    assert.matches('undeclared global "O_CREATE"', command("-e", "print(O_CREATE)", "--",
      "true").stderr)
  end)
end)
