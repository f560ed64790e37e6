--- make bench, the audit: what a trace of all calls on files adds to a find and to a
-- build, against strace on the same calls. Measured in turn; the median counts.
local build = os.getenv "DEMILUNE_BUILD" or "build"
local rounds = tonumber(arg[1]) or 5

local demilune = build .. "/bin/demilune"

local function clock_ms(command)
  local line = ("bash -c 't0=$(date +%%s%%N); %s >/dev/null 2>&1; "
    .. "echo $(($(date +%%s%%N) - t0))'"):format(command)
  local pipe <close> = assert(io.popen(line))
  return tonumber(pipe:read "l") / 1e6
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local ways = {
  { "native", "%s" },
  { "demilune trace %file", demilune .. " trace %%file -o /dev/null -- %s" },
  { "demilune files", demilune .. " files -o /dev/null -- %s" },
  { "strace -f --seccomp-bpf", "strace -f --seccomp-bpf -e %%file -o /dev/null %s" },
}

local function measure(title, command)
  local seen = {}
  for i in ipairs(ways) do seen[i] = {} end
  for _ = 1, rounds do
    for i, way in ipairs(ways) do table.insert(seen[i], clock_ms(way[2]:format(command))) end
  end
  print(("\n%s\n\n| what | ms | added ms | strace adds so many times this |\n|---|---|---|---|")
    :format(title))
  local native, strace = median(seen[1]), median(seen[#ways])
  for i, way in ipairs(ways) do
    local ms = median(seen[i])
    local added = ms - native
    print(("| %s | %.0f | %s | %s |"):format(way[1], ms, i > 1 and ("%.0f"):format(added) or "",
      i > 1 and i < #ways and ("%.1f"):format((strace - native) / added) or ""))
  end
end

local where = os.getenv "DEMILUNE_FIND" or "/usr"
measure(("find %s -newer Makefile"):format(where), ("find %s -newer Makefile"):format(where))
measure("gcc -c of all sources of demilune",
  "sh -c \"for f in src/*.c; do gcc -D_GNU_SOURCE -Iinclude -Isrc -c -o /dev/null \\$f; done\"")
