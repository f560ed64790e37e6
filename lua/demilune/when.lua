--- Conditions on the arguments of a call, from
--   { flags = { any = "O_WRONLY|O_RDWR" }, dirfd = "AT_FDCWD" }
-- to the core's form. Several are AND; a list of such tables is OR. A value stands for
-- { eq = value }; { arg = 2, ge = 10 } names an argument by its place, and { arg = 2 }
-- alone means that it is not 0. Pure: names and types are asked of the core.
local suggest = require "demilune.suggest"

local when = {}

local ops = { eq = true, ne = true, lt = true, ge = true, any = true, all = true }
local op_names = suggest.keys(ops)

-- What a value must be to fit the C type.
local fits = {
  int = function(v) return -(1 << 31) <= v and v < 1 << 32 end,
  uint = function(v) return -(1 << 31) <= v and v < 1 << 32 end,
}

local function describe(call, args)
  local names = {}
  for i, arg in ipairs(args) do names[i] = arg.name end
  local text = ("%s has %s"):format(call, #names == 0 and "no arguments"
    or table.concat(names, ", "))
  for _, arg in ipairs(args) do
    if arg.type == "address" and arg.kind ~= "path" and arg.kind ~= "out" then
      return text .. "; what an address points to cannot be seen by a filter"
    end
  end
  return text
end

-- The place of an argument and its description.
local function find(facts, name)
  for i, arg in ipairs(facts.args) do
    if arg.name == name then return i, arg end
  end
  local names = {}
  for i, arg in ipairs(facts.args) do names[i] = arg.name end
  return nil, ('no argument "%s"%s (%s)'):format(tostring(name), suggest.hint(name, names),
    describe(facts.call, facts.args))
end

local function place(facts, i)
  if math.type(i) ~= "integer" or i < 1 or i > 6 then
    return nil, "arg is the place of an argument, 1 to 6"
  end
  return i, facts.args[i] or { name = "argument " .. i, type = "ulong", kind = "hex" }
end

local function is_address(arg)
  return ("%s is an address: a filter sees the number and not what it points to, which "
    .. "only the handler can read (NULL can be told: { eq = 0 })"):format(arg.name)
end

local function number(facts, arg, value)
  if type(value) == "string" then
    if arg.type == "address" then return nil, is_address(arg) end
    local n, message = facts.constants:value(arg.kind, value)
    if not n then return nil, ("%s: %s"):format(arg.name, message) end
    value = n
  end
  if math.type(value) ~= "integer" then
    return nil, ("%s: a whole number or a name is needed, not a %s"):format(arg.name,
      type(value))
  end
  if fits[arg.type] and not fits[arg.type](value) then
    return nil, ("%s: %d does not fit the type %s"):format(arg.name, value, arg.type)
  end
  return value
end

local function check_meaning(arg, op, value, mask)
  if arg.type == "address" and not (value == 0 and (op == "eq" or op == "ne") and not mask) then
    return nil, is_address(arg)
  end
  if value < 0 and arg.type == "uint" and (op == "lt" or op == "ge") then
    return nil, ("%s has no sign: %s = %d"):format(arg.name, op, value)
  end
  if value == 0 and (op == "any" or op == "all") then
    return nil, ("%s: %s of no bits (a flag that is 0, as O_RDONLY, is told by mask and eq)")
      :format(arg.name, op)
  end
  if mask and value & ~mask ~= 0 and op ~= "lt" and op ~= "ge" then
    return nil, ("%s: 0x%x has bits outside the mask 0x%x"):format(arg.name, value, mask)
  end
  return true
end

-- Adds the conditions of one argument to out.
local function compile_argument(facts, out, i, arg, tests)
  local mask, message
  if tests.mask ~= nil then
    mask, message = number(facts, arg, tests.mask)
    if not mask then return nil, message end
  end
  local before = #out
  for _, op in ipairs(op_names) do
    if tests[op] ~= nil then
      local value, ok
      value, message = number(facts, arg, tests[op])
      if not value then return nil, message end
      ok, message = check_meaning(arg, op, value, mask)
      if not ok then return nil, message end
      out[#out + 1] = { arg = i, op = op, type = arg.type, mask = mask, value = value,
        alternative = facts.alternative }
    end
  end
  if #out == before then
    return nil, ("%s: no comparison: %s"):format(arg.name, table.concat(op_names, ", "))
  end
  return true
end

local function check_tests(name, tests)
  for key in pairs(tests) do
    if not ops[key] and key ~= "mask" then
      return nil, ('%s: unknown comparison "%s"%s'):format(name, tostring(key),
        suggest.hint(key, op_names))
    end
  end
  return true
end

-- { arg = 2, eq = 5 }
local function compile_by_place(facts, out, alternative)
  local i, arg = place(facts, alternative.arg)
  if not i then return nil, arg end
  local tests = {}
  for key, value in pairs(alternative) do
    if key ~= "arg" then tests[key] = value end
  end
  if next(tests) == nil then tests.ne = 0 end
  local ok, message = check_tests(arg.name, tests)
  if not ok then return nil, message end
  return compile_argument(facts, out, i, arg, tests)
end

local function compile_alternative(facts, out, alternative)
  if type(alternative) ~= "table" then
    return nil, ("conditions are a table, not a %s"):format(type(alternative))
  end
  if next(alternative) == nil then return nil, "no condition: leave when out" end
  for key in pairs(alternative) do
    if type(key) ~= "string" then
      return nil, ("[%s] is no argument's name; by place it is { arg = 2, eq = 5 }"):format(
        tostring(key))
    end
  end
  if math.type(alternative.arg) == "integer" then
    return compile_by_place(facts, out, alternative)
  end
  for _, name in ipairs(suggest.keys(alternative)) do
    local i, arg = find(facts, name)
    if not i then return nil, arg end
    local tests = alternative[name]
    if type(tests) ~= "table" then tests = { eq = tests } end
    local ok, message = check_tests(name, tests)
    if ok then ok, message = compile_argument(facts, out, i, arg, tests) end
    if not ok then return nil, message end
  end
  return true
end

local function is_list(conditions)
  return type(conditions) == "table" and #conditions > 0
end

-- A condition that is overlooked would be a handler that is asked too often, or never.
local function compile_list(facts, out, conditions)
  local list = is_list(conditions) and conditions or { conditions }
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      return nil, ("[%s] beside a list: each alternative is a table of its own"):format(
        tostring(key))
    end
  end
  if #list > 256 then return nil, "more than 256 alternatives" end
  for i, alternative in ipairs(list) do
    facts.alternative = i - 1
    local ok, message = compile_alternative(facts, out, alternative)
    if not ok then return nil, message end
  end
  return true
end

--- The conditions of one call, number nr, for the core's handle().
-- Returns nil, message that names the call.
function when.compile(conditions, nr, core, constants)
  local call = core.syscall_name(nr)
  local facts = { call = call, args = core.syscall_args(nr) or {}, constants = constants }
  local out = {}
  local ok, message = compile_list(facts, out, conditions)
  if ok then ok, message = core.try_conditions(out) end
  if not ok then return nil, ("when, on %s: %s"):format(call, message) end
  return out
end

return when
