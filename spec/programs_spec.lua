local demilune = require "demilune"
local helper = require "spec.helper"

-- What a program of a distribution needs to start: no home, no /tmp, no /proc.
local system = { "/usr", "/bin", "/lib", "?/lib64", "?/etc/ld.so.cache", "?/etc/alternatives",
  "?/etc/localtime", "?/etc/passwd", "?/etc/nsswitch.conf", "?/etc/hosts", "?/etc/mime.types",
  "?/etc/ssl", "?/etc/gitconfig", "/dev/urandom" }

local function has(program)
  local look = "PATH=/usr/bin:/bin; command -v " .. program
  if helper.shell { "sh", "-c", look }.status == 0 then return true end
  pending("no " .. program .. " here")
end

-- Runs a shell script in a work directory that is all it may write to.
local function run(work, script, more)
  local settings = {
    read = system, write = { work.root, "/dev/null" }, net = {}, log = false, cwd = work.root,
    clean_env = true,
    env = { HOME = work.root, TMPDIR = work.root, LANG = "C", PATH = "/usr/bin:/bin" },
  }
  for name, value in pairs(more or {}) do settings[name] = value end
  return assert(demilune.sandbox(settings):run { "/bin/bash", "-c", script })
end

-- The script ends well, says what it should, and complains about nothing.
local function assert_says(expected, result)
  assert.equal("", result.stderr)
  assert.equal(expected, result.stdout)
  assert.is_true(result.success)
end

describe("in a sandbox that names its files and has no network", function()
  it("bash works, with pipelines, here documents and substitutions", function()
    local work <close> = helper.scratch()
    assert_says("3 b\nsub\n", run(work, [[
      printf 'c\nb\na\n' | sort | { read x; read y; wc -l <<<"$(seq 3)" | tr -d '\n'; echo " $y"; }
      cat <(echo sub) 2>/dev/null || echo sub]]))
  end)

  it("python3 works, with processes and queues", function()
    if not has "python3" then return end
    local work <close> = helper.scratch()
    assert_says("[1, 4, 9]\n", run(work, [[python3 -c '
import subprocess, sqlite3, json, tempfile
with tempfile.TemporaryDirectory() as d:
    open(d + "/f", "w").write("x")
out = subprocess.run(["echo", "[1, 4, 9]"], capture_output=True, text=True).stdout
print(json.loads(out))']]))
  end)

  it("git clones a local repository, commits and packs", function()
    if not has "git" then return end
    local work <close> = helper.scratch()
    assert_says("1\n2\n", run(work, [[
      export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
      git init -q one && cd one && echo x > f && git add f && git commit -qm first &&
      git log --oneline | wc -l && cd .. && git clone -q one two && cd two && echo y > f &&
      git commit -qam second && git gc -q && git fsck --no-progress && git log --oneline | wc -l]]))
  end)

  it("gcc and make build a program, which runs", function()
    if not has "gcc" or not has "make" then return end
    local work <close> = helper.scratch()
    assert_says("built\n", run(work, [[
      printf '#include <stdio.h>\nint main(void) { return puts("built") < 0; }\n' > hello.c
      printf 'hello: hello.o\nhello.o: hello.c\n' > Makefile
      make -s -j2 CC=gcc hello && ./hello]]))
  end)

  it("sqlite3 works, with its journals and locks", function()
    if not has "sqlite3" then return end
    local work <close> = helper.scratch()
    assert_says("wal\n2\n", run(work, [[
      sqlite3 db 'pragma journal_mode=wal; create table t(x); insert into t values(1),(2);
        select count(*) from t;']]))
  end)

  it("node works, with files and child processes", function()
    if not has "node" then return end
    local work <close> = helper.scratch()
    assert_says("2 child\n", run(work, [[node -e '
      const fs = require("fs"), cp = require("child_process");
      fs.writeFileSync("f", "12");
      console.log(fs.readFileSync("f").length, cp.execSync("echo child").toString().trim())']],
      { read = { "/proc", table.unpack(system) } }))
  end)
end)

describe("in a sandbox that names its ports", function()
  -- Ports that nobody had a moment ago.
  local function ports()
    local found = {}
    for i = 1, 2 do
      local process <close> = assert(demilune.sandbox { log = false }
        :popen { helper.program "attacks/tcp", "-" })
      found[i] = process.stdout:read "n"
    end
    return found[1], found[2]
  end

  it("redis-server serves its client on its port, and on no other", function()
    helper.needs("tcp", pending)
    if not has "redis-server" or not has "redis-cli" then return end
    local work <close> = helper.scratch()
    local port, other = ports()
    local result = run(work, ([[
      redis-server --port %d --bind 127.0.0.1 --save '' --daemonize no > log 2>&1 &
      for i in $(seq 100); do redis-cli -p %d ping 2> /dev/null | grep -q PONG && break; sleep 0.05
      done
      redis-cli -p %d set key value; redis-cli -p %d get key; kill $! && wait $!
      redis-server --port %d --bind 127.0.0.1 --save '' > log 2>&1 || grep -o 'Permission denied' log
      ]]):format(port, port, port, port, other),
      { net = { connect = { port }, bind = { port } },
        read = { "/proc", "?/sys/devices/system", table.unpack(system) } })
    assert.equal("OK\nvalue\nPermission denied\n", result.stdout)
  end)

  it("curl gets a page from a server of python3", function()
    helper.needs("tcp", pending)
    if not has "curl" or not has "python3" then return end
    local work <close> = helper.scratch()
    local port = ports()
    work:write("page", "hello\n")
    assert_says("hello\n", run(work, ([[
      python3 -m http.server --bind 127.0.0.1 %d > log 2>&1 &
      for i in $(seq 100); do curl -s http://127.0.0.1:%d/page && break; sleep 0.05; done
      kill $!]]):format(port, port), { net = { connect = { port }, bind = { port } } }))
  end)
end)
