local demilune = require "demilune"
local helper = require "spec.helper"
local socket = require "socket"

local probe = helper.probe "getppid"

local function value(n)
  return { { "getppid", function() return demilune.returns(n) end } }
end

local function lua_kilobytes()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count"
end

describe("several programs at a time in one Lua state", function()
  local box = demilune.sandbox { log = false, stdio = { stdin = "null", stdout = "capture" } }

  it("are each served by their own handlers", function()
    local running, over = {}, 0
    for i = 1, 10 do running[i] = assert(box:popen(probe, value(i))) end
    assert.is_true(helper.eventually(function()
      over = 0
      for _, process in ipairs(running) do over = over + (process:step() and 0 or 1) end
      return over == 10
    end))
    for i, process in ipairs(running) do
      assert.equal(i .. " 0 \n", assert(process:result()).stdout)
      process:close()
    end
  end)

  it("can be driven by an event loop that knows their descriptors", function()
    local running, loop = {}, {}
    for i = 1, 5 do
      local process = assert(box:popen(probe, value(i)))
      loop[i] = { process = process, getfd = function() return process:pollfd() end }
      running[i] = process
    end
    while #loop > 0 do
      local ready = socket.select(loop, nil, 10)
      assert.is_true(#ready > 0)
      for i = #loop, 1, -1 do
        if ready[loop[i]] and not loop[i].process:step() then table.remove(loop, i) end
      end
    end
    for i, process in ipairs(running) do
      assert.equal(i .. " 0 \n", process:result().stdout)
    end
  end)

  it("have a descriptor that is quiet while nothing happens, and not after the end", function()
    local process <close> = assert(box:popen({ "sleep", "0.2" }, value(1)))
    local loop = { { getfd = function() return process:pollfd() end } }
    repeat until not process:step() or #socket.select(loop, nil, 0) == 0
    assert.equal(0, #socket.select(loop, nil, 0.01))
    repeat socket.select(loop, nil, 10) until not process:step()
    for _ = 1, 3 do assert.equal(1, #socket.select(loop, nil, 0)) end
    assert.is_true(process:result().success)
  end)

  it("do not hold each other up", function()
    local slow <close> = assert(box:popen({ "sleep", "20" }, value(1)))
    local quick <close> = assert(box:popen(probe, value(2)))
    assert.equal("2 0 \n", assert(quick:wait()).stdout)
    assert.is_nil(slow:result())
  end)

  it("can be talked to through pipes", function()
    local pipes = demilune.sandbox { log = false }
    local cat <close> = assert(pipes:popen({ "cat" }, value(1)))
    cat.stdin:write "hello"
    cat.stdin:close()
    assert.equal("hello", cat.stdout:read "a")
    assert.is_true(assert(cat:wait()).success)
  end)
end)

describe("a running program", function()
  local box = demilune.sandbox { log = false, stdio = { stdin = "null", stdout = "capture" } }

  it("can be stopped, resumed and signalled", function()
    local process <close> = assert(box:popen { "sleep", "20" })
    local function state()
      local file <close> = assert(io.open("/proc/" .. process.pid .. "/stat"))
      return (file:read "a"):match "%) (%a)"
    end
    assert(process:pause())
    assert.is_true(helper.eventually(function() return state() == "T" end))
    assert(process:resume())
    assert.is_true(helper.eventually(function() return state() == "S" end))
    assert(process:kill "SIGTERM")
    assert.equal("SIGTERM", assert(process:wait()).signal)
  end)

  it("has a result for ever, also if closing ended it", function()
    local process = assert(box:popen(probe, value(3)))
    assert(process:wait())
    process:close()
    process:close()
    assert.equal("3 0 \n", process:result().stdout)
    assert.is_falsy(process:step())
    assert.equal("3 0 \n", process:wait().stdout)
    local other = assert(box:popen { "sleep", "20" })
    other:close()
    assert.equal("killed", other:result().reason)
  end)

  it("ends when nobody refers to it any more", function()
    local pid = assert(box:popen { "sleep", "20" }).pid
    lua_kilobytes()
    assert.is_falsy(os.execute("kill -0 " .. pid .. " 2>/dev/null"))
  end)

  it("cannot be waited for by its own handler", function()
    local process
    process = assert(box:popen(probe, { { "getppid", function() process:wait() end } }))
    local result = assert(process:wait())
    process:close()
    assert.matches("must not wait for its own run", result.errors[1].message)
  end)
end)

describe("300 runs in one process", function()
  local box = demilune.sandbox { log = false }

  local ways = {
    ["by run_with_handlers"] = function(i)
      return box:run_with_handlers(probe, value(i)).stdout
    end,
    ["by popen, step and close"] = function(i)
      local process <close> = assert(box:popen(probe, value(i)))
      while process:step() do process:wait(1) end
      return process.stdout:read "a"
    end,
    ["of a handler that fails"] = function(i)
      local result = box:run_with_handlers(probe, { { "getppid", {
        on_exception = "continue", handle = function() error "broken" end } } })
      return #result.errors == 1 and i .. " 0 \n"
    end,
    ["that are closed at once"] = function(i)
      assert(box:popen({ "sleep", "20" }, value(i))):close()
      return i .. " 0 \n"
    end,
  }
  for way, once in pairs(ways) do
    it(way .. " leave no descriptor and no child behind, and nothing in Lua", function()
      local function some(n)
        for i = 1, n do assert.equal(i .. " 0 \n", once(i)) end
      end
      some(10)
      local census, kilobytes = helper.census(), lua_kilobytes()
      some(75)
      assert.same(census, helper.census())
      assert.is_true(lua_kilobytes() - kilobytes < 16)
    end)
  end

  it("leave no memory behind, in a plain lua5.4 #plain", function()
    local seen = helper.shell { "lua5.4", "-e", ("package.path, package.cpath = %q, %q")
      :format(package.path, package.cpath), "spec/again.lua", probe[1] }
    local early, middle, late = seen.stdout:match "^(%d+)\n(%d+)\n(%d+)\n$"
    -- in kilobytes: a quarter of one for each run. A leak grows in both halves; malloc(3)
    -- may take its next 100 kB or so in either
    assert.is_true(math.min(middle - early, late - middle) < 100, seen.stdout .. seen.stderr)
  end)
end)
