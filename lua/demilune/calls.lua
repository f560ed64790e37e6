--- Which system calls are meant: a name, a number, or a list of these. Pure: what
-- exists on this architecture is asked of the core that is handed in.
local suggest = require "demilune.suggest"

local calls = {}

local function resolve_one(what, core)
  if type(what) == "string" then
    local nr = core.syscall_number(what)
    if nr then return nr end
    return nil, ('unknown system call "%s"%s'):format(what,
      suggest.hint(what, core.syscall_names()))
  end
  if math.type(what) ~= "integer" then
    return nil, ("a system call is a name or a number, not a %s"):format(type(what))
  end
  if not core.syscall_name(what) then
    return nil, ("no system call has the number %d on this architecture"):format(what)
  end
  return what
end

--- Returns the list of numbers, each once, or nil, message.
function calls.resolve(what, core)
  local list = type(what) == "table" and what or { what }
  local numbers, seen = {}, {}
  if what == nil then return resolve_one(what, core) end
  if #list == 0 then return nil, "an empty list of system calls" end
  for _, one in ipairs(list) do
    local nr, message = resolve_one(one, core)
    if not nr then return nil, message end
    if not seen[nr] then
      seen[nr] = true
      numbers[#numbers + 1] = nr
    end
  end
  return numbers
end

return calls
