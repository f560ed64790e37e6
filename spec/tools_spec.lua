local helper = require "spec.helper"
local straced = require "spec.straced"

local command = helper.command

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local function needs_strace()
  if not straced.works() then pending "strace cannot trace here" end
end

describe("demilune files", function()
  it("names the same files as strace", function()
    needs_strace()
    local dir <close> = helper.scratch()
    dir:write("a", "text")
    local program = { "sh", "-c", "cd " .. dir.root .. [[; cat a > b; mkdir d; mv b d/c
      ln -s nowhere l; ls d/../d; rm -r d l; cat /not/there ../none; cat a/b]] }
    local wanted = straced.files(program, dir.root)
    local seen = command("files", "-o", dir:path "out", "--", table.unpack(program))
    local files = {}
    for i, line in ipairs(lines_of(dir:read "out")) do files[i] = line:match "^%S+  (.*)$" end
    assert.same(wanted, files)
    assert.equal("c\n", seen.stdout)
    assert.is_true(#files > 20)
  end)

  it("says what was done to each", function()
    local dir <close> = helper.scratch()
    local file = dir:path "new"
    command("files", "-o", dir:path "out", "--", "sh", "-c",
      ("f=%s; echo x > $f; cat $f; chmod 600 $f; mv $f $f.2; rm $f.2; exec true"):format(file))
    local out = dir:read "out"
    assert.matches("%-%-cd%-%-[s-]  " .. file .. ".2\n", out)
    assert.matches("rwcd%-m[s-]  " .. file .. "\n", out)
    assert.matches("%-%-%-%-x%-[s-]  /[%w/]*/true\n", out)
  end)

  it("shows only what is asked for, and refuses what it does not know", function()
    local seen = command("files", "--only", "write", "--", "sh", "-c", "echo x > /dev/null")
    assert.equal("-wc----  /dev/null\n", seen.stderr)
    seen = command("files", "--only", "wirte", "--", "true")
    assert.equal(125, seen.status)
    assert.matches('"wirte": it is read, write', seen.stderr)
  end)
end)

describe("demilune execs", function()
  it("shows the same tree as strace", function()
    helper.needs("Linux 6.15", pending)
    needs_strace()
    local program = { "sh", "-c", (([[/bin/true; (/bin/false; sh -c '/bin/true; exit 4')
      no-such-program; sh -c 'kill -9 $$'; sh -c 'exec sleep 0.01'
      exec sh -c '/bin/true; exit 3']]):gsub("\n", ";")) }
    local wanted = straced.programs(program)
    local dir <close> = helper.scratch()
    local seen = command("execs", "--json", "-o", dir:path "out", "--", table.unpack(program))
    assert.equal(3, seen.status)
    local json, tree = require "dkjson", {}
    for line in dir:read("out"):gmatch "[^\n]+" do
      local one = json.decode(line)
      if one.type == "exec" then
        tree[#tree + 1] = ("%s%s (%s)"):format(("  "):rep(one.depth),
          table.concat(one.argv, " "), one.is_replaced and "exec" or one.exit_code or one.signal)
      end
    end
    assert.equal(10, #tree)
    assert.same(wanted, tree)
  end)

  it("knows how long a program ran", function()
    helper.needs("Linux 6.15", pending)
    local seen = command("execs", "--", "sh", "-c", "sleep 0.3; exit 2")
    local whole = seen.stderr:match "(%d%.%d+) s +2 +%d+  sh %-c"
    local sleep = seen.stderr:match "(%d%.%d+) s +0 +%d+    sleep 0.3\n"
    assert.is_true(tonumber(sleep) >= 0.3)
    assert.is_true(tonumber(whole) >= tonumber(sleep))
  end)

  it("knows a daemon's end, too: it dies with the run", function()
    helper.needs("Linux 6.15", pending)
    local seen = command("execs", "--", "sh", "-c", "setsid sleep 50 & exec sleep 0.3")
    assert.matches("SIGKILL +%d+ +sleep 50\n", seen.stderr)
  end)
end)

describe("demilune count", function()
  it("counts as strace does", function()
    needs_strace()
    local calls = "openat,newfstatat,getdents64,read,write,execve,access,close,mmap"
    local program = { "find", "spec", "src", "-newer", "Makefile" }
    local dir <close> = helper.scratch()
    command("count", calls, "-q", "-o", dir:path "out", "--", table.unpack(program))
    local counts = {}
    for n, name in dir:read("out"):gmatch "(%d+)  (%w+)\n" do counts[name] = tonumber(n) end
    assert.same(straced.counts(calls, program), counts)
  end)

  it("counts by several keys", function()
    local seen = command("count", "%exec", "--by", "name", "--by", "path", "--top", "1", "--",
      "sh", "-c", "/bin/true; /bin/true; /bin/false")
    assert.equal("2  execve  /bin/true\n... and 2 more\n", seen.stderr)
  end)

  it("refuses a key that there is not", function()
    local seen = command("count", "--by", "cmo", "--", "true")
    assert.equal(125, seen.status)
    assert.matches('%-%-by "cmo": it is name, comm', seen.stderr)
  end)
end)

describe("demilune trace", function()
  it("has a line for each call: time, process, program, call", function()
    local seen = command("trace", "chdir", "--", "sh", "-c", "cd /tmp; cd ..; echo out")
    assert.equal("out\n", seen.stdout)
    local lines = lines_of(seen.stderr)
    assert.equal(2, #lines)
    assert.matches('^%d%d:%d%d:%d%d%.%d%d%d +%d+ sh +chdir%("/tmp"%)$', lines[1])
    assert.matches('chdir%("/"%)$', lines[2])
  end)

  it("can be held to a path and what is beneath it", function()
    local seen = command("trace", "%file", "-P", "/etc/hostname", "-P", "/dev", "--",
      "cat", "/etc/hostname", "/dev/null")
    for _, line in ipairs(lines_of(seen.stderr)) do
      assert.matches('"/etc/hostname"', (line:gsub("/dev/null", "/etc/hostname")))
    end
    assert.equal(2, #lines_of(seen.stderr))
  end)
end)

describe("demilune trace --tree", function()
  it("indents by process and shows programs with their arguments", function()
    local seen = command("trace", "--tree", "chdir,execve", "--", "sh", "-c",
      "cd /tmp; (cd /; sh -c 'cd /etc; :'; :); cd /usr")
    local lines = lines_of(seen.stderr)
    -- time, process and program take 36 columns
    for i, line in ipairs(lines) do lines[i] = line:sub(37) end
    assert.matches("^sh %-c 'cd /tmp; ", lines[1])
    assert.same({ '  chdir("/tmp")', '    chdir("/")', "  sh -c 'cd /etc; :'",
      '    chdir("/etc")', '  chdir("/usr")' }, { table.unpack(lines, 2) })
  end)
end)

describe("demilune net", function()
  it("names who is contacted and what is bound", function()
    local seen = command("net", "--", "python3", "-c", [[
import socket
a = socket.socket(); a.bind(("127.0.0.1", 0)); a.connect_ex(("127.0.0.2", 9))
socket.socket(socket.AF_UNIX).connect_ex("/no/such")
socket.socket(socket.AF_INET6).connect_ex(("::1", 9))]])
    assert.equal(0, seen.status)
    local text = seen.stderr:gsub("0:0:0:0:0:0:0:1", "::1")
    assert.matches("1  bind     python3%S* +127%.0%.0%.1:0\n", text)
    assert.matches("1  connect  python3%S* +127%.0%.0%.2:9\n", text)
    assert.matches("unix:/no/such\n", text)
    assert.matches("%[::1%]:9\n", text)
  end)
end)

describe("a tool", function()
  it("is listed with a line", function()
    local seen = command "tools"
    assert.equal(0, seen.status)
    for _, name in ipairs { "trace", "count", "files", "net", "execs" } do
      assert.matches("demilune " .. name .. " +%l", seen.stdout)
    end
  end)

  it("is a policy that can be copied, changed and run", function()
    local dir <close> = helper.scratch()
    local source <close> = io.open "lua/demilune/tools/count.lua"
    local copy = dir:write("mine.lua", "#!/usr/bin/env demilune\n" .. source:read "a")
    local seen = command("run", copy, "--", "sh", "-c", "cd /")
    assert.matches("1  chdir\n", seen.stderr)
    seen = command(copy, "chdir", "--by", "comm", "--", "sh", "-c", "cd /; cd /")
    assert.equal("2  sh\n", seen.stderr)
    assert.matches("usage: demilune count", command(copy, "--help").stdout)
  end)

  it("says what is wrong with its words", function()
    assert.matches('takes options only', command("files", "x", "--", "true").stderr)
    assert.matches('unknown option "%-%-bye"', command("count", "--bye", "--", "true").stderr)
    assert.matches("No such file", command("./no.lua", "--", "true").stderr)
    assert.matches('did you mean "trace"', command("trase", "--", "true").stderr)
    local dir <close> = helper.scratch()
    local seen = command(dir:write("no-tool.lua", "local x = 1"), "--", "true")
    assert.equal(125, seen.status)
    assert.matches("is no tool: it calls no tool{}", seen.stderr)
  end)
end)
