--- What a field of sandbox{} may be. A checker returns the value as it is kept, or nil
-- and the rest of a sentence: 'is true or false'. Pure.
local suggest = require "demilune.suggest"

local checks = {}

-- What a list holds and a table has, for checks.inside().
local inner = {}

function checks.text(value)
  if type(value) ~= "string" then return nil, "is a string, not a " .. type(value) end
  if value:find("\0", 1, true) then return nil, "must not contain NUL" end
  return value
end

function checks.flag(value)
  if type(value) ~= "boolean" then return nil, "is true or false" end
  return value
end

function checks.count(value)
  if math.type(value) == "integer" and 0 < value and value < 1 << 31 then return value end
  return nil, ('"%s" is no whole, positive number'):format(tostring(value))
end

--- A uid or gid.
function checks.id(value)
  if math.type(value) == "integer" and 0 <= value and value < (1 << 32) - 1 then return value end
  return nil, ('"%s" is no whole number from 0'):format(tostring(value))
end

--- A umask: Lua has no octal numbers, and people write it in no other way.
function checks.umask(value)
  if type(value) == "string" and value:match "^0?[0-7][0-7]?[0-7]?$" then
    return tonumber(value, 8)
  end
  return nil, 'is octal, as a string: "022"'
end

function checks.path(value)
  if type(value) ~= "string" then return nil, "is a path, not a " .. type(value) end
  if value == "" or value == "?" then return nil, "is an empty path" end
  return checks.text(value)
end

--- A checker of words, few enough to list them all.
function checks.one_of(words)
  return function(value)
    for _, word in ipairs(words) do
      if word == value then return value end
    end
    return nil, ('is "%s", not "%s"'):format(table.concat(words, '" or "'), tostring(value))
  end
end

--- A checker of names, of which one may have been meant.
function checks.known(names)
  return function(value)
    for _, name in ipairs(names) do
      if name == value then return value end
    end
    return nil, ('is unknown: "%s"%s'):format(tostring(value),
      suggest.hint(tostring(value), names))
  end
end

function checks.list_of(checker)
  local function check(value)
    if type(value) ~= "table" then return nil, "is a list, not a " .. type(value) end
    local kept = {}
    for key in pairs(value) do
      if math.type(key) ~= "integer" or key < 1 or key > #value then
        return nil, ('is a list: it has no field "%s"'):format(tostring(key))
      end
    end
    for i, one in ipairs(value) do
      local checked, message = checker(one)
      if checked == nil then return nil, ("entry %d %s"):format(i, message) end
      kept[i] = checked
    end
    return kept
  end
  inner[check] = { entry = checker }
  return check
end

--- A checker of a table whose fields have checkers of their own.
function checks.table_of(fields)
  local function check(value)
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
  inner[check] = { fields = fields }
  return check
end

--- Checkers of what a checked list holds (.entry), or a checked table has (.fields); nil
-- for a checker of something simple.
function checks.inside(checker)
  return inner[checker]
end

return checks
