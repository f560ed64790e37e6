local demilune = require "demilune"
local helper = require "spec.helper"

-- A command line that no other process has, of a program that ends by itself.
local names = 0
local function sleeper()
  names = names + 1
  return ("sleep 30.%d%04d"):format(os.time() % 100000, names)
end

-- Ways in which a descendant leaves, for a shell: %s is what shall go on.
local ways = {
  ["a child in the background"] = "%s & true",
  ["an orphan"] = "(%s &) ; true",
  ["a new session"] = "setsid %s & true",
  ["an orphan in a new session"] = "(setsid sh -c '%s & exit' &); sleep 0.1",
  ["a double fork in a new session"] = "setsid sh -c '(setsid %s &) & exit'",
  ["one that ignores signals"] = "trap '' HUP INT TERM; %s & true",
  ["one that nohup(1) started"] = "nohup %s >/dev/null 2>&1 & true",
}

-- The script ends only when the sleeper is there: that it is gone proves something.
local function script(way, name)
  return ("%s; until pgrep -f '^%s' >/dev/null; do sleep 0.01; done")
    :format(ways[way]:format(name), name)
end

local function is_gone(name)
  return helper.eventually(function()
    return not os.execute(("pgrep -f '^%s' >/dev/null"):format(name))
  end, 5)
end

-- The same, and then it is stopped.
local function stopped(name)
  return ("%s & until pgrep -f '^%s' >/dev/null; do sleep 0.01; done; kill -STOP $!")
    :format(name, name)
end

-- Gone when run has returned, not some time later.
local function assert_gone_now(name)
  assert.is_falsy(os.execute(("pgrep -f '^%s' >/dev/null"):format(name)))
end

describe("when a run is over, nothing is left of", function()
  local box = demilune.sandbox { log = false, limits = { time = "20s" } }

  for way in pairs(ways) do
    it(way .. ", for a library", function()
      local name = sleeper()
      assert.is_true(assert(box:run { "sh", "-c", script(way, name) }).success)
      assert_gone_now(name)
    end)
  end

  it("a stopped one", function()
    local name = sleeper()
    assert.is_true(assert(box:run { "sh", "-c", stopped(name) }).success)
    assert_gone_now(name)
  end)

  it("any of these, for the command", function()
    for way in pairs(ways) do
      local name = sleeper()
      local seen = helper.command("run", "-t", "20s", "--", "sh", "-c", script(way, name))
      assert.equal(0, seen.status)
      assert_gone_now(name)
    end
  end)

  it("what a handler killed, or a time limit", function()
    local name = sleeper()
    assert.equal("killed", assert(box:run_with_handlers(
      { "sh", "-c", script("an orphan in a new session", name) .. "; umask" },
      { { "umask", function() error "broken" end } })).reason)
    assert_gone_now(name)
    local brief = demilune.sandbox { log = false, limits = { time = "300ms" } }
    assert.equal("timeout", assert(brief:run {
      "sh", "-c", "(setsid " .. name .. " &); sleep 20" }).reason)
    assert_gone_now(name)
  end)

  it("what still makes calls that have a handler", function()
    local name = sleeper()
    local result = assert(box:run_with_handlers(
      { "sh", "-c", "(setsid sh -c 'while :; do umask; done # " .. name .. "' &); sleep 0.1" },
      { { "umask", function() return demilune.continue() end } }))
    assert.is_true(result.success)
    assert.is_true(helper.is_gone(name))
  end)

  it("a run that was closed while it went on", function()
    local name = sleeper()
    local process = assert(box:popen(
      { "sh", "-c", script("an orphan in a new session", name) .. "; echo ready; sleep 20" }))
    assert.equal("ready", process.stdout:read "l")
    process:close()
    assert_gone_now(name)
  end)
end)

-- Starts words in the background; the program says "ready" when its tree is there.
-- Returns the pid of whoever supervises.
local function start(dir, words)
  for i, word in ipairs(words) do words[i] = "'" .. word:gsub("'", "'\\''") .. "'" end
  os.execute(("%s >%s 2>&1 </dev/null & echo $! >%s"):format(table.concat(words, " "),
    dir:write("out", ""), dir:path "pid"))
  assert.is_true(helper.eventually(function() return dir:read "out":match "ready" end))
  return dir:read "pid":match "%d+"
end

local supervisors = {
  ["the command"] = function(shell_script)
    return { helper.demilune, "run", "-t", "20s", "-e", 'on("umask", continue)', "--",
       "sh", "-c", shell_script }
  end,
  ["a library"] = function(shell_script)
    return { "lua5.4", "-e", ([[
      package.path, package.cpath = %q, %q
      local demilune = require "demilune"
      local box = demilune.sandbox { stdio = { stdin = "null", stdout = "inherit" } }
      box:popen({ "sh", "-c", %q }, { { "umask", demilune.continue } }):wait()
    ]]):format(package.path, package.cpath, shell_script) }
  end,
}

describe("if the supervisor is killed, everything dies with", function()
  for who, command in pairs(supervisors) do
    it(who == "a library" and who .. " #plain" or who, function()
      local dir <close> = helper.scratch()
      local inner, outer = sleeper(), sleeper()
      local pid = start(dir, command(script("an orphan in a new session", inner)
        .. "; echo ready; " .. outer))
      os.execute("kill -9 " .. pid)
      assert.is_true(is_gone(inner))
      assert.is_true(is_gone(outer))
    end)
  end
end)

-- The program cannot signal the process between: it says who that is.
local function kill_between(dir)
  os.execute("kill -9 " .. dir:read "out":match "ready (%d+)")
end

describe("if the process between is killed, everything dies with", function()
  it("the command", function()
    local dir <close> = helper.scratch()
    local inner, outer = sleeper(), sleeper()
    start(dir, supervisors["the command"](script("an orphan in a new session", inner)
      .. "; echo ready $PPID; " .. outer))
    kill_between(dir)
    assert.is_true(is_gone(inner))
    assert.is_true(is_gone(outer))
  end)
end)

describe("if the process between is killed, the program and its group die with", function()
  it("a library #plain", function()
    local dir <close> = helper.scratch()
    local inner, outer = sleeper(), sleeper()
    start(dir, supervisors["a library"](script("an orphan", inner)
      .. "; echo ready $PPID; " .. outer))
    kill_between(dir)
    assert.is_true(is_gone(inner))
    assert.is_true(is_gone(outer))
  end)
end)
