local helper = require "spec.helper"
local demilune = require "demilune"

local pwd <close> = io.popen "pwd"
local command = helper.demilune:sub(1, 1) == "/" and helper.demilune
  or pwd:read "l" .. "/" .. helper.demilune

local is_root = helper.shell({ "id", "-u" }).stdout == "0\n"

-- A directory to work in and, elsewhere, a home with a secret.
local function place()
  local dir, home = helper.scratch(), helper.scratch()
  os.execute(("cd %s && mkdir work tmp && mkdir %s/.ssh && echo key > %s/.ssh/id_x"):format(
    dir.root, home.root, home.root))
  return dir, home
end

-- A shell line in work, after words of demilune's or none.
local function run(dir, home, words, script)
  local line = { "env", "-C", dir:path "work", "HOME=" .. home.root, "TMPDIR=" .. dir:path "tmp",
    "DIR=" .. dir.root }
  for _, word in ipairs(words) do line[#line + 1] = word end
  table.move({ "sh", "-c", script }, 1, 3, #line + 1, line)
  return helper.shell(line)
end

-- What learn writes, what the same run does under it, and what an attacker gets.
local function learn_and_repeat(dir, home, script)
  local policy = dir:path "policy.lua"
  local first = run(dir, home, { command, "learn", "-o", policy, "--" }, script)
  assert.equal(0, first.status, first.stderr)
  os.execute(("rm -rf %s/* %s/*"):format(dir:path "work", dir:path "tmp"))
  local again = run(dir, home, { command, "run", policy, "--" }, script)
  assert.equal(first.stdout, again.stdout, again.stderr)
  assert.equal(0, again.status, again.stderr .. dir:read "policy.lua")
  local attack = run(dir, home, { command, "run", policy, "--" },
    script .. "; cat ~/.ssh/id_x; ls ~/.ssh; echo x >~/.ssh/new")
  assert.not_matches("key", attack.stdout)
  assert.matches("id_x: Permission denied", attack.stderr)
  assert.is_nil(io.open(home:path ".ssh/new"))
  return dir:read "policy.lua"
end

local function promise(what, fn)
  it(what, function()
    local dir, home = place()
    local first <close> = dir
    local second <close> = home
    fn(first, second)
  end)
end

describe("a learned policy lets the same run pass, and no more, of", function()
  promise("git clone", function(dir, home)
    local made = run(dir, home, {}, [[cd ..; git init -q origin; cd origin; echo a > a
      git add a; git -c user.name=x -c user.email=x@y commit -q -m first]])
    assert.equal(0, made.status, made.stderr)
    learn_and_repeat(dir, home, "git clone -q $DIR/origin copy && cat copy/a")
  end)

  promise("python3 -m venv", function(dir, home)
    learn_and_repeat(dir, home,
      "python3 -m venv --without-pip env && env/bin/python -c 'import sys; print(sys.prefix)'")
  end)

  promise("make", function(dir, home)
    os.execute(([[cd %s; mkdir src; echo 'int f(void); int main(void) { return f(); }' > src/main.c
      echo 'int f(void) { return 0; }' > src/f.c; printf 'p: ../src/main.c ../src/f.c\n\tcc -o $@ $^\n' \
      > src/Makefile]]):format(dir.root))
    learn_and_repeat(dir, home, "make -s -f ../src/Makefile p && ./p && echo built")
  end)

  promise("curl to a local server", function(dir, home)
    helper.needs("tcp", pending)
    local server <close> = assert(demilune.sandbox { log = false }:popen { "python3", "-u", "-c", [[
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"hello\n")
    def log_message(self, *a): pass
s = http.server.HTTPServer(("127.0.0.1", 0), H); print(s.server_port); s.serve_forever()]] })
    local port = server.stdout:read "l"
    local text = learn_and_repeat(dir, home,
      ("curl -s http://127.0.0.1:%s/ -o page && cat page"):format(port))
    assert.matches("connect = {\n *" .. port .. ",  %-%- curl, 127.0.0.1:" .. port, text)
  end)
end)

describe("demilune learn", function()
  -- The policy's text, with DIR and HOME for the two directories; more words of learn's.
  local function learned(script, ...)
    local words = { ... }
    words[#words + 1] = "--"
    local dir, home = place()
    local first <close> = dir
    local second <close> = home
    local seen = run(first, second, { command, "learn", "-o", first:path "p.lua",
      table.unpack(words) },
      script)
    assert.equal(0, seen.status, seen.stderr)
    local text = first:read "p.lua"
    assert.equal(0, helper.command("check", first:path "p.lua").status)
    text = text:gsub(first.root, "DIR"):gsub(second.root, "HOME")
    return text, seen
  end

  it("grants no secret, and says so", function()
    local text, seen = learned "cat ~/.ssh/id_x; ls ~/.ssh >/dev/null; cd; ls >/dev/null"
    assert.matches("\n%-%- not granted: read HOME/.ssh/id_x: it is a secret %(cat reads id_x%)", text)
    assert.matches("\n%-%- not granted: read HOME: secrets are beneath it", text)
    assert.not_matches('"%??HOME', text)
    assert.matches("3 paths were not granted", seen.stderr)
  end)

  it("knows a secret by its place, too", function()
    local text = learned "mkdir ~/.gnupg; echo x >~/.gnupg/x; cat ~/.gnupg/x; cat /etc/shadow; true"
    assert.matches("not granted: read HOME/.gnupg/x: it is a secret", text)
    assert.matches("not granted: read /etc/shadow: it is a secret", text)
  end)

  it("grants what the kernel opens to run a program", function()
    local dir <close> = helper.scratch()
    os.execute(("cp /bin/cat %s/of_script; printf '#!%s/of_script\\n' >%s/script; chmod 755 %s/script")
      :format(dir.root, dir.root, dir.root, dir.root))
    local text = learned(dir:path "script")
    assert.matches('"%?' .. dir:path "of_script" .. '"', text)
    assert.matches("executes ld%-linux", text)
  end)

  it("lets nothing of the system be written", function()
    if not is_root then pending "only root can write there" end
    local text = learned "touch /etc/demilune-spec; rm /etc/demilune-spec"
    assert.matches("not granted: write /etc: it belongs to the system", text)
    assert.not_matches('"/etc"', text)
  end)

  it("needs nothing for a link, and what it leads to", function()
    local dir <close> = helper.scratch()
    os.execute(("cd %s; mkdir a b; echo x > b/file; ln -s ../b/file a/link"):format(dir.root))
    local text = learned(("cat %s/a/link"):format(dir.root))
    assert.matches('"%?' .. dir.root .. '/b/file"', text)
    assert.not_matches("/a/link", text:match "read = .*")
  end)

  it("merges what another run needed", function()
    local dir <close> = helper.scratch()
    local other = dir:write("other.lua", [[
sandbox { read = { "?/opt/x" }, write = { "/var/tmp" }, net = { connect = { 443, "10.0.0.0/8:80" }, udp = true } }
-- not granted: read /etc/shadow: it is a secret (cat reads shadow)
]])
    local text = learned("cat /etc/hostname", "--merge", other)
    assert.matches('"%?/opt/x",  %-%- from ', text)
    assert.matches('"/var/tmp",  %-%- from ', text)
    assert.matches("443,  %-%- from ", text)
    assert.matches('"10.0.0.0/8:80",  %-%- from ', text)
    assert.not_matches(" 80,", text, 1, true)
    assert.matches("udp = true,  %-%- from ", text)
    assert.matches("hostname", text)
    assert.matches("\n%-%- not granted: read /etc/shadow", text)
  end)

  it("names the calls that are refused to all, and refuses them", function()
    local text = learned [[python3 -c '
import ctypes; libc = ctypes.CDLL(None, use_errno=True)
assert libc.setns(0, 0) == -1 and ctypes.get_errno() == 1']]
    assert.matches("\n%-%- refused: setns, tried by python3", text)
  end)

  it("tells TCP from UDP", function()
    local text = learned [[python3 -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", 53))
socket.socket().connect_ex(("127.0.0.1", 9)); socket.socket().bind(("127.0.0.1", 0))']]
    assert.matches("connect = {\n +9,  %-%- python3, 127.0.0.1:9\n    },", text)
    assert.matches("bind = {\n +0,  %-%- ", text)
    assert.matches("udp = true,  %-%- python3", text)
  end)

  it("warns of a policy that its program can change", function()
    local dir <close> = helper.scratch()
    local seen = helper.command("learn", "-o", dir:path "p.lua", "--", "touch", dir:path "x")
    assert.matches("p.lua lies where the program may write", seen.stderr)
    seen = helper.command("learn", "-o", dir:path "p.lua", "--", "true")
    assert.equal("", seen.stderr)
  end)

  it("finds what belongs to a process wherever its number is", function()
    local dir, home = place()
    local first <close> = dir
    local second <close> = home
    local text = learn_and_repeat(first, second, "grep -c ^Name /proc/self/status; cat </dev/null /dev/stdin")
    assert.matches('"/proc",  %-%- numbers of processes change: [^\n]*grep reads status', text)
  end)

  it("says at once that it cannot write the policy", function()
    local seen = helper.command("learn", "-o", "/no/such/p.lua", "--", "echo", "ran")
    assert.equal(125, seen.status)
    assert.equal("", seen.stdout)
    assert.matches("/no/such/p.lua", seen.stderr)
  end)
end)
