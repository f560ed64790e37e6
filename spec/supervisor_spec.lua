local demilune = require "demilune"
local helper = require "spec.helper"

local strange = helper.program "strange"

local function is_root()
  local pipe <close> = io.popen "id -u"
  return pipe:read "n" == 0
end

-- Runs a command whose calls of that name get the handler.
local function run(command, name, handler, settings)
  settings = settings or {}
  settings.log = false
  return assert(demilune.sandbox(settings):run_with_handlers(command, { { name, handler } }))
end

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a"):gsub("%s+$", "")
end

describe("a page that never arrives", function()
  for what, call in pairs { path = "truncate", buffer = "uname" } do
    it("holds up no perform() longer than a handler may take: " .. what, function()
      local box = demilune.sandbox { log = false, script = { time = "100ms" }, limits = { time = "20s" } }
      local seen = box:run_with_handlers({ helper.program "attacks/stall", what }, { { call,
        demilune.handler { on_exception = "deny_eio", handle = function() return demilune.perform() end } } })
      if not seen.stdout:match "page: got" then return pending "no /dev/userfaultfd for us" end
      assert.equal("page: got\ncall: EIO\n", seen.stdout)
      assert.matches("it did not return within %d+ ms", seen.errors[1].message)
    end)
  end

  it("is not said to have killed a run whose watcher it holds up", function()
    local box = demilune.sandbox { log = false, script = { time = "100ms" }, limits = { time = "1s" } }
    local seen = box:run_with_handlers({ helper.program "attacks/stall", "path" }, { { "truncate",
      demilune.handler { watch = true, handle = function(ctx) ctx:read_path() end } } })
    if not seen.stdout:match "page: got" then return pending "no /dev/userfaultfd for us" end
    assert.equal("continue", seen.errors[1].outcome)
    assert.equal("timeout", seen.reason)
  end)

  it("holds up one read, not the run: the exception policy decides the call", function()
    local failed
    local seen = run({ strange, "page-that-never-arrives" }, "openat", {
      on_exception = "deny_eio",
      handle = function(ctx)
        local path, _, errno = ctx:read_path()
        failed = not path and errno or failed
        return path and demilune.continue() or demilune.deny "EIO"
      end,
    }, { script = { time = "100ms" }, limits = { time = "20s" } })
    if seen.stdout:match "unsupported" then
      pending "this kernel gives no userfaultfd(2)"
    elseif seen.stdout:match "refused" then	-- an ordinary user cannot stall the kernel
      assert.equal("refused EIO\n", seen.stdout)
      assert.equal(14, failed)
    else
      assert.equal("stalled EIO\n", seen.stdout)
      assert.matches("it did not return within %d+ ms", seen.errors[1].message)
    end
  end)
end)

describe("the supervisor", function()
  it("cannot be read by a program of the same user while a run lasts", function()
    if is_root() then pending "root may read everything" return end
    local box = demilune.sandbox { log = false }
    local me = output_of "echo $PPID"
    local look = { "sh", "-c", "ls /proc/$0/fd >/dev/null 2>&1 || echo refused", me }
    assert.equal("refused\n", assert(box:run(look)).stdout)
    assert.equal("", output_of("ls /proc/" .. me .. "/fd >/dev/null || echo refused"))
  end)

  it("stays unreadable until the last of several runs is over", function()
    if is_root() then pending "root may read everything" return end
    local box = demilune.sandbox { log = false, stdio = { stdin = "null" } }
    local look = "ls /proc/" .. output_of "echo $PPID" .. "/fd >/dev/null 2>&1 || echo refused"
    local first, second = assert(box:popen { "sleep", "20" }), assert(box:popen { "sleep", "20" })
    first:close()
    assert.equal("refused", output_of(look))
    second:close()
    assert.equal("", output_of(look))
  end)
end)

describe("a handler", function()
  it("may start programs of its own", function()
    local seen = run(helper.probe "getppid", "getppid", function()
      local pipe <close> = assert(io.popen "echo 40; exit 3")
      local n = pipe:read "n"
      assert(os.execute "true")
      return demilune.returns(n + 2)
    end)
    assert.same({}, seen.errors)
    assert.equal("42 0 \n", seen.stdout)
  end)

  it("may start a run of its own", function()
    local inner = demilune.sandbox { log = false }
    local seen = run(helper.probe "getppid", "getppid", function()
      local result = assert(inner:run_with_handlers(helper.probe "getppid",
        { { "getppid", function() return demilune.returns(42) end } }))
      return demilune.returns(math.tointeger(result.stdout:match "%d+"))
    end)
    assert.same({}, seen.errors)
    assert.equal("42 0 \n", seen.stdout)
  end)

  it("may see its program die while it runs", function()
    local values
    local seen = run(helper.probe { "openat", -100, "/etc/passwd", 0 }, "openat", function(ctx)
      if ctx:read_path() ~= "/etc/passwd" then return demilune.continue() end
      os.execute("kill -9 " .. ctx.pid)
      helper.eventually(function() return not ctx:read_path() end)
      values = table.pack(ctx:read_path())
      return demilune.continue()
    end)
    assert.equal("SIGKILL", seen.signal)
    assert.same({}, seen.errors)
    assert.equal(3, values[3])	-- ESRCH
  end)
end)

describe("signals to the program", function()
  for _, kind in ipairs { "restart", "no restart" } do
    it("do not make a call happen twice or give a wrong result, " .. kind, function()
      local asked = 0
      local seen = run({ strange, "interrupted", kind }, "getppid", function()
        asked = asked + 1
        return demilune.returns(42)
      end)
      local right, broken_off, wrong = seen.stdout:match "^(%d+) (%d+) (%d+)\n$"
      assert.equal(0, tonumber(wrong))
      assert.equal(500, right + broken_off)
      -- received and then given up, the kernel would ask again: Linux 5.19 does not
      assert.equal(tonumber(right), asked)
    end)
  end
end)

describe("a strange program", function()
  local function forty_two() return demilune.returns(42) end

  it("of 1,000 processes is served", function()
    local seen = run({ strange, "forks", "1000" }, "getppid", forty_two)
    assert.equal("1000\n", seen.stdout)
    assert.equal(1000, seen.stats.calls)
  end)

  it("that executes from a thread is served", function()
    local seen = run({ strange, "thread-executes", table.unpack(helper.probe "getppid") },
      "getppid", forty_two)
    assert.equal("42 0 \n", seen.stdout)
    assert.is_true(seen.success)
  end)

  it("that executes from a thread is served at execve, too", function()
    local seen = run({ strange, "thread-executes", "/bin/echo", "done" }, "execve",
      function() return demilune.continue() end)
    assert.equal("done\n", seen.stdout)
    assert.equal(2, seen.stats.calls)
  end)

  it("that closes all its descriptors is served", function()
    assert.equal(42, run({ strange, "closes-all" }, "getppid", forty_two).exit_code)
  end)

  it("that has no descriptor left is served", function()
    local seen = run({ strange, "exhausts", "/etc/passwd" }, "openat", function(ctx)
      return ctx:read_path() == "/etc/passwd" and demilune.deny "EXDEV" or demilune.continue()
    end)
    assert.equal("EXDEV\n", seen.stdout)
  end)
end)

describe("kill -9", function()
  local function popen(handler)
    local box = demilune.sandbox { log = false, stdio = { stdin = "null" } }
    return assert(box:popen({ "sh", "-c", "umask; sleep 20" }, { { "umask", handler } }))
  end

  local function continue() return demilune.continue() end

  -- Never anybody else, whose child a program is when its warden is gone.
  local function kill_warden(pid)
    os.execute(([[p=$(ps -o ppid= -p %d); p=${p##* }
      grep -q warden /proc/$p/comm && kill -9 $p]]):format(pid))
  end

  it("of the program ends its run", function()
    local process <close> = popen(continue)
    assert(process:kill "SIGKILL")
    assert.equal("SIGKILL", assert(process:wait()).signal)
  end)

  it("of the process between ends its run, and the program with it", function()
    local process <close> = popen(continue)
    kill_warden(process.pid)
    local result = assert(process:wait())
    assert.equal("killed", result.reason)
    assert.is_true(helper.eventually(function()
      return not os.execute("kill -0 " .. process.pid .. " 2>/dev/null")
    end))
  end)

  it("of the process between while a handler runs ends its run", function()
    local process <close> = popen(function(ctx)
      kill_warden(ctx.pid)
      return demilune.continue()
    end)
    assert.equal("killed", assert(process:wait()).reason)
  end)
end)
