--- The fields of sandbox{} as options of `demilune run`.
local attack = require "spec.attack"
local demilune = require "demilune"
local fields = require "demilune.fields"
local given = require "demilune.given"
local helper = require "spec.helper"
local options = require "demilune.options"
local sandbox = require "demilune.sandbox"

local command = helper.command

-- Words of a command line, and the sandbox{} that they are.
local same = {
  { "-r /usr --read ?/opt", { read = { "/usr", "?/opt" } } },
  { "-w /a --write /b", { write = { "/a", "/b" } } },
  { "--optional /opt --deny /x", { optional = { "/opt" }, deny = { "/x" } } },
  { "--connect 443,8000-8100 --connect 10.0.0.0/8:1",
    { net = { connect = { 443, "8000-8100", "10.0.0.0/8:1" } } } },
  { "--bind 0,* --udp", { net = { bind = { 0, "*" }, udp = true } } },
  { "--icmp --raw --netlink", { net = { icmp = true, raw = true, netlink = true } } },
  { "--no-net", { net = {} } },
  { "--connect 80 --no-net --connect 443", { net = { connect = { 443 } } } },
  { "--isolate net,pid --isolate mount --map-root",
    { isolate = { "net", "pid", "mount" }, map_root = true } },
  { "--deny-syscall chmod,chown --allow-syscall %ipc",
    { syscalls = { deny = { "chmod", "chown" }, allow = { "%ipc" } } } },
  { "-t 1m -m 1G -P 9", { limits = { time = "1m", memory = "1G", processes = 9 } } },
  { "--time 1m --memory 1G --processes 9",
    { limits = { time = "1m", memory = "1G", processes = 9 } } },
  { "--cpu 1500ms --open-files 32 --file-size 4K -m 1 -m 2",
    { limits = { cpu = "1500ms", open_files = 32, file_size = "4K", memory = 2 } } },
  { "--cwd /tmp --umask 027", { cwd = "/tmp", umask = "027" } },
  { "--env A=b=c --env B= --unset-env C --clean-env",
    { env = { A = "b=c", B = "", C = false }, clean_env = true } },
  { "--uid 1 --gid 0", { uid = 1, gid = 0 } },
  { "--keep-fd 5 --keep-fd 6 --terminal", { fds = { 5, 6 }, terminal = true } },
  { "--script-time 2s --script-memory 1M --held-calls 3 --held-time 4s",
    { script = { time = "2s", memory = "1M", held_calls = 3, held_time = "4s" } } },
  { "--on-missing tcp=degrade --on-missing files=error --explain",
    { on_missing = { tcp = "degrade", files = "error" }, explain = true } },
  { "--on-missing tcp=error --on-missing degrade", { on_missing = "degrade" } },
}

-- What options find, or nil, message.
local function find(text)
  local words = {}
  for word in text:gmatch "%S+" do words[#words + 1] = word end
  local found, _, message = options.parse(words, fields.options())
  return found and found.given, message
end

-- Returns the settings and what was said.
local function settings_of(text, policy, is_dry)
  local said = {}
  policy = policy and assert(sandbox.check(policy))
  local settings, message = given.settings(assert(find(text)), policy, is_dry,
    function(line) said[#said + 1] = line end)
  return settings, message or table.concat(said, "\n")
end

describe("an option of demilune run", function()
  -- what is nothing for a command line, and why
  local without = {
    log = "a function; what demilune says goes where -o says",
    name = "of a box of a Lua program",
    stdio = "the program of a command has the command's",
    ["limits.output"] = "a command captures nothing",
  }

  it("is there for each field of sandbox{}, unless there is a reason", function()
    local missing = {}
    for _, field in ipairs(sandbox.fields()) do
      if not fields.option(field) and not without[field] then missing[#missing + 1] = field end
    end
    assert.same({}, missing)
    for field in pairs(without) do assert.is_nil(fields.option(field)) end
  end)

  it("is tried here, and listed in docs/lua.md and by --help", function()
    local file <close> = assert(io.open "docs/lua.md")
    local manual, help, tried = file:read "a", command("run", "--help").stdout, ""
    for _, one in ipairs(same) do tried = tried .. " " .. one[1] .. " " end
    for _, option in ipairs(fields.options()) do
      for _, name in ipairs(option.names) do
        assert(tried:find(" " .. name .. " ", 1, true), name)
        assert(manual:find("`" .. name .. "`", 1, true), name)
        assert(help:find(name, 1, true), name)
      end
    end
  end)

  it("is what the field is", function()
    for _, one in ipairs(same) do
      local settings, said = settings_of(one[1])
      assert.same(assert(sandbox.check(one[2])), settings, one[1])
      assert.equal("", said)
    end
  end)

  it("is checked as the field is, and named", function()
    for text, message in pairs {
      ["--connect 80,70000"] = '--connect: "70000" is no port, "8000-8100" or "*"',
      ["--connect 10.1.0.0/8:1"] = '--connect: is wrong: "10.1.0.0/8:1" has bits beyond',
      ["--bind ::1"] = '--bind: is "::1": only connect takes addresses',
      ["--isolate pids"] = '--isolate: is unknown: "pids", did you mean "pid"?',
      ["--isolate ,"] = "--isolate: it names nothing",
      ["--cpu soon"] = '--cpu: "soon" is no time', ["-m x"] = '-m: "x" is no size',
      ["--open-files 1.5"] = '--open-files: "1.5" is no whole, positive number',
      ["--uid nobody"] = '--uid: "nobody" is no whole number from 0',
      ["--umask 8"] = "--umask: is octal", ["--env A"] = '--env: "A" is no NAME=VALUE',
      ["--env =x"] = '--env: has the name ""',
      ["--on-missing truncate=degrade"] = '--on-missing: is unknown: "truncate"',
      ["--on-missing never"] = '--on-missing: is "error" or "degrade", not "never"',
      ["--udp=no"] = "--udp takes no value", ["--read="] = "--read: is an empty path",
    } do
      local found, problem = find(text)
      assert.is_nil(found, text)
      assert.equal(message, problem:sub(1, #message))
    end
    local _, problem = settings_of "--uid 1"
    assert.matches("the command line needs uid and gid", problem, 1, true)
  end)
end)

describe("a setter of the C library", function()
  local setters = {
    read = "add_path", write = "add_path", deny = "add_path", optional = "add_path",
    ["net.connect"] = "connect_address", ["net.bind"] = "add_port", isolate = "isolate",
    map_root = "isolate", on_missing = "on_missing", clean_env = "clean_env", cwd = "set_cwd",
    env = "set_env", explain = "explain", fds = "keep_fd", terminal = "keep_terminal", uid = "set_ids",
    gid = "set_ids", umask = "set_umask", stdio = "set_stdio", log = "on_error",
    ["limits.time"] = "set_time_limit", ["script.time"] = "set_handler_limit",
    ["script.held_calls"] = "set_hold_limit", ["script.held_time"] = "set_hold_limit",
    ["syscalls.allow"] = "allow_syscall", ["syscalls.deny"] = "deny_syscall",
  }
  for _, kind in ipairs { "udp", "icmp", "raw", "netlink" } do setters["net." .. kind] = "restrict_sockets" end
  for _, limit in ipairs { "cpu", "file_size", "memory", "open_files", "output",
    "processes" } do
    setters["limits." .. limit] = "set_limit"
  end
  local without = {
    name = "of a box of a Lua program", ["script.memory"] = "memory of Lua",
  }

  it("is there for each field of sandbox{}, unless there is a reason", function()
    local file <close> = assert(io.open "include/demilune.h")
    local header = file:read "a"
    for _, field in ipairs(sandbox.fields()) do
      assert(setters[field] or without[field], field)
      assert(without[field] or header:find(("demi_sandbox_%s("):format(setters[field]), 1, true), field)
    end
  end)
end)

describe("options beside the sandbox{} of a policy", function()
  it("add to its lists; of two values theirs counts", function()
    local settings = settings_of("-r /b --deny /a/x --umask 077 -t 1s --env B=2 --connect 80 --isolate pid", {
      read = { "/a" }, umask = "022", limits = { time = "2s", processes = 5 }, net = { bind = { 1 } },
      env = { A = "1" }, isolate = { "net" } })
    assert.same(assert(sandbox.check { read = { "/a", "/b" }, deny = { "/a/x" }, umask = "077",
      limits = { time = "1s", processes = 5 }, net = { bind = { 1 }, connect = { 80 } },
      env = { A = "1", B = "2" }, isolate = { "net", "pid" } }), settings)
  end)

  it("never give more than it without a word", function()
    local policy = { read = { "/a", "?/o" }, write = { "/w" }, net = { connect = { "80-90", "10.0.0.1:*" } },
      limits = { memory = 100 }, umask = "077", env = { A = "1", L = false }, fds = { 5 }, uid = 7,
      gid = 7, syscalls = { allow = { "mount" } }, on_missing = { tcp = "degrade" } }
    for _, text in ipairs { "-r /b", "-r /aa", "-r /a/../b", "-w /a", "--optional /b", "--connect 91",
      "--connect 80-91", "--connect 10.0.0.2:80-91", "--bind 1", "--udp", "-m 101", "--umask 022",
      "--env A=2", "--env L=x", "--unset-env A", "--keep-fd 6", "--uid 0", "--allow-syscall ptrace",
      "--terminal", "--on-missing files=degrade", "--on-missing degrade" } do
      local _, said = settings_of(text, policy)
      assert.matches("^warning: " .. text:gsub("%p", "%%%0") .. " .* the policy's sandbox{}$", said)
    end
    for _, text in ipairs { "-r /a", "-r /a/b", "-r /w/x", "-r /o", "-w /w/x", "--deny /a/b",
      "--connect 85", "--connect 10.0.0.1:*", "--connect 10.0.0.2:80", "--no-net", "-m 100", "-P 5",
      "--umask 077", "--env A=1", "--env B=1", "--keep-fd 5", "--uid 7 --gid 7", "--clean-env",
      "--allow-syscall mount", "--deny-syscall chmod", "--on-missing tcp=degrade",
      "--on-missing files=error", "--isolate net", "--explain", "--cwd /" } do
      local _, said = settings_of(text, policy)
      assert.equal("", said, text)
    end
  end)

  it("confine what it leaves open, and take the net away", function()
    local settings, said = settings_of("-r /usr --no-net", { cwd = "/", net = { connect = { 80 } } })
    assert.same(assert(sandbox.check { cwd = "/", read = { "/usr" }, net = {} }), settings)
    assert.equal("", said)
  end)

  it("apply in a dry run as far as they are no rules", function()
    local settings = settings_of("-r /usr --no-net --isolate net --deny-syscall chmod --cwd / -m 5",
      nil, true)
    assert.same({ cwd = "/", limits = { memory = 5 } }, settings)
  end)

  it("warn at a run, too, unless with -q", function()
    local words = { "-r", "/", "-e", 'sandbox { read = { "/usr" } }', "--", "/bin/true" }
    assert.equal("demilune: warning: -r / goes beyond the policy's sandbox{}\n",
      command("run", table.unpack(words)).stderr)
    assert.equal("", command("run", "-q", table.unpack(words)).stderr)
  end)
end)

describe("demilune run", function()
  it("carves a denied file out of what it grants", function()
    local dir <close> = helper.scratch()
    dir:write("open", "open\n")
    local secret = dir:write("secret", "secret\n")
    local seen = command("run", "-r", "/usr", "-r", "/bin", "-r", "/lib", "--optional", "/lib64",
      "--optional", "/no/such", "-r", dir.root, "--deny", secret, "--", "cat", dir:path "open", secret)
    assert.equal("open\n", seen.stdout)
    assert.matches("secret: Permission denied", seen.stderr, 1, true)
  end)

  it("holds a program to addresses, or to no network", function()
    local server <close> = assert(demilune.sandbox { log = false }
      :popen(attack.words("addresses", "-")))
    local port = server.stdout:read "l"
    local function reached(...)
      local words = { "run", ... }
      for _, word in ipairs(attack.words("addresses", "tcp", port, "127.0.0.1", "127.0.0.2")) do
        words[#words + 1] = word
      end
      local seen = command(table.unpack(words))
      return attack.got(attack.parse(seen.stdout .. seen.stderr))
    end
    assert.equal("127.0.0.1, 127.0.0.2", reached("--"))
    assert.equal("127.0.0.1", reached("--connect", "127.0.0.1:" .. port, "--"))
    assert.equal("127.0.0.1, 127.0.0.2", reached("--connect", port, "--"))
    assert.equal("", reached("--no-net", "--"))
  end)

  it("starts the program as it is told", function()
    local seen = helper.shell({ helper.demilune, "run", "--clean-env", "--env", "A=b c", "--cwd", "/usr",
      "--umask", "027", "--open-files", "33", "--keep-fd", "5", "--unset-env", "HOME", "--",
      "sh", "-c", "echo $A $HOME; pwd; umask; ulimit -n; cat <&5" }, { redirect = "5</etc/hostname" })
    local file <close> = assert(io.open "/etc/hostname")
    assert.equal("b c\n/usr\n0027\n33\n" .. file:read "a", seen.stdout, seen.stderr)
  end)

  it("denies and allows system calls", function()
    assert.matches("^%-1 EPERM", command("run", "--deny-syscall", "getppid", "--",
      table.unpack(helper.probe "getppid")).stdout)
    assert.matches("^%-1 EPERM", command("run", "--", table.unpack(helper.probe { "ptrace", 0 })).stdout)
    assert.matches("^0 0", command("run", "--allow-syscall", "ptrace", "--",
      table.unpack(helper.probe { "ptrace", 0 })).stdout)
  end)

  it("is root inside, or runs as whom root says", function()
    if demilune.sandbox { map_root = true, log = false }:run { "true" } then
      assert.equal("0\n", command("run", "--map-root", "--isolate", "uts,ipc", "--", "id", "-u").stdout)
    end
    if helper.shell { "id", "-u" }.stdout ~= "0\n" then return pending "only root can be another" end
    assert.equal("65534 65534\n", command("run", "--uid", "65534", "--gid", "65534", "--",
      "sh", "-c", "echo $(id -u) $(id -g)").stdout)
  end)
end)
