local demilune = require "demilune"
local access = require "demilune.access"
local core = require "demilune.core"
local helper = require "spec.helper"

-- "7 write file" -> "execute write_file ...", of every ABI.
local function facts()
  local found = {}
  for line in helper.shell { helper.program "landlock_masks" }.stdout:gmatch "[^\n]+" do
    local key, value = line:match "^(.-): ?(.*)$"
    found[key] = value
  end
  return found
end

local first = "execute write_file read_file read_dir remove_dir remove_file make_char make_dir "
  .. "make_reg make_sock make_fifo make_block make_sym"
local writing = "execute write_file read_file read_dir remove_dir remove_file make_dir make_reg "
  .. "make_sock make_fifo make_sym"

describe("Landlock's rights by ABI", function()
  local seen = facts()

  local function check(key, expected)
    for abi = 0, 7 do
      local name = ("%d %s"):format(abi, key)
      assert.equal(expected[abi + 1], seen[name], name)
    end
  end

  it("are all handled, each from the ABI on that brought it", function()
    check("handles", { "", first, first .. " refer", first .. " refer truncate",
      first .. " refer truncate", first .. " refer truncate ioctl_dev",
      first .. " refer truncate ioctl_dev", first .. " refer truncate ioctl_dev" })
  end)

  it("include TCP from ABI 4, the scopes from ABI 6", function()
    check("net and scopes",
      { "0 0", "0 0", "0 0", "0 0", "3 0", "3 0", "3 3", "3 3" })
  end)

  it("are the scopes alone where nothing is confined", function()
    check("without rules", { "0 0 0", "0 0 0", "0 0 0", "0 0 0", "0 0 0", "0 0 0", "0 0 3",
      "0 0 3" })
  end)

  it("make a read rule the same on every ABI", function()
    local read = "execute read_file read_dir"
    check("read directory", { "", read, read, read, read, read, read, read })
    for _, kind in ipairs { "file", "device", "FIFO" } do
      local file = "execute read_file"
      check("read " .. kind, { "", file, file, file, file, file, file, file })
    end
  end)

  it("make a write rule grow, never a device node", function()
    check("write directory", { "", writing, writing .. " refer", writing .. " refer truncate",
      writing .. " refer truncate", writing .. " refer truncate ioctl_dev",
      writing .. " refer truncate ioctl_dev", writing .. " refer truncate ioctl_dev" })
  end)

  it("are cut to what means something for a file", function()
    local file = "execute write_file read_file"
    for _, kind in ipairs { "file", "device", "FIFO" } do
      check("write " .. kind, { "", file, file, file .. " truncate", file .. " truncate",
        file .. " truncate ioctl_dev", file .. " truncate ioctl_dev",
        file .. " truncate ioctl_dev" })
      check("list " .. kind, { "", "", "", "", "", "", "", "" })
    end
  end)

  it("say which protections an ABI lacks", function()
    check("lacks", { "files renames truncation tcp devices signals",
      "renames tcp devices signals", "tcp devices signals",
      "tcp devices signals", "devices signals", "signals", "", "" })
  end)
end)

-- What a kernel would say that has an older Landlock: an outer demilune answers for it.
local function on_abi(abi, script, ...)
  if abi == 4 then helper.needs("tcp", pending) end	-- an ABI that the kernel has not cannot be played
  local answer = ("on('landlock_create_ruleset', function(ctx) if ctx.args[3] == 1 then "
    .. "return returns(%d) end return continue() end)"):format(abi)
  return helper.command("-e", answer, "--", helper.demilune, "-e", script, "--", ...)
end

-- One demilune in another: the leak check traces, which the outer one denies.
describe("a protection that the kernel lacks #plain", function()
  it("keeps the program from starting, and is named", function()
    local seen = on_abi(2, 'sandbox { read = { "/" } }', "/bin/echo", "ran")
    assert.equal(125, seen.status)
    assert.equal("", seen.stdout)
    assert.matches('protection "devices" needs Linux 6.10 with Landlock ABI 5, this one has '
      .. 'ABI 2; on_missing = { devices = "degrade" } runs without', seen.stderr, 1, true)
  end)

  it("is reported when it may be missing", function()
    local seen = on_abi(1, 'sandbox { read = { "/" }, write = { "/dev/null" }, on_missing = '
      .. '"degrade" }', "/bin/echo", "ran")
    assert.equal("ran\n", seen.stdout)
    for _, name in ipairs { "renames", "devices", "signals" } do
      assert.matches(('this machine lacks the protection "%s"'):format(name), seen.stderr, 1, true)
    end
    assert.not_matches('"tcp"', seen.stderr, 1, true)
  end)

  it("may be missing one by one", function()
    local lenient = 'read = { "/" }, on_missing = { devices = "degrade" } }'
    assert.equal("ran\n", on_abi(2, "sandbox { " .. lenient, "/bin/echo", "ran").stdout)
    assert.equal(125, on_abi(2, "sandbox { net = { bind = { 80 } }, " .. lenient, "/bin/echo", "ran").status)
  end)

  it("matters only to a sandbox that asks for it", function()
    for _, asks in ipairs { "", "net = {}", 'read = { "/usr", "/lib", "?/lib64", "/dev/null" }',
      'write = { "/dev" }, read = { "/usr", "/lib", "?/lib64" }' } do
      local seen = on_abi(2, ("sandbox { %s }"):format(asks), "/bin/echo", "ran")
      assert.equal("ran\n", seen.stdout)
      assert.equal("", seen.stderr)
    end
    for _, device in ipairs { "/dev", "/dev/pts", "/dev/tty" } do
      local asks = ("sandbox { read = { '/usr', '/lib', '?/lib64', %q } }"):format(device)
      assert.matches('"devices" needs', on_abi(2, asks, "/bin/echo", "ran").stderr, 1, true)
    end
    -- Landlock is told of the ports of addresses
    for _, net in ipairs { "bind = { 80 }", 'connect = { "127.0.0.1:1" }, bind = { "*" }' } do
      local seen = on_abi(2, ("sandbox { net = { %s } }"):format(net), "true")
      assert.matches('"tcp" needs Linux 6.7', seen.stderr, 1, true)
    end
  end)

  it("has the same name in Lua and in C", function()
    local on_missing = access.checkers.on_missing "degrade"
    local names = 0
    for _, protection in ipairs(core.protections()) do
      assert.equal("degrade", on_missing[protection.name])
      names = names + 1
    end
    for _ in pairs(on_missing) do names = names - 1 end
    assert.equal(0, names)
    assert.error_matches(function() demilune.sandbox { on_missing = { truncate = "degrade" } } end,
      'is unknown: "truncate"', 1, true)
  end)
end)

describe("a kernel before Linux 5.14", function()
  it("runs nothing, and is told so in one line", function()
    local seen = helper.shell { "setarch", "--uname-2.6", helper.demilune, "run", "--", "echo", "ran" }
    assert.equal(125, seen.status)
    assert.equal("", seen.stdout)
    assert.matches("^demilune: this is Linux 2%.6%.%S+, and 5%.14 is the least: [^\n]+\n$", seen.stderr)
  end)
end)

-- Landlock is not asked about truncation before ABI 3, nor about ioctl before ABI 5.
describe("where Landlock is too old #plain", function()
  local function opened(abi, flags, other)
    local dir <close> = helper.scratch()
    local file = dir:write("f", "text")
    local asks = ("sandbox { read = { '/usr', '/lib', '?/lib64', %q, %q } }"):format(helper.build,
      dir:path())
    local seen = on_abi(abi, asks, table.unpack(helper.probe(flags and { "openat", -100, file,
      flags } or { other, file, 0 })))
    assert.equal("text", dir:read "f")
    return seen.stdout:match "^%-?%d+ %w+"
  end

  it("what is readable is not cut short", function()
    local O_TRUNC = 512
    for mode = 0, 3 do
      assert.equal("-1 EACCES", opened(2, O_TRUNC | mode))
      if mode ~= 0 then assert.equal("-1 EACCES", opened(2, mode)) end
    end
    assert.equal("-1 EACCES", opened(2, nil, "truncate"))
    assert.matches("^%d+ 0", opened(2, 0))
  end)

  it("no access mode of 3 opens a file for ioctl", function()
    assert.equal("-1 EACCES", opened(4, 3))
    assert.matches("^%d+ 0", opened(4, 0))
  end)

  it("what is writable can be truncated through its descriptor", function()
    local dir <close> = helper.scratch()
    local script = ("import os; f = os.open(%q, os.O_RDWR | os.O_CREAT | os.O_TRUNC); "
      .. "os.write(f, b'long'); os.ftruncate(f, 2)"):format(dir:path "f")
    local asks = ("sandbox { read = { '/usr', '/lib', '?/lib64' }, write = { %q } }"):format(dir:path())
    assert.equal(0, on_abi(2, asks, "/usr/bin/python3", "-c", script).status)
    assert.equal("lo", dir:read "f")
  end)

  it("openat2 is not there: its flags cannot be seen", function()
    assert.equal("-1 ENOSYS", opened(4, nil, "openat2"))
  end)
end)
