--- The fields of sandbox{}: what each takes, and the method of the core that it
-- becomes. Pure: it drives the core sandbox that it is handed.
local access = require "demilune.access"
local checks = require "demilune.checks"
local quantity = require "demilune.quantity"

local sandbox = {}

local function whole_seconds(value)
  local ms, message = quantity.milliseconds(value)
  return ms and -(-ms // 1000), message
end

local function an_environment(value)
  if type(value) ~= "table" then return nil, "is a table, not a " .. type(value) end
  for name, one in pairs(value) do
    if not checks.text(name) or name == "" or name:find "=" then
      return nil, ('has the name "%s"'):format(tostring(name))
    end
    if one ~= false and not checks.text(one) then
      return nil, ('gives %s a %s: a string sets it, false removes it'):format(name, type(one))
    end
  end
  return value
end

local stdio_ways = checks.one_of { "inherit", "null", "capture", "pipe" }
local stdio_table = checks.table_of {
  stdin = checks.one_of { "inherit", "null", "pipe" }, stdout = stdio_ways, stderr = stdio_ways,
}

local function a_stdio(value)
  if type(value) == "table" then return stdio_table(value) end
  local way, message = checks.one_of { "inherit", "capture" } (value)
  if not way then return nil, message end
  return { stdin = way == "inherit" and way or "null", stdout = way, stderr = way }
end

local function a_logger(value)
  if value == false or type(value) == "function" then return value end
  return nil, "is a function, or false for silence"
end

local checkers = {
  cwd = checks.text,
  clean_env = checks.flag,
  env = an_environment,
  explain = checks.flag,
  fds = checks.list_of(checks.count),
  gid = checks.id,
  limits = checks.table_of {
    cpu = whole_seconds, file_size = quantity.bytes, memory = quantity.bytes,
    open_files = checks.count, output = quantity.bytes, processes = checks.count,
    time = quantity.milliseconds,
  },
  log = a_logger,
  name = checks.text,
  script = checks.table_of {
    time = quantity.milliseconds, memory = quantity.bytes,
    held_calls = checks.count, held_time = quantity.milliseconds,
  },
  stdio = a_stdio,
  syscalls = checks.table_of {
    allow = checks.list_of(checks.text), deny = checks.list_of(checks.text),
  },
  terminal = checks.flag,
  uid = checks.id,
  umask = checks.umask,
}

for name, checker in pairs(access.checkers) do checkers[name] = checker end

local check_fields = checks.table_of(checkers)

--- Checks what fields say together. Returns settings, or nil and the rest of a sentence.
function sandbox.check_together(settings)
  if (settings.uid == nil) == (settings.gid == nil) then return settings end
  return nil, "needs uid and gid, or neither: with one of them the other stays ours"
end

--- Checks the table of a user. Returns a copy with quantities as numbers, or nil and the
-- rest of a sentence: 'has no field "red", did you mean "read"?'.
function sandbox.check(settings)
  local checked, message = check_fields(settings)
  if not checked then return nil, message end
  return sandbox.check_together(checked)
end

--- The checker of a field: "umask", "limits.memory". Of a list it is the one of its entries,
-- and true comes with it. nil for a field that there is not.
function sandbox.checker(field)
  local checker = check_fields
  for name in field:gmatch "[^.]+" do
    local inside = checks.inside(checker)
    checker = inside and inside.fields and inside.fields[name]
    if not checker then return nil end
  end
  local inside = checks.inside(checker)
  if inside and inside.entry then return inside.entry, true end
  return checker, false
end

--- The names of all fields, as sandbox.checker() takes them; of a table its fields'.
function sandbox.fields()
  local names = {}
  local function add(fields, prefix)
    for name, checker in pairs(fields) do
      local inside = checks.inside(checker)
      if inside and inside.fields then
        add(inside.fields, prefix .. name .. ".")
      else
        names[#names + 1] = prefix .. name
      end
    end
  end
  add(checkers, "")
  table.sort(names)
  return names
end

-- Calls method for every entry of a list, until one fails.
local function for_each(sb, method, list)
  for _, one in ipairs(list or {}) do
    local ok, message, errno = sb[method](sb, one)
    if not ok then return nil, message, errno end
  end
  return true
end

-- What a field does to a core sandbox, in this order. Returns as the core's methods.
local steps = {
  { "clean_env", function(sb, on)
    if on then sb:clean_env() end
    return true
  end },
  { "env", function(sb, env)
    for name, value in pairs(env) do
      local ok, message, errno = sb:env(name, value or nil)
      if not ok then return nil, message, errno end
    end
    return true
  end },
  { "cwd", function(sb, path) return sb:cwd(path) end },
  { "limits", function(sb, limits)
    for name, most in pairs(limits) do
      if name == "time" then
        sb:time_limit(most)
      else
        local ok, message, errno = sb:limit(name, most)
        if not ok then return nil, message, errno end
      end
    end
    return true
  end },
  { "syscalls", function(sb, syscalls)
    local ok, message, errno = for_each(sb, "allow_syscall", syscalls.allow)
    if not ok then return nil, message, errno end
    return for_each(sb, "deny_syscall", syscalls.deny)
  end },
  { "umask", function(sb, mask) return sb:umask(mask) end },
  { "fds", function(sb, fds) return for_each(sb, "keep_fd", fds) end },
  { "explain", function(sb, on)
    if on then sb:explain() end
    return true
  end },
  { "terminal", function(sb, on)
    if on then sb:keep_terminal() end
    return true
  end },
  { "uid", function(sb, uid, settings) return sb:ids(uid, settings.gid) end },
  { "script", function(sb, script)
    if script.time then sb:handler_limit(script.time) end
    if script.memory then sb:memory_limit(script.memory) end
    sb:hold_limit(script.held_calls, script.held_time)
    return true
  end },
}

table.move(access.steps, 1, #access.steps, #steps + 1, steps)

--- Applies checked settings to a core sandbox. Returns true, or nil, message, errno.
function sandbox.apply(settings, core_sandbox)
  for _, step in ipairs(steps) do
    local value = settings[step[1]]
    if value ~= nil then
      local ok, message, errno = step[2](core_sandbox, value, settings)
      if not ok then return nil, message, errno end
    end
  end
  return true
end

return sandbox
