--- ctx.process: a table for each process that lives as long as it does. Pure.

local lifetimes = {}

local SWEEP_FROM = 64

-- When a process started, in clock ticks: field 22 of proc_pid_stat(5). The name, field
-- 2, may hold anything. nil: it is gone.
local function started(tgid)
  local file <close> = io.open(("/proc/%d/stat"):format(tgid))
  local rest = file and (file:read "a" or ""):match ".*%) (.*)"
  local field, i = nil, 2
  for word in (rest or ""):gmatch "%S+" do
    i = i + 1
    if i == 22 then field = word end
  end
  return field
end

--- A function(ctx) that returns the table of the calling process, or nil when the call is
-- over. A number that the kernel gave to another process gets another table.
function lifetimes.new()
  local known, n, sweep_at = {}, 0, SWEEP_FROM

  local function sweep()
    n = 0
    for tgid, one in pairs(known) do
      if started(tgid) == one.started then n = n + 1 else known[tgid] = nil end
    end
    sweep_at = 2 * n + SWEEP_FROM
  end

  return function(ctx)
    local tgid = ctx.tgid
    local since = tgid and started(tgid)
    if not since or ctx.tgid ~= tgid then return nil end	-- asked again: it was that one's
    local one = known[tgid]
    if not one or one.started ~= since then
      if not one then n = n + 1 end
      if n > sweep_at then sweep() end
      one = { started = since, state = {} }
      known[tgid] = one
    end
    return one.state
  end
end

return lifetimes
