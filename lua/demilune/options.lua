--- The words of a command line. Pure. argparse would do it, too, for half of the time
-- that a whole start may take (1.1 ms): options here are a table and one loop.
local suggest = require "demilune.suggest"

local options = {}

-- "--time=30s" is "--time" and "30s".
local function split(word)
  local name, value = word:match "^(%-%-[%w-]+)=(.*)$"
  return name or word, value
end

local function names_of(spec)
  local names = {}
  for _, option in ipairs(spec) do
    for _, name in ipairs(option.names) do names[name] = option end
  end
  return names
end

local function take_value(option, name, value, words, at)
  if not option.value then
    if value then return nil, ("%s takes no value"):format(name) end
    return option.parse and option.parse(true, name, option) or true, at
  end
  if not value then
    at = at + 1
    value = words[at]
    if value == nil or value == "--" then return nil, ("%s needs %s"):format(name, option.value) end
  end
  if option.parse then
    local parsed, message = option.parse(value, name, option)
    if parsed == nil then return nil, ("%s: %s"):format(name, message) end
    value = parsed
  end
  if option.value2 then
    at = at + 1
    if words[at] == nil then return nil, ("%s %s needs %s"):format(name, value, option.value2) end
    value = { value, words[at] }
  end
  return value, at
end

--- Sorts words by spec, a list of { names = {"-t"}, key = "time", value = "DURATION",
-- value2 = "BODY", parse = fn, many = false, help = "..." }. With value2 it takes two
-- words, and its value is a list. parse(word, name, option), where word is true for an
-- option without a value, returns what is kept, or nil, message. Returns
-- { key = value, ..., words before "--" }, and the list of words after "--", or nil if
-- there is no "--". Or nil, nil, message.
function options.parse(words, spec)
  local names, found, at = names_of(spec), {}, 1
  while at <= #words and words[at] ~= "--" do
    local word = words[at]
    if word:sub(1, 1) == "-" and #word > 1 then
      local name, given = split(word)
      local option = names[name]
      if not option then
        return nil, nil, ('unknown option "%s"%s'):format(name,
          suggest.hint(name, suggest.keys(names)))
      end
      local value, next_at = take_value(option, name, given, words, at)
      if value == nil then return nil, nil, next_at end
      if option.many then
        found[option.key] = found[option.key] or {}
        table.insert(found[option.key], value)
      else
        found[option.key] = value
      end
      at = next_at
    else
      found[#found + 1] = word
    end
    at = at + 1
  end
  if words[at] ~= "--" then return found, nil end
  return found, table.move(words, at + 1, #words, 1, {})
end

--- The lines that explain the options. { heading = "files", names = {} } is a line itself.
function options.help(spec)
  local lines = {}
  for _, option in ipairs(spec) do
    local left = table.concat(option.names, ", ")
    for _, value in ipairs { option.value, option.value2 } do left = left .. " " .. value end
    lines[#lines + 1] = option.heading and ("\n%s:"):format(option.heading)
      or ("  %-26s %s"):format(left, option.help)
  end
  return (table.concat(lines, "\n"):gsub("^\n", ""))
end

return options
