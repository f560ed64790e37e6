--- busted's output: what failed and what is pending, a count for each file, and at the
-- end "N passed, N failed". The counts also go to the file that DEMILUNE_COUNTS names.
local busted = require "busted"

return function()
  local handler = require "busted.outputHandlers.base" ()
  local started = os.time()

  local function show(kind, list)
    for _, one in ipairs(list) do
      io.write(("\n%s: %s\n  %s:%s\n"):format(kind, one.name or "?",
        one.trace and one.trace.short_src or "?", one.trace and one.trace.currentline or "?"))
      local message = handler[kind == "pending" and "pendingMessage" or "failureMessage"]
      message = message and message(one) or one.message
      if message then io.write("  ", (tostring(message):gsub("\n", "\n  ")), "\n") end
    end
  end

  busted.subscribe({ "file", "end" }, function(file)
    io.write(("%4d s  %s\n"):format(os.time() - started, file.name))
    io.flush()
    return nil, true
  end)

  busted.subscribe({ "suite", "end" }, function()
    show("pending", handler.pendings)
    show("failure", handler.failures)
    show("error", handler.errors)
    local passed = handler.successesCount
    local failed = handler.failuresCount + handler.errorsCount
    local counts = os.getenv "DEMILUNE_COUNTS"
    if counts then
      local file = assert(io.open(counts, "a"))
      file:write(("%d %d %d\n"):format(passed, failed, handler.pendingsCount))
      file:close()
    end
    io.write(("\n%d pending in %d s\n%d passed, %d failed\n"):format(handler.pendingsCount,
      os.time() - started, passed, failed))
    io.flush()
    return nil, true
  end)

  return handler
end
