local demilune = require "demilune"
local helper = require "spec.helper"

local run = helper.run

local function shell(script, list, settings)
  settings = settings or {}
  settings.log = settings.log or false
  return assert(demilune.sandbox(settings):run_with_handlers({ "sh", "-c", script }, list))
end

describe("a handler that sleeps", function()
  it("decides when it wakes, with the same ctx", function()
    local seen = run({ "access", "/etc/hostname", 0 }, function(ctx)
      local before = ctx:read_path()
      assert(ctx:sleep(0.01))
      return demilune.returns(before == ctx:read_path() and 7 or 8)
    end)
    assert.equal(7, seen.result)
  end)

  it("holds up its own call only", function()
    local order = {}
    local result = shell("umask 1 & umask 2 & wait; echo done", {
      { "umask", function(ctx)
        local mask = ctx.args[1]
        order[#order + 1] = "asleep " .. mask
        -- until the other one is here, too: no handler could be asked otherwise
        repeat ctx:sleep(0.01) until #order >= 2
        return demilune.continue()
      end },
    })
    assert.equal("done\n", result.stdout)
    assert.same({}, result.errors)
  end)

  it("goes to the next handler of the chain afterwards", function()
    local asked = {}
    local function link(name, sleeps)
      return function(ctx)
        asked[#asked + 1] = name
        if sleeps then ctx:sleep(0.01) end
        return demilune.continue()
      end
    end
    local box = demilune.sandbox { log = false }
    assert(box:run_with_handlers(helper.probe "getppid",
      { { "getppid", link("a", true) }, { "getppid", link("b", true) },
        { "getppid", link("c", false) } }))
    assert.same({ "a", "b", "c" }, asked)
  end)

  it("goes to its exception policy if it fails when it wakes", function()
    local seen = run("getppid", { on_exception = "deny_eio", handle = function(ctx)
      ctx:sleep(0.01)
      error "too late"
    end })
    assert.equal("EIO", seen.errno)
    assert.matches("wait_spec.lua:%d+: too late", seen.errors[1].message)
  end)

  it("may be on execve, before the program itself runs", function()
    local result = shell("exec true", { { "execve", function(ctx)
      ctx:sleep(0.01)
      return demilune.continue()
    end } })
    assert.is_true(result.success)
  end)

  it("may be a watcher", function()
    local woke = false
    local result = shell("umask 77; echo done", { { "umask", demilune.handler {
      watch = true, handle = function(ctx) woke = ctx:sleep(0.01) end } } })
    assert.equal("done\n", result.stdout)
    assert.is_true(woke)
  end)

  it("is bounded in time by its exception policy", function()
    local seen = run("getppid", { on_exception = "deny_eio",
      handle = function(ctx) ctx:sleep(60) return demilune.continue() end },
      { script = { held_time = "50ms" } })
    assert.equal("EIO", seen.errno)
    assert.matches("held the call for too long", seen.errors[1].message)
  end)

  it("is not given up before its time, however many there are", function()
    local box = demilune.sandbox { log = false }
    for _ = 1, 4 do
      local seen = assert(box:run_with_handlers({ helper.program "crowd", "1000", "1" },
        { { "umask", function(ctx)
          ctx:sleep(0.3)
          return demilune.continue()
        end } }))
      assert.same({}, seen.errors)
      assert.equal("done\n", seen.stdout)
    end
  end)

  it("is bounded in number by EAGAIN", function()
    local seen = shell("for i in 1 2 3; do " .. helper.program "probe" .. " getppid & done; wait",
      { { "getppid", function(ctx)
        ctx:sleep(0.2)
        return demilune.returns(7)
      end } }, { script = { held_calls = 1 } })
    local _, refused = seen.stdout:gsub("EAGAIN", "")
    assert.is_true(refused >= 1 and refused <= 2)
  end)

  it("does not keep a program that is killed meanwhile", function()
    local box = demilune.sandbox { log = false }
    local process <close> = assert(box:popen({ "sh", "-c", "umask 1" },
      { { "umask", function(ctx) ctx:sleep(60) return demilune.continue() end } }))
    while process.core_run:result().held == 0 do process:wait(0.01) end
    process:kill()
    assert.equal("killed", process:wait().reason)
  end)

  it("is forgotten when its call was decided otherwise", function()
    local made, kept, live = 0, 0, setmetatable({}, { __mode = "k" })
    local function handle(ctx)
      made, live[ctx] = made + 1, true
      if made ~= 200 then ctx:sleep(60) end
      collectgarbage()
      for _ in pairs(live) do kept = kept + 1 end
      return demilune.deny "EIO"
    end
    shell("i=0; while [ $i -lt 200 ]; do umask 1; i=$((i + 1)); done",
      { { "umask", { on_exception = "deny_eio", handle = handle } } },
      { script = { held_time = "1ms" } })
    assert.is_true(made >= 200 and kept < 100)
  end)
end)

describe("a handler that waits for a descriptor", function()
  it("is asked again when there is something to read", function()
    local seen = run("getppid", function()
      local pipe <close> = io.popen "sleep 0.05; echo 42"
      assert(demilune.wait(pipe, "r", 10))
      return demilune.returns(tonumber(pipe:read "l"))
    end)
    assert.equal(42, seen.result)
  end)

  it("is told that the time passed first", function()
    local said
    run("getppid", function()
      local pipe <close> = io.popen "sleep 0.2"
      said = table.pack(demilune.wait(pipe, "r", 0.01))
      return demilune.continue()
    end)
    assert.same({ nil, "timed out", 110, n = 3 }, said)
  end)

  it("finds a regular file ready at once", function()
    local file <close> = assert(io.open "/etc/hostname")
    local ready
    run("getppid", function()
      ready = demilune.wait(file, "r", 10)
      return demilune.continue()
    end)
    assert.is_true(ready)
  end)

  it("gets an error for a closed one", function()
    local seen = run("getppid", { on_exception = "deny_eio", handle = function()
      demilune.wait(987654, "r", 1)
      return demilune.continue()
    end })
    assert.equal("EIO", seen.errno)
  end)
end)

describe("a program that a handler spawns", function()
  it("is heard to its end", function()
    local answer
    run("getppid", function()
      answer = demilune.spawn { "sh", "-c", "echo yes; sleep 0.05; echo no; exit 3" }
      return demilune.continue()
    end)
    assert.same({ stdout = "yes\nno\n", exit_code = 3 }, answer)
  end)

  it("is an error if there is none", function()
    local said
    run("getppid", function()
      said = table.pack(demilune.spawn { "/nonexistent" })
      return demilune.continue()
    end)
    assert.same({ nil, "/nonexistent: No such file or directory", 2, n = 3 }, said)
  end)

  it("does not outlive a handler that is given up", function()
    run("getppid", { on_exception = "continue", handle = function()
      demilune.spawn { "sleep", "4711" }
      return demilune.continue()
    end }, { script = { held_time = "50ms" } })
    collectgarbage()
    collectgarbage()
    assert.is_true(helper.is_gone "sleep 4711")
  end)
end)

describe("a wait that is not the handler's own", function()
  local function outcome(handle)
    return run("getppid", { on_exception = "deny_eio", handle = handle }).errors[1].message
  end

  it("in a coroutine of its own raises", function()
    assert.matches("only a handler itself can wait", outcome(function(ctx)
      coroutine.wrap(function() ctx:sleep(1) end)()
    end))
  end)

  it("outside of handlers raises", function()
    assert.error_matches(function() demilune.wait(0, "r", 1) end, "only a handler itself can wait")
  end)

  it("by a bare yield is an error that says how to wait", function()
    assert.matches("a handler waits with ctx:sleep", outcome(function() coroutine.yield() end))
  end)

  it("inside pcall works", function()
    local seen = run("getppid", function(ctx)
      local ok, woke = pcall(ctx.sleep, ctx, 0.01)
      return demilune.returns(ok and woke and 7 or 8)
    end)
    assert.equal(7, seen.result)
  end)
end)
