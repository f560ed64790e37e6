local demilune = require "demilune"
local helper = require "spec.helper"

local box = demilune.sandbox { log = false, limits = { time = "20s" } }

local function continue() return demilune.continue() end

-- What a command prints without us, and under a handler on every call that there is.
local function assert_same(...)
  local command = { ... }
  local plain = assert(box:run(command))
  local seen = assert(box:run_with_handlers(command, { { "*", continue } }))
  assert.same({}, seen.errors)
  assert.equal(plain.stdout, seen.stdout)
  assert.equal(plain.stderr, seen.stderr)
  assert.equal(plain.exit_code, seen.exit_code)
  assert.is_true(plain.success)
  assert.is_true(seen.stats.calls > 20)
end

describe("a handler on every system call", function()
  it("leaves bash as it is", function()
    assert_same("bash", "-c", [[
      trap 'echo bye' EXIT
      for i in 1 2 3; do echo "$i" | tr 1 x | cat; done
      (exit 3); echo $?; f() { local x=$(pwd); echo "${x%/*}"; }; f
      sleep 0.01 & wait $!; printf '%s\n' /etc/pass*; read -r line </etc/passwd; echo "$line"
    ]])
  end)

  it("leaves python3 as it is", function()
    assert_same("python3", "-c", [[
import subprocess, threading, tempfile, os, json
done = []
threads = [threading.Thread(target=done.append, args=(i,)) for i in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
with tempfile.TemporaryDirectory() as d:
    open(os.path.join(d, "x"), "w").write("hello")
    print(sorted(done), os.listdir(d))
print(subprocess.run(["echo", "child"], capture_output=True).stdout, json.dumps({"a": 1}))
]])
  end)

  it("leaves git as it is", function()
    assert_same("sh", "-c", [[
      d=$(mktemp -d) && cd "$d" || exit 1
      export GIT_AUTHOR_DATE=2020-01-01T00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00Z HOME=$d
      export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
      git init -q . && echo one >file && git add file && git commit -qm first
      echo two >>file && git diff --stat && git commit -qam second
      git log --format='%H %s' && git status --short; cd / && rm -rf "$d"
    ]])
  end)

  it("leaves gcc as it is", function()
    assert_same("sh", "-c", [[
      d=$(mktemp -d) && cd "$d" || exit 1
      printf '#include <stdio.h>\nint main(void) { return puts("compiled") < 0; }\n' >a.c
      gcc -O1 -Wall -o a a.c && ./a; cd / && rm -rf "$d"
    ]])
  end)

  it("leaves a program of 50 threads as it is", function()
    assert_same(helper.program "threads")
  end)

  it("can be handed over without permission to trace #plain", function()
    local seen = helper.shell { helper.program "noptrace", helper.demilune, "-e", [[
      sandbox { log = false }
      on("*", function() return continue() end)
      on("getppid", function() return returns(42) end)
    ]], "--", table.unpack(helper.probe "getppid") }
    assert.equal("42 0 \n", seen.stdout)
    assert.equal(0, seen.status)
  end)

  it("can deny every call, and the run still ends #plain", function()
    local seen, message = box:run_with_handlers({ "true" },
      { { "*", function() return demilune.deny "EPERM" end } })
    assert.is_nil(seen)
    assert.equal("execve: Operation not permitted", message)
  end)

  it("can fail at every call, and the run still ends", function()
    local seen = assert(box:run_with_handlers({ "true" },
      { { "*", function() error "broken" end } }))
    assert.equal("killed", seen.reason)
  end)

  it("can hold the very first call, and the time limit still holds", function()
    local brief = demilune.sandbox { log = false, limits = { time = "100ms" } }
    local seen = assert(brief:run_with_handlers({ "true" }, { { "execve", demilune.hold } }))
    assert.equal("timeout", seen.reason)
  end)
end)

describe("a handler that takes 20 ms now and then", function()
  it("does not leave another call where a signal can break it off", function()
    local patient = demilune.sandbox { log = false, script = { time = "10s" } }
    local seen = assert(patient:run_with_handlers({ helper.program "strange", "queued" }, {
      { "getppid", function() os.execute "sleep 0.8" return demilune.continue() end },
      { "getsid", function() return demilune.returns(42) end },
    }))
    assert.same({}, seen.errors)
    assert.equal("42 0\n", seen.stdout)
  end)

  -- dash's SIGCHLD is no SA_RESTART: what waits in the kernel's queue is broken off.
  it("breaks no pipeline, neither by a hang nor by a failure", function()
    local n = tonumber(os.getenv "DEMILUNE_PIPELINES") or 30
    local patient = demilune.sandbox { log = false, limits = { time = 20 + n } }
    local slow, calls = 0, 0
    local function now_and_then()
      calls = calls + 1
      if calls % 40 == 0 then
        slow = slow + 1
        local deadline = os.clock() + 0.02
        repeat until os.clock() > deadline
      end
      return demilune.continue()
    end
    local seen = assert(patient:run_with_handlers({ "dash", "-c",
      ("i=0; while [ $i -lt %d ]; do echo $i | cat | cat; i=$((i+1)); done"):format(n) },
      { { { "openat", "newfstatat", "execve" }, now_and_then } }))
    local expected = {}
    for i = 0, n - 1 do expected[i + 1] = i .. "\n" end
    assert.equal(table.concat(expected), seen.stdout)
    assert.equal("", seen.stderr)
    assert.is_true(slow > 0)
    assert.same({}, seen.errors)
  end)
end)

describe("registration", function()
  local function warning_for(calls)
    local said = {}
    local loud = demilune.sandbox { log = function(text) said[#said + 1] = text end }
    loud:run_with_handlers({ "true" }, { { calls, continue } })
    return said
  end

  it("warns of calls whose callers do not expect EINTR, with the reason", function()
    for _, name in ipairs { "close", "clone", "munmap", "mmap", "dup" } do
      local said = warning_for { name, "openat" }
      assert.equal(1, #said)
      assert.matches("a signal can make a call that has a handler fail with EINTR", said[1])
      assert.matches("do not expect that of " .. name .. "$", said[1])
    end
  end)

  it("does not warn of calls that are transparent", function()
    assert.same({}, warning_for { "openat", "newfstatat", "execve", "connect", "read" })
  end)
end)
