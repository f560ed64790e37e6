--- --status-fd: what happens to a run, one JSON object a line, for the program that
-- started demilune.
--
--   {"event":"start","pid":4711}
--   {"event":"error","message":"...","syscall":"openat","pid":4711,"outcome":"kill",...}
--   {"event":"exit","reason":"exited","exit_code":0,"status":0}
--
-- status is demilune's own exit status. A run that could not start has no start event,
-- an error with a message, and an exit with the reason "failed".

local status = {}

local first = { "event", "message", "pid", "reason" }

--- A function(event, fields) that writes to a file. encode is demilune.json's.
function status.to(file, encode)
  return function(event, fields)
    local line = { event = event }
    for key, value in pairs(fields) do line[key] = value end
    file:write(encode(line, first), "\n")
    file:flush()
  end
end

--- For when nobody asked.
function status.none() end

return status
