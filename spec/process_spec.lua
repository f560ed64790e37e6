local demilune = require "demilune"
local helper = require "spec.helper"

describe("ctx.process", function()
  it("is one table for all calls of a process, and another for another", function()
    local seen = {}
    local box = demilune.sandbox { log = false }
    box:run_with_handlers({ "sh", "-c", "umask 1; umask 2; (umask 3); umask 4" }, {
      { "umask", { on_exception = "continue", handle = function(ctx)
        ctx.process.calls = (ctx.process.calls or 0) + 1
        local last = seen[#seen]
        if last and last.pid == ctx.tgid then last.calls = ctx.process.calls
        else seen[#seen + 1] = { pid = ctx.tgid, calls = ctx.process.calls } end
        return demilune.continue()
      end } } })
    assert.equal(3, #seen)
    assert.is_true(seen[2].calls < seen[1].calls)
    assert.is_true(seen[3].calls > seen[1].calls)
  end)

  it("is nil when the call is over", function()
    local escaped
    helper.run("getppid", function(ctx)
      escaped = ctx
      return demilune.continue()
    end)
    assert.is_nil(escaped.process)
  end)

  it("goes away with its process", function()
    local tables = setmetatable({}, { __mode = "k" })
    local box = demilune.sandbox { log = false }
    box:run_with_handlers({ "sh", "-c", "i=0; while [ $i -lt 150 ]; do (umask 1); i=$((i + 1)); done" },
      { { "umask", function(ctx)
        tables[ctx.process] = true
        return demilune.continue()
      end } })
    collectgarbage()
    local left = 0
    for _ in pairs(tables) do left = left + 1 end
    assert.is_true(left < 100)
  end)
end)
