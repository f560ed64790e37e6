--- Namespaces that a machine refuses: really, by a limit or a filter around demilune.
local core = require "demilune.core"
local helper = require "spec.helper"

-- demilune -e policy -- sh -c script, where no new namespaces of these kinds can be made.
-- In a user namespace, in which also an ordinary user may set the limits.
local function without(kinds, policy, script)
  return helper.shell { "unshare", "-Ur", "sh", "-c",
    'for kind in $1; do echo 0 >/proc/sys/user/max_${kind}_namespaces || exit 99; done; shift; exec "$@"',
    "sh", kinds, helper.demilune, "-e", policy, "--", "sh", "-c", script }
end

local function warning(name)
  return ('demilune: warning: this machine lacks the protection "%s": the program runs without\n')
    :format(name)
end

local function namespace(name)
  return helper.shell { "readlink", "/proc/self/ns/" .. name }.stdout
end

describe("a namespace that the machine refuses", function()
  if not helper.has_namespaces() then return end
  local show = "readlink /proc/self/ns/net /proc/self/ns/uts"

  it("keeps the program from starting, and the step is named", function()
    local seen = without("net", 'sandbox { isolate = { "net", "uts" } }', "echo ran")
    assert.equal("", seen.stdout)
    assert.equal(125, seen.status)
    assert.matches("namespaces, unshare(2): No space left", seen.stderr, 1, true)
  end)

  it("may be missing: it is reported, and all others are there", function()
    local seen = without("net", [[
      sandbox { isolate = { "net", "uts" }, on_missing = "degrade" }
      at_exit(function(result) print(table.concat(result.missing, " ")) end)]], show)
    assert.equal(warning "isolate_net" .. "isolate_net\n", seen.stderr)
    local net, uts = seen.stdout:match "^(.-\n)(.-\n)$"
    assert.equal(namespace "net", net)
    assert.not_equal(namespace "uts", uts)
  end)

  it("may be missing one by one", function()
    local seen = without("net", [[sandbox {
      isolate = { "net" }, on_missing = { isolate_net = "degrade" } }]], "echo ran")
    assert.equal("ran\n", seen.stdout)
    seen = without("net", [[sandbox { isolate = { "net", "uts" },
      on_missing = { isolate_uts = "degrade", tcp = "degrade" } }]], "echo ran")
    assert.equal("", seen.stdout)
    assert.equal(125, seen.status)
  end)

  it("may be the one that map_root needs", function()
    local seen = without("user", 'sandbox { map_root = true, isolate = { "uts" }, on_missing = "degrade" }',
      "readlink /proc/self/ns/uts")
    assert.equal(warning "map_root", seen.stderr)
    assert.not_equal(namespace "uts", seen.stdout)
  end)

  it("is not missing where there is none to miss", function()
    local seen = without("cgroup", [[sandbox { isolate = { "net", "pid", "ipc", "uts", "mount" },
      map_root = true, on_missing = "degrade", cwd = "/" }]], show)
    assert.equal("", seen.stderr)
    assert.not_matches(namespace "net", seen.stdout, 1, true)
  end)
end)

-- One demilune in another, whose filter denies unshare(2). See landlock_spec.lua.
describe("all namespaces, where a filter refuses them #plain", function()
  local names = { "net", "pid", "ipc", "uts", "mount" }

  local function inner(...)
    return helper.command("run", "--", helper.demilune, "run", "--isolate", table.concat(names, ","), ...)
  end

  it("may be missing", function()
    local seen = inner("--on-missing", "degrade", "--", "echo", "ran")
    assert.equal("ran\n", seen.stdout)
    local expected = ""
    for _, name in ipairs(names) do expected = expected .. warning("isolate_" .. name) end
    assert.equal(expected, seen.stderr)
    assert.equal("", inner("--", "echo", "ran").stdout)
  end)

  it("open nothing: what mounts would keep read-only stays refused", function()
    local dir <close> = helper.scratch()
    local file = dir:write("f", "")
    local seen = inner("--on-missing", "degrade", "-r", "/", "--", "chmod", "600", file)
    assert.matches("Operation not permitted", seen.stderr, 1, true)
    assert.equal(1, seen.status)
  end)
end)

describe("a try of the namespaces", function()
  it("leaves nothing behind", function()
    local before = helper.census()
    for _, protection in ipairs(core.protections()) do
      assert.equal("boolean", type(protection.is_there))
    end
    assert.same(before, helper.census())
  end)
end)
