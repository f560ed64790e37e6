--- Which system calls are meant: a name, a number, a family, a glob, or a list of
-- these. Pure: what exists on this architecture is asked of the core that is handed in.
local suggest = require "demilune.suggest"

local calls = {}

-- Long lists of names: a start that needs none of them must not pay for them.
local function families() return require "demilune.families" end

local function resolve_name(name, core)
  local nr = core.syscall_number(name)
  if nr then return { nr } end
  return nil, ('unknown system call "%s"%s'):format(name,
    suggest.hint(name, core.syscall_names()))
end

-- What an architecture lacks is no mistake in a family.
local function resolve_family(name, core)
  local members = families().members[name]
  if not members then
    return nil, ('unknown family "%s"%s'):format(name,
      suggest.hint(name, suggest.keys(families().members)))
  end
  local numbers = {}
  for _, member in ipairs(members) do numbers[#numbers + 1] = core.syscall_number(member) end
  return numbers
end

-- "open*", "?stat": of the calls that exist here.
local function resolve_glob(glob, core)
  local pattern = "^" .. glob:gsub("%p", "%%%0"):gsub("%%%*", ".*"):gsub("%%%?", ".") .. "$"
  local numbers = {}
  for _, name in ipairs(core.syscall_names()) do
    if name:find(pattern) then numbers[#numbers + 1] = core.syscall_number(name) end
  end
  if #numbers == 0 then return nil, ('no system call matches "%s"'):format(glob) end
  return numbers
end

local function resolve_one(what, core)
  if type(what) == "string" then
    if what:sub(1, 1) == "%" then return resolve_family(what, core) end
    if what:find "[*?]" then return resolve_glob(what, core) end
    return resolve_name(what, core)
  end
  if math.type(what) ~= "integer" then
    return nil, ("a system call is a name or a number, not a %s"):format(type(what))
  end
  if not core.syscall_name(what) then
    return nil, ("no system call has the number %d on this architecture"):format(what)
  end
  return { what }
end

-- "%open" and "open*" mean what there is; a name or a number means that very call.
local function is_group(what)
  return type(what) == "string" and what:find "[%%*?]" ~= nil
end

--- Returns the list of numbers, each once, and the set of those that were named one by
-- one; or nil, message.
function calls.resolve(what, core)
  local list = type(what) == "table" and what or { what }
  local numbers, seen, named = {}, {}, {}
  if what == nil then return resolve_one(what, core) end
  if #list == 0 then return nil, "an empty list of system calls" end
  for _, one in ipairs(list) do
    local found, message = resolve_one(one, core)
    if not found then return nil, message end
    for _, nr in ipairs(found) do
      if not seen[nr] then numbers[#numbers + 1] = nr end
      seen[nr] = true
      named[nr] = named[nr] or not is_group(one)
    end
  end
  return numbers, named
end

--- What handlers on these numbers do not see: { { handled = name, missing = { ... } } },
-- calls of this architecture that do the same to the same object.
function calls.holes(numbers, core)
  local has, holes = {}, {}
  for _, nr in ipairs(numbers) do has[nr] = true end
  for _, siblings in ipairs(families().siblings) do
    local hole = { missing = {} }
    for _, name in ipairs(siblings) do
      local nr = core.syscall_number(name)
      if nr and has[nr] then
        hole.handled = hole.handled or name
      elseif nr then
        hole.missing[#hole.missing + 1] = name
      end
    end
    if hole.handled and #hole.missing > 0 then holes[#holes + 1] = hole end
  end
  return holes
end

--- A hole as a line of text.
function calls.hole_text(hole)
  local many = #hole.missing > 1
  return ("%s is handled, %s %s not: a program can do the same through %s"):format(
    hole.handled, table.concat(hole.missing, ", "), many and "are" or "is",
    many and "them" or "it")
end

return calls
