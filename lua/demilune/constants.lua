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

--- The set of a name, or nil: { { name, value }, ..., by_name =, by_value = }.
function Constants:set(name)
  local set = self.sets[name]
  if set == nil then
    set = self.core.constants(name) or false
    if set then
      set.by_name, set.by_value = {}, {}
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

return constants
