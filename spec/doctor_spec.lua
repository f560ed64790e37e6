local demilune = require "demilune"
local doctor = require "demilune.doctor"
local core = require "demilune.core"
local helper = require "spec.helper"

-- "yes", "no" or "NO" by the name of the finding.
local function read(text)
  local found = {}
  for line in text:gmatch "[^\n]+" do
    local answer, name, meaning = line:match "^(%a+) +(%S.-)  +(%S.*)$"
    if not answer then answer, name, meaning = line:match "^(%a+)  (%S.-) (%S.*)$" end
    if answer and #answer <= 3 then found[name] = { answer = answer, meaning = meaning } end
  end
  return found
end

-- The doctor where an outer demilune answers some calls. (A leak check needs ptrace(2),
-- which the outer one denies.)
local function under(script, ...)
  return helper.shell { helper.demilune, "-e", script, "--", "env", "ASAN_OPTIONS=detect_leaks=0",
    helper.demilune, ... }
end

local function on_abi(abi)
  return ("on('landlock_create_ruleset', function(ctx) if ctx.args[3] == 1 then "
    .. "return returns(%d) end return continue() end)"):format(abi)
end

describe("demilune doctor", function()
  it("says one line for each finding, with yes or no", function()
    local seen = helper.command "doctor"
    local found, n = read(seen.stdout), 0
    for _, finding in ipairs(doctor.examine(core.features())) do
      n = n + 1
      local line = found[finding.name]
      assert(line, finding.name)
      assert.equal(finding.ok and "yes" or finding.needed and "NO" or "no", line.answer)
      assert.equal(finding.meaning, line.meaning)
    end
    assert.is_true(n >= 20)
    assert.matches("^Linux %d+%.%d+.* Landlock ABI %d+, libseccomp 2%.%d+%.%d+\n", seen.stdout)
  end)

  it("names every protection of on_missing", function()
    local found = read(helper.command "doctor".stdout)
    for _, protection in ipairs(core.protections()) do assert(found[protection.name]) end
  end)

  it("exits with 0 when all is there that a run with defaults needs", function()
    local seen = helper.command "doctor"
    assert.equal(seen.stdout:find("\nNO", 1, true) and 1 or 0, seen.status)
    assert.matches("A run with defaults has all that it needs here.", seen.stdout, 1, true)
  end)

  it("leaves nothing behind", function()
    local before, names = helper.census(), "ls -d /sys/fs/cgroup/*/demilune-* 2>/dev/null | wc -l"
    core.features()
    assert.same(before, helper.census())
    assert.matches("^0", helper.shell { "sh", "-c", names }.stdout)
  end)

  it("says the same as JSON", function()
    local seen = helper.command("doctor", "--json")
    assert.matches('^{"is_well":true,"release":"%d', seen.stdout)
    local _, n = seen.stdout:gsub('"name":', "")
    assert.equal(#doctor.examine(core.features()), n)
  end)

  it("takes no other words", function()
    assert.equal(125, helper.command("doctor", "me").status)
    assert.equal(125, helper.command("doctor", "--jsno").status)
    assert.matches("usage: demilune doctor", helper.command("doctor", "--help").stdout, 1, true)
  end)
end)

describe("what the doctor says no to", function()
  for _, abi in ipairs { 1, 4, 6 } do
    it(("is what a run refuses, on ABI %d"):format(abi), function()
      if abi > 1 then helper.needs(abi == 4 and "tcp" or "signals", pending) end
      local seen = under(on_abi(abi), "doctor")
      local found, asks = read(seen.stdout), {
        files = 'read = { "/" }', truncation = 'read = { "/" }', devices = 'read = { "/" }',
        renames = 'write = { "/" }', tcp = "net = { connect = { 80 } }",
      }
      for name, field in pairs(asks) do
        local ran = under(on_abi(abi), "-e", ("sandbox { %s }"):format(field), "--", "/bin/true")
        local is_named = ran.stderr:find(('protection "%s"'):format(name), 1, true)
        if is_named then assert.not_equal("yes", found[name].answer, name) end
        if found[name].answer == "yes" then assert.is_nil(is_named) end
        if found[name].answer ~= "yes" then assert.equal(125, ran.status, name) end
      end
      assert.equal(1, seen.status)	-- the outer one has the listener
      assert.equal(abi < 6 and "no" or "yes", found.signals.answer)
    end)
  end

  local function words(outer, ...)
    local list = table.move(outer, 1, #outer, 1, {})
    return table.move({ helper.demilune, ... }, 1, select("#", ...) + 1, #list + 1, list)
  end

  local function compare(outer)
    local found = read(helper.shell(words(outer, "doctor")).stdout)
    for _, name in ipairs { "net", "pid", "ipc", "uts", "mount" } do
      local script = ("sandbox { isolate = { %q }, cwd = '/' }"):format(name)
      local ran = helper.shell(words(outer, "-e", script, "--", "/bin/true"))
      assert.equal(ran.status == 0 and "yes" or "no", found["isolate_" .. name].answer, name)
    end
  end

  it("is a namespace that a run cannot have", function()
    -- the static layer of the outer one refuses unshare(2)
    for _, outer in ipairs { {}, { helper.demilune, "run", "--" } } do compare(outer) end
  end)

  it("is a listener where there is one already", function()
    local watched = "watch('getppid', function() end)"
    local seen = under(watched, "doctor")
    assert.equal("NO", read(seen.stdout)["user notification"].answer)
    assert.equal(1, seen.status)
    assert.equal(125, under(watched, "-e", watched, "--", "/bin/true").status)
  end)

  it("is the memory of programs, if it may not be read", function()
    local seen = under("sandbox { syscalls = { allow = { 'process_vm_readv' } } } "
      .. "on('process_vm_readv', function() return deny 'EPERM' end)", "doctor")
    assert.equal("NO", read(seen.stdout)["reading programs"].answer)
  end)

  it("matters to the exit status if a run with defaults needs it", function()
    local function is_well(change)
      local features = core.features()
      change(features)
      return doctor.is_well(doctor.examine(features))
    end
    assert.is_true(is_well(function(f)
      f.seccomp.fast_wake_up, f.isolation.net, f.memory_group = false, false, 0
      for _, p in ipairs { 4, 5, 6 } do f.protections[p].is_there = false end
    end))
    for p = 1, 3 do
      assert.is_false(is_well(function(f) f.protections[p].is_there = false end))
    end
    assert.is_false(is_well(function(f) f.seccomp.notify = false end))
    assert.is_false(is_well(function(f) f.has_process_calls = false end))
  end)

  it("comes with what fails and what to do", function()
    local found = read(under(on_abi(2), "doctor").stdout)
    assert.matches('does not start; on_missing = { tcp = "degrade" } runs without. '
      .. "Needs Linux 6.7", found.tcp.meaning, 1, true)
    assert.matches("by a filter that refuses truncate(2)", found.truncation.meaning, 1, true)
  end)
end)

describe("a control group that the doctor found", function()
  it("is the one that a run uses", function()
    local features = core.features()
    if features.processes_group == 0 then return pending "no control group can be made here" end
    local box = demilune.sandbox { limits = { processes = 20 } }
    local group = assert(box:run { "cat", "/proc/self/cgroup" }).stdout
    assert.matches("/demilune%-%d+%-%d+\n", group)
  end)
end)
