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

local files, paths = {}, {}

watch("%file", function(ctx)
  for _, touched in ipairs(observe:touched(ctx)) do
    local file = files[touched.path]
    if not file then
      file = { n = 0 }
      files[touched.path] = file
      paths[#paths + 1] = touched.path
    end
    file.n = file.n + 1
    for _, how in ipairs(touched.how) do file[how] = true end
  end
end)

-- "rw-----", and the words of it
local function ways_of(file)
  local letters, words = "", {}
  for _, how in ipairs(observe.ways) do
    letters = letters .. (file[how] and observe.letters[how] or "-")
    if file[how] then words[#words + 1] = how end
  end
  return letters, words
end

at_exit(function()
  table.sort(paths)
  for _, path in ipairs(paths) do
    local letters, words = ways_of(files[path])
    local is_shown = false
    for _, how in ipairs(words) do is_shown = is_shown or wanted[how] end
    if is_shown then
      event("file", { path = path, how = words, calls = files[path].n }, function()
        return ("%s  %s"):format(letters, log.line(path))
      end)
    end
  end
end)
