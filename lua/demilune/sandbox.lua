--- The fields of sandbox{}: what each takes, and the method of the core that it
-- becomes. Pure: it drives the core sandbox that it is handed.
local access = require "demilune.access"
local quantity = require "demilune.quantity"
local suggest = require "demilune.suggest"

local sandbox = {}

-- Each checker returns the value as it is kept, or nil, message.
local function a_string(value)
  if type(value) ~= "string" then return nil, "is a string, not a " .. type(value) end
  if value:find("\0", 1, true) then return nil, "must not contain NUL" end
  return value
end

local function a_flag(value)
  if type(value) ~= "boolean" then return nil, "is true or false" end
  return value
end

local function a_count(value)
  if math.type(value) == "integer" and 0 < value and value < 1 << 31 then return value end
  return nil, "is a whole, positive number"
end

local function an_id(value)
  if math.type(value) == "integer" and 0 <= value and value < (1 << 32) - 1 then return value end
  return nil, "is a whole number from 0"
end

-- Lua has no octal numbers, and people write a umask in no other way.
local function a_umask(value)
  if type(value) == "string" and value:match "^0?[0-7][0-7]?[0-7]?$" then
    return tonumber(value, 8)
  end
  return nil, 'is octal, as a string: "022"'
end

local function a_list_of(checker)
  return function(value)
    if type(value) ~= "table" then return nil, "is a list, not a " .. type(value) end
    local kept = {}
    for i, one in ipairs(value) do
      local checked, message = checker(one)
      if checked == nil then return nil, ("%d %s"):format(i, message) end
      kept[i] = checked
    end
    return kept
  end
end

local function whole_seconds(value)
  local ms, message = quantity.milliseconds(value)
  return ms and -(-ms // 1000), message
end

local function one_of(list)
  return function(value)
    for _, known in ipairs(list) do
      if value == known then return value end
    end
    return nil, ('is "%s", not "%s"'):format(table.concat(list, '" or "'), tostring(value))
  end
end

--- A checker of a table whose fields have checkers of their own.
local function a_table(fields)
  return function(value)
    if type(value) ~= "table" then return nil, "is a table, not a " .. type(value) end
    local kept = {}
    for name, one in pairs(value) do
      local checker = fields[name]
      if not checker then
        return nil, ('has no field "%s"%s'):format(tostring(name),
          suggest.hint(name, suggest.keys(fields)))
      end
      local checked, message = checker(one)
      if checked == nil then return nil, ("%s %s"):format(name, message) end
      kept[name] = checked
    end
    return kept
  end
end

local function an_environment(value)
  if type(value) ~= "table" then return nil, "is a table, not a " .. type(value) end
  for name, one in pairs(value) do
    if not a_string(name) or name == "" or name:find "=" then
      return nil, ('has the name "%s"'):format(tostring(name))
    end
    if one ~= false and not a_string(one) then
      return nil, ('gives %s a %s: a string sets it, false removes it'):format(name, type(one))
    end
  end
  return value
end

local stdio_ways = one_of { "inherit", "null", "capture", "pipe" }
local stdio_table = a_table {
  stdin = one_of { "inherit", "null", "pipe" }, stdout = stdio_ways, stderr = stdio_ways,
}

local function a_stdio(value)
  if type(value) == "table" then return stdio_table(value) end
  local way, message = one_of { "inherit", "capture" } (value)
  if not way then return nil, message end
  return { stdin = way == "inherit" and way or "null", stdout = way, stderr = way }
end

local function a_logger(value)
  if value == false or type(value) == "function" then return value end
  return nil, "is a function, or false for silence"
end

local checkers = {
  cwd = a_string,
  clean_env = a_flag,
  env = an_environment,
  explain = a_flag,
  fds = a_list_of(a_count),
  gid = an_id,
  limits = a_table {
    cpu = whole_seconds, file_size = quantity.bytes, memory = quantity.bytes,
    open_files = a_count, processes = a_count, time = quantity.milliseconds,
  },
  log = a_logger,
  name = a_string,
  script = a_table {
    time = quantity.milliseconds, memory = quantity.bytes,
    held_calls = a_count, held_time = quantity.milliseconds,
  },
  stdio = a_stdio,
  syscalls = a_table { allow = a_list_of(a_string), deny = a_list_of(a_string) },
  terminal = a_flag,
  uid = an_id,
  umask = a_umask,
}

for name, checker in pairs(access.checkers) do checkers[name] = checker end

--- Checks the table of a user. Returns a copy with quantities as numbers, or nil and the
-- rest of a sentence: 'has no field "red", did you mean "read"?'.
function sandbox.check(settings)
  local checked, message = a_table(checkers)(settings)
  if checked and (checked.uid == nil) ~= (checked.gid == nil) then
    return nil, "needs uid and gid, or neither: with one of them the other stays ours"
  end
  return checked, message
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
