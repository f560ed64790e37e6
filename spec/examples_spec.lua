--- Every example runs, and does what its first line says.
local helper = require "spec.helper"
local socket = require "socket"

local function run(example, ...)
  return helper.command("run", ("examples/%s.lua"):format(example), "--", ...)
end

describe("the example", function()
  it("hostname shows another hostname and no password file", function()
    local ran = run("hostname", "sh", "-c", "cat /etc/hostname /etc/passwd")
    assert.equal("moonlight\n", ran.stdout)
    assert.matches("/etc/passwd: Permission denied", ran.stderr)
    assert.matches("exit status 1, %d+ files opened", ran.stderr)
  end)

  it("clock has the program live in 1999, and what it starts", function()
    local ran = run("clock", "env", "TZ=UTC", "date", "+%Y")
    assert.equal("1999\n", ran.stdout)
    assert.equal("1999\n", run("clock", "sh", "-c", "TZ=UTC date +%Y; true").stdout)
  end)

  it("one_host reaches one address, by TCP alone", function()
    helper.needs("tcp", pending)
    local listener = assert(socket.bind("*", 0))
    local _, port = listener:getsockname()
    local ran = run("one_host", "python3", "-c", ([[if True:
      import socket
      def attempt(what, *arguments):
        try: what(*arguments); print("reached")
        except OSError as e: print(e.strerror)
      attempt(socket.create_connection, ("127.0.0.1", %d))
      attempt(socket.create_connection, ("127.0.0.2", %d))
      attempt(socket.socket().sendto, b"x", socket.MSG_FASTOPEN, ("127.0.0.2", %d))
      attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)]]):format(port, port, port))
    listener:close()
    assert.equal("reached\nConnection refused\nOperation not permitted\n"
      .. "Operation not permitted\n", ran.stdout)
    assert.matches('refused: connect%(%d+, {sa_family=AF_INET, sin_port=htons%(%d+%), '
      .. 'sin_addr=inet_addr%("127.0.0.2"%)}', ran.stderr)
  end)

  it("read_only changes no file, and says what was tried", function()
    local dir <close> = helper.scratch()
    dir:write("f", "kept")
    local ran = run("read_only", "sh", "-c", ("cd %s; cat f; echo x > f; rm -f f; chmod 0 f; "
      .. "mkdir d"):format(dir.root))
    assert.equal("kept", ran.stdout)
    assert.equal("kept", dir:read "f")
    assert.matches(dir:path "f", ran.stderr, 1, true)
    assert.matches('mkdir%("d", 0777%)', ran.stderr)
    assert.matches("chmod: changing permissions of 'f': ", ran.stderr)
  end)

  it("disk_full has the third write of a process fail", function()
    local ran = run("disk_full", "sh", "-c", "echo 1; echo 2; echo 3; echo 4")
    assert.equal("1\n2\n4\n", ran.stdout)
    assert.matches("fault.nth%(3%) fired 1 times in", ran.stderr)
  end)

  it("secrets hides keys by whatever name", function()
    local dir <close> = helper.scratch()
    os.execute(("cd %s && mkdir .ssh app && echo key > .ssh/id && echo key > app/.env && "
      .. "ln -s .ssh/id innocent"):format(dir.root))
    local ran = helper.shell { "env", "HOME=" .. dir.root, "GITHUB_TOKEN=key", helper.demilune, "run",
      "examples/secrets.lua", "--", "sh", "-c", "cd; cat innocent app/.env /proc/self/cwd/.ssh/id; "
      .. "mv .ssh s; cat s/id; echo $GITHUB_TOKEN" }
    assert.equal("\n", ran.stdout)
    assert.matches("innocent: Permission denied", ran.stderr)
  end)

  it("ask has a person at the terminal decide", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local try = ([[send %s run examples/ask.lua -- python3 -c "if True:
      import socket; s = socket.socket(); print('got', s.connect_ex(('127.0.0.1', %d)))"]]):format(
      helper.demilune, port)
    local seen = helper.shell { "python3", "spec/terminal.py", "expect [$] ",
      try, "expect wants to connect to 127.0.0.1:" .. port, "send y", "expect got 0", "expect [$] ",
      try, "expect wants to connect to 127.0.0.1", "send n", "expect got 111" }
    listener:close()
    assert.equal("", seen.stderr)
    assert.equal(0, seen.status)
  end)

  it("service asks another process, and two questions wait at a time", function()
    local dir <close> = helper.scratch()
    for name, text in pairs { secret = "no", both1 = "1", both2 = "2" } do dir:write(name, text) end
    local server = dir:write("server.py", [[
import signal, socket
signal.alarm(20)
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
waiting = []
while True:
    client = server.accept()[0]
    path = client.makefile().readline()
    waiting += [client] if "both" in path else []
    for other in waiting if len(waiting) == 2 else [] if "both" in path else [client]:
        other.sendall(b"no\n" if "secret" in path else b"yes\n")
]])
    local ran = helper.shell { "sh", "-c", ([[cd %s; python3 %s > port & p=$!; cd "$OLDPWD"
      while ! [ -s %s ]; do sleep 0.05; done
      DECIDER_PORT=$(cat %s) %s run examples/service.lua -- sh -c 'cd %s; cat secret; { cat both1 &
        cat both2; wait; } | cat'; kill $p]]):format(dir.root, server, dir:path "port", dir:path "port",
      helper.demilune, dir.root) }
    assert.equal("cat: secret: Permission denied\n", ran.stderr)
    assert.matches("^[12][12]$", ran.stdout)
  end)

  it("policy_test tests a policy without running anything", function()
    local ran = helper.shell { "sh", "-c", ("%s $(command -v busted) --lpath='lua/?.lua;lua/?/init.lua' "
      .. "--cpath=%s/lua/?.so -o plainTerminal examples/policy_test.lua"):format(
      os.getenv "LUA" or "lua5.4", helper.build) }
    assert.matches("2 successes / 0 failures / 0 errors", ran.stdout)
  end)
end)

describe("an example", function()
  it("has at most 25 lines, and passes demilune check", function()
    local paths = assert(io.popen "ls examples/*.lua")
    for path in paths:lines() do
      local file <close> = assert(io.open(path))
      local _, n = file:read "a":gsub("\n", "")
      assert.is_true(n <= 25, path)
      if not path:find "_test%.lua$" then
        assert.equal(0, helper.command("check", path).status, path)
      end
    end
    paths:close()
  end)
end)
