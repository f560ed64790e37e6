--- What options of a command line make of a policy's sandbox{}: lists are joined, and of two
-- values the option's counts. What gives the program more than the policy alone is said.
-- Pure.
local sandbox = require "demilune.sandbox"

local given = {}

-- Does one of these paths name this one, or a directory above it? By the text alone.
local function covers(paths, path)
  path = path:gsub("^%?", "")
  for _, one in ipairs(paths or {}) do
    local top = one:gsub("^%?", ""):gsub("/+$", "")
    if path == one or path == top or path:sub(1, #top + 1) == top .. "/"
      and not (path .. "/"):find("/../", 1, true) then
      return true
    end
  end
  return false
end

-- Whether an option gives the program more than the policy's sandbox{}: functions of all its
-- settings, its value of the field, and the option's.
local exceeds = {}

function exceeds.files(policy, _, path)
  if not (policy.read or policy.write or policy.optional) then return false end
  return not (covers(policy.read, path) or covers(policy.optional, path)
    or covers(policy.write, path))
end

function exceeds.writing(policy, old, path)
  return (policy.read or policy.write or policy.optional) and not covers(old, path)
end

-- A name, a number, or an entry of net: a port of every address has no text.
local function includes(one, entry)
  if type(one) ~= "table" then return one == entry end
  return (one.text == nil or one.text == entry.text)
    and one[1] <= entry[1] and entry[2] <= one[2]
end

function exceeds.entries(_, old, entry)
  for _, one in ipairs(old or {}) do
    if includes(one, entry) then return false end
  end
  return true
end

function exceeds.net(policy, old, value)
  if not policy.net then return false end
  return value == true and not old or value ~= true and exceeds.entries(policy, old, value)
end

function exceeds.number(_, old, value)
  return old ~= nil and value > old
end

function exceeds.flag(_, old)
  return not old
end

function exceeds.missing(_, old, answers)
  for name, answer in pairs(answers) do
    if answer == "degrade" and (old or {})[name] ~= answer then return true end
  end
  return false
end

function exceeds.never()
  return false
end

function exceeds.variables(_, old, variables)
  for name, value in pairs(variables) do
    if (old or {})[name] ~= nil and old[name] ~= value then return true end
  end
  return false
end

function exceeds.value(_, old, value)
  return old ~= nil and old ~= value
end

local function joined(old, values)
  local all = table.move(old or {}, 1, #(old or {}), 1, {})
  return table.move(values, 1, #values, #all + 1, all)
end

local function merged(old, value)
  local all = {}
  for _, one in ipairs { old or {}, value } do
    for name, answer in pairs(one) do all[name] = answer end
  end
  return all
end

local function get(settings, field)
  local table_name, name = field:match "^(.-)%.(.*)$"
  if not table_name then return settings[field] end
  return (settings[table_name] or {})[name]
end

-- Tables are made anew: the policy's are to be compared with.
local function set(settings, field, value)
  local table_name, name = field:match "^(.-)%.(.*)$"
  if not table_name then
    settings[field] = value
  else
    settings[table_name] = merged(settings[table_name], { [name] = value })
  end
end

local function apply(settings, one)
  local field, value = one.option.field, one.values[1]
  local _, is_list = sandbox.checker(field)
  if is_list then
    value = joined(get(settings, field), one.values)
  elseif type(value) == "table" and next(value) then	-- {}: --no-net, all is gone
    value = merged(get(settings, field), value)
  end
  set(settings, field, value)
end

local others = { value = "is not what stands in", variables = "is not what stands in" }

-- Whoever gives a policy file a narrower sandbox{} shall see where it is not.
local function warn(policy, one, say)
  local option, words = one.option, one.name
  if one.word ~= true then words = words .. " " .. one.word end
  for _, value in ipairs(one.values) do
    if exceeds[option.exceeds](policy, get(policy, option.field), value) then
      say(("warning: %s %s the policy's sandbox{}"):format(words,
        others[option.exceeds] or "goes beyond"))
      return
    end
  end
end

--- The settings of a run. list is what fields.options() found; policy are the settings
-- of a policy, or nil. In a dry run no rule is applied.
-- Returns nil and a message if they cannot be together.
function given.settings(list, policy, is_dry, say)
  local settings = merged(policy, {})
  for _, one in ipairs(list) do
    if not (is_dry and one.option.is_rule) then
      if policy then warn(policy, one, say) end
      apply(settings, one)
    end
  end
  local ok, message = sandbox.check_together(settings)
  if not ok then return nil, "the command line " .. message end
  return settings
end

return given
