--- demilune files: each file once, with what was done to it.
local given = tool {
  summary = "which files are touched, each once",
  usage = "demilune files [--only read,write,...] -- COMMAND [ARGUMENT...]",
  options = {
    { names = { "--only" }, key = "only", value = "HOW",
      help = "read, write, create, remove, execute, change or look; several with commas" },
  },
}

local observe = observer()
local log = require "demilune.log"

local wanted = {}
for how in (given.only or table.concat(observe.ways, ",")):gmatch "[^,]+" do
  if not observe.letters[how] then
    error(('--only "%s": it is %s'):format(how, table.concat(observe.ways, ", ")), 0)
  end
  wanted[how] = true
end

-- By path: how often it was touched, and the sum of the bits of what was done. A find
-- over a disk touches hundreds of thousands, so there is no table for each.
local counts, sums, paths = {}, {}, {}

local bit_of = {}
for i, how in ipairs(observe.ways) do bit_of[how] = 1 << i end

watch("%file", function(ctx)
  for _, touched in ipairs(observe:touched(ctx)) do
    local path = touched.path
    local sum = sums[path] or 0
    if sum == 0 then paths[#paths + 1] = path end
    for _, how in ipairs(touched.how) do sum = sum | bit_of[how] end
    counts[path], sums[path] = (counts[path] or 0) + 1, sum
  end
end)

-- "rw-----", and the words of it
local function ways_of(sum)
  local letters, words = "", {}
  for _, how in ipairs(observe.ways) do
    local is_done = sum & bit_of[how] ~= 0
    letters = letters .. (is_done and observe.letters[how] or "-")
    if is_done then words[#words + 1] = how end
  end
  return letters, words
end

at_exit(function()
  table.sort(paths)
  for _, path in ipairs(paths) do
    local letters, words = ways_of(sums[path])
    local is_shown = false
    for _, how in ipairs(words) do is_shown = is_shown or wanted[how] end
    if is_shown then
      event("file", { path = path, how = words, calls = counts[path] }, function()
        return ("%s  %s"):format(letters, log.line(path))
      end)
    end
  end
end)
