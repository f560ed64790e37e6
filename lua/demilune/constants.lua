--- Names of flags and other constants, both ways. Pure: the values are the core's, of
-- this architecture.
local suggest = require "demilune.suggest"

local constants = {}

-- Kinds of arguments whose constants are those of other sets.
local of_kind = {
  dirfd = { "special" }, fmode = { "filetype" }, protocol = { "ipproto", "netlink" },
  sockopt = { "so", "ip", "ipv6", "tcp" }, futex_op = { "futex", "futex_flags" },
  statx_flags = { "at" }, shmflags = { "shm" }, clone_flags = { "clone" },
}

local Constants = {}
Constants.__index = Constants

function constants.new(core)
  return setmetatable({ core = core, sets = {}, plans = {}, signals = nil }, Constants)
end

local function count_bits(n)
  local count = 0
  while n ~= 0 do n, count = n & (n - 1), count + 1 end
  return count
end

-- The flags of a sum, each value once, by its first name. Many bits first, so that
-- O_SYNC is not taken for O_DSYNC.
local function flags_in_order(set)
  local list, seen = {}, {}
  for _, one in ipairs(set) do
    local value = one[2]
    if value ~= 0 and value & set.enum_mask == 0 and not seen[value] then
      list[#list + 1] = one
      seen[value] = true
    end
  end
  table.sort(list, function(a, b)
    local x, y = count_bits(a[2]), count_bits(b[2])
    if x == y then return a[2] < b[2] end
    return x > y
  end)
  return list
end

--- The set of a name, or nil: { { name, value }, ..., is_enum =, enum_mask =, by_name =,
-- by_value =, flags = as they are looked for in a sum }.
function Constants:set(name)
  local set = self.sets[name]
  if set == nil then
    set = self.core.constants(name) or false
    if set then
      set.by_name, set.by_value, set.flags = {}, {}, flags_in_order(set)
      set.spelled, set.n_spelled = {}, 0
      for _, one in ipairs(set) do
        set.by_name[one[1]] = one[2]
        set.by_value[one[2]] = set.by_value[one[2]] or one[1]
      end
    end
    self.sets[name] = set
  end
  return set or nil
end

local function signal_numbers(self)
  if not self.signals then
    self.signals = {}
    for nr = 1, 64 do
      local name = self.core.signal_name(nr)
      if name:find "^SIG" then self.signals[name] = nr end
    end
  end
  return self.signals
end

-- Name -> value, of all that an argument of this kind may hold.
local function names_of(self, kind)
  if kind == "signal" then return signal_numbers(self) end
  local names = {}
  for _, name in ipairs(of_kind[kind] or { kind }) do
    local set = self:set(name)
    for key, value in pairs(set and set.by_name or {}) do names[key] = value end
  end
  return names
end

--- "O_WRONLY|O_CREAT", "0644", "0x10" -> number, or nil, message.
function Constants:value(kind, text)
  local names, sum = names_of(self, kind), 0
  for word in (text .. "|"):gmatch "%s*(.-)%s*|" do
    local value = names[word]
      or word:find "^0[0-7]+$" and tonumber(word, 8) or math.tointeger(tonumber(word))
    if not value then
      return nil, ('unknown constant "%s"%s'):format(word,
        suggest.hint(word, suggest.keys(names)))
    end
    sum = sum | value
  end
  return sum
end

--- The name of a value of an enumeration, or nil.
function Constants:name(set_name, value)
  return self:set(set_name).by_value[value]
end

local function take_flags(set, value)
  local taken = {}
  for _, one in ipairs(set.flags) do
    local flag = one[2]
    if value & flag == flag then
      taken[#taken + 1] = one
      value = value & ~flag
    end
  end
  table.sort(taken, function(a, b) return a[2] < b[2] end)
  return taken, value
end

-- The part of a sum that is an enumeration, as the access mode of open(2).
local function enumerated(set, value)
  for _, one in ipairs(set) do
    if one[2] == value & set.enum_mask and one[2] & ~set.enum_mask == 0 then return one[1] end
  end
end

-- So many sums are kept as text; a program chooses its flags.
local KEPT = 512

local function spell(self, set_name, value)
  local set = self:set(set_name)
  local first = set.enum_mask ~= 0 and enumerated(set, value)
  local words = { first or nil }
  local taken, rest = take_flags(set, first and value & ~set.enum_mask or value)
  for _, one in ipairs(taken) do words[#words + 1] = one[1] end
  if rest ~= 0 then words[#words + 1] = ("0x%x"):format(rest) end
  if #words == 0 then return self:name(set_name, 0) or "0" end
  return table.concat(words, "|")
end

--- A sum as text: "O_RDWR|O_CREAT|0x40000000"; what has no name is hex.
function Constants:flags(set_name, value)
  local set = self:set(set_name)
  local text = set.spelled[value]
  if not text then
    text = spell(self, set_name, value)
    set.n_spelled = set.n_spelled + 1
    if set.n_spelled <= KEPT then set.spelled[value] = text end
  end
  return text
end

return constants
