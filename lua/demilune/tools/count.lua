--- demilune count: how often, by name, program, path.
local given = tool {
  summary = "how often each call is made, by name, program, path",
  usage = "demilune count [SET...] [--by name|comm|exe|pid|path] [--top N] "
    .. "-- COMMAND [ARGUMENT...]",
  words = "calls or families; all that a handler does not disturb if there are none",
  options = {
    { names = { "--by" }, key = "by", value = "WHAT", many = true,
      help = "name, comm, exe, pid or path; several make a key of all" },
    { names = { "--top" }, key = "top", value = "N", parse = math.tointeger,
      help = "only the N most frequent" },
  },
}

local observe = observer()

local keys = {
  name = function(ctx) return ctx.name end,
  comm = function(ctx) return ctx.comm end,
  exe = function(ctx) return ctx.exe end,
  pid = function(ctx) return ctx.tgid end,
  path = function(ctx)
    local touched = observe:touched(ctx)[1]
    return touched and touched.path or "(no path)"
  end,
}

local by = given.by or { "name" }
for _, what in ipairs(by) do
  if not keys[what] then
    error(('--by "%s": it is name, comm, exe, pid or path'):format(what), 0)
  end
end

local calls = count()

watch(observe:set(given, observe:undisturbed()), function(ctx)
  local key = {}
  for i, what in ipairs(by) do key[i] = keys[what](ctx) or "(unknown)" end
  calls:add(table.unpack(key))
end)

at_exit(function() calls:print { top = given.top } end)
