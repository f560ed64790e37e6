local helper = require "spec.helper"

-- Types and looks; see terminal.py.
local function at_terminal(...)
  local seen = helper.shell { "python3", "spec/terminal.py", "expect [$] ", ... }
  assert.equal("", seen.stderr)
  assert.equal(0, seen.status)
end

-- What is typed to run a program under a policy that has handlers on what it does.
local function typed(program, script)
  return ("send %s -e '%s' -- %s"):format(helper.demilune, script
    or 'on({ "read", "write", "ioctl", "openat" }, function() return continue() end)', program)
end

local inner = "env PS1=inner: bash --norc --noprofile --noediting -i"

-- dash forks by vfork(2), and a Ctrl-C or Ctrl-Z that comes in between is lost or stops
-- only the child: programs that fork nothing are used here, or short sleeps.
local exit_hook = 'at_exit(function(r) print("at_" .. "exit", r.reason, r.signal) end)'

describe("at a terminal", function()
  it("Ctrl-C reaches the program, and the policy has its last word", function()
    at_terminal(typed("sh -c 'echo ready; exec sleep 20'", exit_hook), "expect ready", "send ^C",
      "expect at_exit\tsignaled\tSIGINT", "send echo status=$?", "expect status=130")
  end)

  it("Ctrl-C is the program's to handle", function()
    at_terminal(typed [[sh -c 'trap "echo caught; exit 5" INT; echo ready
      while :; do sleep 0.05; done']],
      "expect ready", "send ^C", "expect caught", "send echo status=$?", "expect status=5")
  end)

  it("Ctrl-\\ reaches the program", function()
    at_terminal("send ulimit -c 0", typed("sh -c 'echo ready; exec sleep 20'", exit_hook),
      "expect ready", "send ^\\", "expect at_exit\tsignaled\tSIGQUIT",
      "send echo status=$?", "expect status=131")
  end)

  it("Ctrl-Z stops it, and fg lets it go on", function()
    at_terminal(typed("sh -c 'echo ready; read x; echo got $x; read x; echo got $x'"),
      "expect ready", "send ^Z", "expect Stopped", "expect [$] ",
      "send fg", "send one", "expect got one",
      "send ^Z", "expect Stopped", "expect [$] ", "send fg", "send two", "expect got two",
      "send echo status=$?", "expect status=0")
  end)

  it("Ctrl-Z and bg leave a program running that does not read", function()
    at_terminal(typed [[python3 -c "if True:
      import time
      print('ready', flush=True); time.sleep(1); print('done')"]], "expect ready", "send ^Z",
      "expect Stopped", "expect [$] ", "send bg", "expect done",
      "send wait; echo status=$?", "expect status=0")
  end)

  it("a program that stops itself gives the terminal back", function()
    at_terminal(typed "bash -c 'echo ready; suspend -f; echo on'", "expect ready",
      "expect Stopped", "expect [$] ", "send fg", "expect on",
      "send echo status=$?", "expect status=0")
  end)

  -- A child of a program that stopped itself: what it is, until it is gone.
  local function child_of_stopped(run, steps)
    local dir <close> = helper.scratch()
    at_terminal("send f=" .. dir:path "f", "send child() { set -- $(cat $f); ps -o stat= -p $2; }",
      ("send %s > $f"):format(run:format(helper.program "attacks/stopped")),
      "expect Stopped", "expect [$] ", table.unpack(steps))
  end

  it("nothing of a program that stops itself goes on, where nobody keeps its limits", function()
    local kill = "send set -- $(cat $f); kill -KILL $2"
    child_of_stopped("%s", { "send echo state=$(child)", "expect state=R", kill })
    child_of_stopped(helper.demilune .. " run -- %s", { "send echo state=$(child)",
      "expect state=T", "send fg", "expect on", "send ^Z", "expect Stopped", "expect [$] ",
      "send echo state=$(child)", "expect state=T", kill })
  end)

  it("what has itself made to go on although it was stopped is killed", function()
    child_of_stopped("mkfifo $f.in; (while echo; do sleep 0.01; done > $f.in) & " .. helper.demilune
      .. " run -- %s async < $f.in", { "send until [ -z \"$(child)\" ]; do :; done; echo it is gone",
      "expect it is gone" })
  end)

  it("a program that will not stop at Ctrl-Z is not stopped", function()
    at_terminal(typed [[python3 -c "if True:
      import select, signal, sys
      signal.signal(signal.SIGTSTP, lambda *_: print('caught', flush=True))
      print('ready', flush=True)
      # a signal that comes just before a read is seen after it only
      while not select.select([sys.stdin], [], [], 0.05)[0]: pass
      print('got', sys.stdin.readline())"]], "expect ready",
      "send ^Z", "expect caught", "send one", "expect got one",
      "send echo status=$?", "expect status=0")
  end)

  it("Ctrl-Z stops a program whose input is no terminal, and fg lets it go on", function()
    at_terminal(typed [[python3 -c "if True:
      import time
      print('ready', flush=True); time.sleep(0.5); print('done')"]] .. " </dev/null",
      "expect ready", "send ^Z", "expect Stopped", "expect [$] ", "send fg", "expect done",
      "send echo status=$?", "expect status=0")
  end)

  it("a shell in it has job control", function()
    at_terminal(typed(inner), "expect inner:", [[send python3 -c "if True:
      import signal, time
      signal.signal(signal.SIGCONT, lambda *_: print('on', flush=True))
      print('up', flush=True); [time.sleep(1) for _ in range(20)]"]],
      "expect up", "send ^Z", "expect Stopped", "expect inner:",
      "send jobs", "expect Stopped.*python3", "expect inner:",
      "send fg", "expect \non", "send ^C", "expect KeyboardInterrupt", "expect inner:",
      "send sleep 20 &", "expect inner:", "send jobs", "expect Running.*sleep 20",
      "expect inner:", "send kill %1; wait", "expect inner:",
      "send echo a | cat | tr a b", "expect b", "send exit 7", "expect [$] ",
      "send echo status=$?", "expect status=7")
  end)

  it("is the shell's again after a program that took it was killed", function()
    at_terminal(typed(inner, 'on("umask", function() error "broken" end)'), "expect inner:",
      "send umask", "expect [$] ", "send read x; echo got $x", "send hello", "expect got hello")
  end)
end)

-- Starts demilune in the background of a shell, in which $p is its pid.
local function shell(program, after)
  return helper.shell { "sh", "-c", ([[
    out=$(mktemp); "$0" -e "$1" -- sh -c "$2" >"$out" 2>&1 </dev/null & p=$!
    until grep -q ready "$out"; do sleep 0.01; done
    %s
    wait $p; echo "status=$?"; cat "$out"; rm "$out"]]):format(after),
    helper.demilune, 'on("umask", continue)', program }.stdout
end

describe("a signal to demilune", function()
  for signal, number in pairs { TERM = 15, HUP = 1, USR1 = 10, USR2 = 12 } do
    it("SIG" .. signal .. " is passed on to the program", function()
      assert.equal(("status=%d\nready\n"):format(128 + number),
        shell("echo ready; exec sleep 20", "kill -" .. signal .. " $p"))
      assert.equal("status=3\nready\ncaught\n",
        shell(("trap 'echo caught; exit 3' %s; echo ready; while :; do sleep 0.01; done")
          :format(signal), "kill -" .. signal .. " $p"))
    end)
  end
end)

describe("a pipeline", function()
  local function pipeline(line)
    -- whoever runs the specs may have SIGPIPE ignored, and that is inherited
    return helper.shell { "env", "--default-signal=PIPE", "timeout", "15", "bash", "-c", line,
      helper.demilune, 'on({ "read", "write" }, function() return continue() end)' }
  end

  it("ends when its reader is gone, as it does without demilune", function()
    local seen = pipeline('"$0" -e "$1" -- yes | head -1; echo ${PIPESTATUS[0]}')
    assert.equal("y\n141\n", seen.stdout)
    assert.equal("", seen.stderr)
  end)

  it("ends when the program has read enough", function()
    local seen = pipeline('yes | "$0" -e "$1" -- head -1; echo ${PIPESTATUS[*]}')
    assert.equal("y\n141 0\n", seen.stdout)
  end)

  it("passes all bytes on", function()
    local seen = pipeline('head -c 300000 /dev/zero | "$0" -e "$1" -- cat | wc -c')
    assert.equal("300000\n", seen.stdout)
  end)
end)

describe("closed at the start", function()
  local script = "on({ 'write', 'openat' }, function() return continue() end) print 'said'"

  local function closed(redirect)
    return helper.shell({ helper.demilune, "-e", script, "--", "sh", "-c",
      "echo out; echo err >&2; exit 3" }, { redirect = redirect })
  end

  it("stdin, stdout or stderr do not disturb a run", function()
    local seen = closed "<&-"
    assert.same({ 3, "out\n", "said\nerr\n" }, { seen.status, seen.stdout, seen.stderr })
    seen = closed ">&-"
    assert.same({ 3, "", "said\nerr\n" }, { seen.status, seen.stdout, seen.stderr })
    seen = closed "2>&-"
    assert.same({ 3, "out\n" }, { seen.status, seen.stdout })
  end)

  it("all three do not, either", function()
    assert.equal(3, closed("<&- >&- 2>&-").status)
  end)
end)
