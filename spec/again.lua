--- Runs the probe 100 times, then twice 400 times more; prints after each how many
-- kilobytes this process has, proc_pid_status(5).
local demilune = require "demilune"

local box = demilune.sandbox { log = false }

local function run(n)
  for i = 1, n do
    local process <close> = assert(box:popen({ arg[1], "getppid" },
      { { "getppid", function() return demilune.returns(i) end } }))
    if i % 2 == 0 then assert(process:wait()) end
  end
  collectgarbage()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then print(kilobytes) end
  end
end

run(100)
run(400)
run(400)
