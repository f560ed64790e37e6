local demilune = require "demilune"
local helper = require "spec.helper"

-- COUNT=1000000 is the long form.
local count = tonumber(os.getenv "COUNT") or 50000

-- A program whose path another thread flips all the time between two names, under a
-- handler that decides on the path. Returns how many opens failed, and how many gave
-- the allowed and the denied file.
local function race(action, opens, method)
  method = method or "read_path"
  local dir <close> = helper.scratch()
  local allowed, denied = dir:write("a", "allowed"), dir:write("d", "denied")
  local result = assert(demilune.sandbox { log = false }:run_with_handlers(
    { helper.program "racer", allowed, denied, tostring(opens) },
    { { "openat", function(ctx)
      if ctx[method](ctx) == denied then return demilune.deny "EACCES" end
      return action()
    end } }))
  local a, b, c = result.stdout:match "(%d+) (%d+) (%d+)"
  return tonumber(a), tonumber(b), tonumber(c), result
end

describe("a path that changes while it is decided on", function()
  it("is the one that was decided on when the call is performed", function()
    local failed, allowed, denied = race(demilune.perform, count)
    assert.equal(count, failed + allowed + denied)
    assert.is_true(failed > count // 100 and allowed > count // 100)
    assert.equal(0, denied)
  end)

  it("is the one that ctx:path() gave, too", function()
    local _, allowed, denied = race(demilune.perform, count, "path")
    assert.is_true(allowed > count // 100)
    assert.equal(0, denied)
  end)

  it("can be another one when the call continues", function()
    local denied = 0
    for _ = 1, 20 do
      denied = select(3, race(demilune.continue, 10000))
      if denied > 0 then break end
    end
    assert.is_true(denied > 0)
  end)

  it("leads to where it was decided on when links are swapped meanwhile", function()
    local dir <close> = helper.scratch()
    for _, name in ipairs { "allowed", "denied" } do
      os.execute(("mkdir %s/%s; printf %s > %s/%s/f; ln -s %s %s/%s"):format(dir.root, name,
        name, dir.root, name, name, dir.root, name == "allowed" and "x" or "y"))
    end
    local result = assert(demilune.sandbox { log = false }:run_with_handlers(
      { helper.program "racer", dir:path "x/f", dir:path "y/f", tostring(count // 5),
        dir:path "x", dir:path "y" },
      { { "openat", function(ctx)
        local path, _, errno = ctx:real_path()
        if not path and errno ~= 2 then return demilune.deny "EACCES" end
        if path == dir:path "denied/f" then return demilune.deny "EACCES" end
        return demilune.perform()
      end } }))
    local failed, allowed, denied = result.stdout:match "(%d+) (%d+) (%d+)"
    assert.is_true(tonumber(failed) > 0 and tonumber(allowed) > 0, result.stdout)
    assert.equal("0", denied)
    assert.same({}, result.errors)
  end)

  it("leads nowhere that the sandbox does not grant when links are swapped meanwhile", function()
    local dir <close> = helper.scratch()
    os.execute("mkdir " .. dir:path "w")
    for name, link in pairs { allowed = "w/x", denied = "w/y" } do
      os.execute(("mkdir %s; printf %s > %s/f; ln -s %s %s"):format(dir:path(name), name,
        dir:path(name), dir:path(name), dir:path(link)))
    end
    local racer = helper.program "racer"
    local result = assert(demilune.sandbox {
      read = { "/usr", "/lib", "?/lib64", racer, dir:path "allowed" }, write = { dir:path "w" },
      log = false,
    }:run_with_handlers({ racer, dir:path "w/x/f", dir:path "w/y/f", tostring(count // 5),
      dir:path "w/x", dir:path "w/y" }, { { "openat", function() return demilune.perform() end } }))
    local failed, allowed, denied = result.stdout:match "(%d+) (%d+) (%d+)"
    assert.is_true(tonumber(failed) > 0 and tonumber(allowed) > 0, result.stdout)
    assert.equal("0", denied)
    assert.same({}, result.errors)
  end)

  it("is counted when the call continues", function()
    local _, _, _, result = race(demilune.continue, 1000)
    assert.equal(1, #result.unsafe)
    assert.matches("race_spec.lua:%d+", result.unsafe[1].handler)
    assert.is_true(result.unsafe[1].count > 0)
    assert.same({}, select(4, race(demilune.perform, 1000)).unsafe)
  end)
end)
