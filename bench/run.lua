--- make bench: ratios of one run. Every row is measured in turn, again and again, so
-- that a machine that slows down slows all rows; the median of the rounds counts.
local build = os.getenv "DEMILUNE_BUILD" or "build"
local rounds = tonumber(arg[1]) or 7

local demilune, calls, bare = build .. "/bin/demilune", build .. "/bench/calls", build .. "/bench/bare"

local function number_of(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return tonumber(pipe:read "l")
end

local function clock_ms(command, n)
  local line = ("bash -c 't0=$(date +%%s%%N); for i in $(seq %d); do %s; done >/dev/null 2>&1; "
    .. "echo $((($(date +%%s%%N) - t0) / %d))'"):format(n, command, n)
  return number_of(line) / 1e6
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

-- rows: { name, measure, yardstick row or nil }
local function measure(title, unit, format, rows)
  local seen = {}
  for i in ipairs(rows) do seen[i] = {} end
  for _ = 1, rounds do
    for i, row in ipairs(rows) do table.insert(seen[i], row[2]()) end
  end
  print(("\n%s\n\n| what | %s | ratio | lowest to highest |\n|---|---|---|---|"):format(title, unit))
  local medians = {}
  for i, row in ipairs(rows) do
    medians[i] = median(seen[i])
    local ratio = row[3] and ("%.2f"):format(medians[i] / medians[row[3]]) or ""
    print(("| %s | " .. format .. " | %s | " .. format .. " - " .. format .. " |"):format(row[1],
      medians[i], ratio, seen[i][1], seen[i][#seen[i]]))
  end
end

local function per_call(before, n, call, options)
  return function()
    return number_of(("%s %s %s %d %s"):format(before, calls, options or "", n, call)) / 1000
  end
end

local go_on = "'on(\"%s\", function() return continue() end)'"
local reads = "'on(\"%s\", function(ctx) ctx:read_path() return continue() end)'"
local stat = "faccessat /etc/hostname"

measure("A call that continues: `getppid`", "us", "%.2f", {
  { "native", per_call("", 200000, "getppid") },
  { "bare C supervisor", per_call(bare .. " getppid", 50000, "getppid") },
  { "demilune, no handler on it", per_call(demilune .. " -e '' --", 200000, "getppid"), 1 },
  { "demilune, C handler", per_call(build .. "/bench/handler getppid", 50000, "getppid"), 2 },
  { "demilune, Lua handler", per_call(demilune .. " -e " .. go_on:format "getppid" .. " --",
    50000, "getppid"), 2 },
})

measure("A call whose path is read: `faccessat`", "us", "%.2f", {
  { "native", per_call("", 200000, stat) },
  { "bare C supervisor that reads", per_call(bare .. " -r faccessat", 50000, stat) },
  { "demilune, Lua handler that reads", per_call(demilune .. " -e " .. reads:format "faccessat"
    .. " --", 50000, stat), 2 },
  { "strace --seccomp-bpf", per_call("strace -f --seccomp-bpf -e trace=faccessat -o /dev/null",
    20000, stat), 2 },
})

local perform = "on(\"openat\", function() return perform() end)"
local open = "openat /etc/hostname close"

measure("An open that is performed: `openat` and `close`", "us", "%.2f", {
  { "native", per_call("", 200000, open) },
  { "bare C supervisor that opens and injects", per_call(bare .. " -o openat", 20000, open) },
  { "demilune, perform()", per_call(("%s -e '%s' --"):format(demilune, perform), 20000, open), 2 },
  { "demilune, perform() in a sandbox", per_call(("%s -e 'sandbox { read = { \"/\" } } %s' --")
    :format(demilune, perform), 20000, open), 2 },
})

local parks = "on(\"getppid\", function(ctx) if ctx.args[1] == 1 then %s end return continue() end)"

measure("A call while 1,000 others are parked: `getppid`", "us", "%.2f", {
  { "bare C supervisor", per_call(bare .. " -p getppid", 10000, "getppid", "-p 1000") },
  { "demilune, they are held", per_call(("%s -e '%s' --"):format(demilune,
    parks:format "return hold()"), 10000, "getppid", "-p 1000"), 1 },
  { "demilune, their handlers sleep", per_call(("%s -e '%s' --"):format(demilune,
    parks:format "ctx:sleep(25)"), 10000, "getppid", "-p 1000"), 1 },
})

measure("A start of /bin/true", "ms", "%.2f", {
  { "bwrap --ro-bind / / /bin/true", function()
    return clock_ms("bwrap --ro-bind / / /bin/true", 50)
  end },
  { "bare C supervisor", function() return clock_ms(bare .. " getppid /bin/true", 50) end, 1 },
  { "demilune -e (a handler)", function()
    return clock_ms(demilune .. " -e on\\(\\\"getppid\\\",continue\\) -- /bin/true", 50)
  end, 1 },
})
