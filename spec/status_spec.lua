local helper = require "spec.helper"
local json = require "dkjson"

-- Runs demilune with descriptor 9 for its status. Returns the decoded lines, and what
-- helper.shell returns.
local function run(...)
  local dir <close> = helper.scratch()
  local path = dir:path "status"
  local seen = helper.shell({ helper.demilune, "run", "--status-fd", "9", ... },
    { redirect = "9>" .. path })
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = assert(json.decode(line)) end
  return lines, seen
end

local function events(lines)
  local names = {}
  for i, line in ipairs(lines) do names[i] = line.event end
  return table.concat(names, " ")
end

describe("--status-fd", function()
  it("tells the start, with the pid, and the exit", function()
    local lines, seen = run("--", "sh", "-c", "echo $$; exit 3")
    assert.same({ { event = "start", pid = tonumber(seen.stdout) },
      { event = "exit", reason = "exited", exit_code = 3, status = 3 } }, lines)
  end)

  it("tells each failure of a handler", function()
    local lines = run("-e", [[
      on("umask", { on_exception = "deny_eio" }, function() error "\xffx" end)]],
      "--", "sh", "-c", "umask")
    assert.equal("start error exit", events(lines))
    -- the lone surrogate U+DCFF, as dkjson decodes it
    assert.matches("%(%-e%):1: \xed\xb3\xbfx$", lines[2].message)
    assert.equal("umask", lines[2].syscall)
    assert.equal("deny_eio", lines[2].outcome)
  end)

  it("tells how a run ended that did not exit by itself", function()
    local lines = run("--", "sh", "-c", "kill -TERM $$")
    assert.same({ event = "exit", reason = "signaled", signal = "SIGTERM", status = 143 },
      lines[2])
    assert.same({ event = "exit", reason = "timeout", status = 124 },
      run("-t", "50ms", "--", "sleep", "20")[2])
    assert.same({ event = "exit", reason = "killed", signal = "SIGKILL", status = 137 },
      run("-e", 'on("umask", function() error "x" end)', "--", "sh", "-c", "umask")[3])
  end)

  it("tells of a start that failed: no start, an error, an exit", function()
    local lines, seen = run("--", "no-such-program")
    assert.equal("error exit", events(lines))
    assert.matches("no%-such%-program: No such file", lines[1].message)
    assert.same({ event = "exit", reason = "failed", status = 127 }, lines[2])
    assert.equal(127, seen.status)
    assert.same({ event = "exit", reason = "failed", status = 125 },
      run("-e", "syntax error", "--", "true")[2])
  end)

  it("tells of an execve that failed under a handler of its own", function()
    local dir <close> = helper.scratch()
    local script = dir:write("script", "#!/no/such/interpreter\n")
    os.execute("chmod 755 " .. script)
    local lines, seen = run("-e", 'on("execve", function() return continue() end)', "--", script)
    assert.equal("start error exit", events(lines))
    assert.equal(127, seen.status)
    assert.equal(127, lines[3].status)
  end)

  it("is not inherited by the program", function()
    local _, seen = run("--", "sh", "-c", "ls /proc/$$/fd")
    assert.equal("0\n1\n2\n", seen.stdout)
  end)

  it("refuses a descriptor that is closed or none, and starts nothing", function()
    for value, message in pairs {
      ["77"] = "--status-fd 77: descriptor: Bad file descriptor",
      ["-1"] = '--status-fd: "-1" is no descriptor number',
      ["x"] = '--status-fd: "x" is no descriptor number',
      ["99999999999"] = '--status-fd: "99999999999" is no descriptor number',
    } do
      local seen = helper.command("run", "--status-fd", value, "--", "echo", "started")
      assert.equal(125, seen.status)
      assert.equal("demilune: " .. message .. "\n", seen.stderr)
      assert.equal("", seen.stdout)
    end
  end)

  it("refuses a descriptor that cannot be written, and starts nothing", function()
    local seen = helper.shell({ helper.demilune, "run", "--status-fd", "9", "--", "echo", "x" },
      { redirect = "9</dev/null" })
    assert.equal(125, seen.status)
    assert.matches("%-%-status%-fd 9: ", seen.stderr)
    assert.equal("", seen.stdout)
  end)

  it("does not stop the run when its reader is gone", function()
    local seen = helper.shell({ "sh", "-c",
      "{ $0 run --status-fd 9 -- sh -c 'sleep 0.1; echo done'; } 9>&1 >/dev/null | true; echo $?",
      helper.demilune })
    assert.equal("0\n", seen.stdout)
    assert.equal("", seen.stderr)
  end)
end)
