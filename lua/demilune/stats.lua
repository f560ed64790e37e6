--- Aggregates: what happened how often, by any keys. Pure.
--
--   local opened = count()             opened:add(key...)
--   local sent = sum "bytes sent"      sent:add(key..., value)
--
-- sum, avg, min, max, hist and lhist take the value last and need no key.
local log = require "demilune.log"
local text = require "demilune.text"

local stats = {}

-- A program chooses its paths: what it makes us remember must have an end.
local MAX_KEYS = 100000
local OTHER = "(other)"

-- Each kind: how a value changes a state (nil at first), and what a state means.
local kinds = {
  count = { takes_value = false, fold = function(state) return (state or 0) + 1 end },
  sum = { takes_value = true, fold = function(state, value) return (state or 0) + value end },
  min = { takes_value = true, fold = function(state, value)
    return state and state < value and state or value
  end },
  max = { takes_value = true, fold = function(state, value)
    return state and state > value and state or value
  end },
  avg = { takes_value = true,
    fold = function(state, value)
      state = state or { n = 0, total = 0 }
      state.n, state.total = state.n + 1, state.total + value
      return state
    end,
    read = function(state) return state.total / state.n end },
}

-- The power of two that a value is not below: 0, 1, 2, 4, ...; -1 is all below 0.
local function power_bucket(value)
  if value < 0 then return -1 end
  local bucket = 0
  while bucket < 63 and value >= 2.0 ^ bucket do bucket = bucket + 1 end
  return bucket
end

local function power_limits(bucket)
  if bucket < 0 then return nil, 0 end
  if bucket == 0 then return 0, 1 end
  return 1 << (bucket - 1), bucket < 63 and 1 << bucket or nil
end

local function histogram(bucket_of, limits_of)
  return { takes_value = true, is_histogram = true,
    fold = function(state, value)
      state = state or { n = 0 }
      local bucket = bucket_of(value)
      state[bucket] = (state[bucket] or 0) + 1
      state.first = math.min(state.first or bucket, bucket)
      state.last = math.max(state.last or bucket, bucket)
      state.n = state.n + 1
      return state
    end,
    read = function(state)
      local buckets = {}
      for bucket = state.first, state.last do
        local from, to = limits_of(bucket)
        buckets[#buckets + 1] = { from = from, to = to, count = state[bucket] or 0 }
      end
      return buckets
    end }
end

kinds.hist = histogram(power_bucket, power_limits)

-- Buckets of one width: all below first are one, all from last on another.
local function linear(first, last, step)
  for _, n in ipairs { first or false, last or false, step or false } do
    if type(n) ~= "number" then error("lhist needs three numbers: first, last, step", 3) end
  end
  if not (step > 0 and first < last and (last - first) / step <= 1000) then
    error("lhist needs first < last and at most 1000 steps between", 3)
  end
  local n = math.ceil((last - first) / step)
  return histogram(function(value)
    if value < first then return -1 end
    return math.min(n, (value - first) // step // 1 | 0)
  end, function(bucket)
    if bucket < 0 then return nil, first end
    if bucket >= n then return last, nil end
    return first + bucket * step, math.min(first + (bucket + 1) * step, last)
  end)
end

local Aggregate = { __name = "demilune.aggregate" }
Aggregate.__index = Aggregate

local function as_key(key)
  if type(key) == "string" or type(key) == "number" and key == key then return key end
  return tostring(key)
end

-- What could not be read is nil, message, errno: then the message is the key.
local function keys_of(last, ...)
  if last == 3 and ... == nil and type((select(2, ...))) == "string" then
    return { "(" .. select(2, ...) .. ")" }
  end
  local keys = { ... }
  for i = 1, last do keys[i] = as_key(keys[i]) end
  for i = #keys, last + 1, -1 do keys[i] = nil end
  return keys
end

local function entry_of(self, keys)
  local node = self.index[#keys]
  for i, key in ipairs(keys) do
    local below = node and node[key]
    if below == nil then
      if #self.entries >= MAX_KEYS then return self.other end
      node = node or {}
      self.index[#keys] = self.index[#keys] or node
      below = i < #keys and {} or { key = keys }
      node[key] = below
      if i == #keys then self.entries[#self.entries + 1] = below end
    end
    node = below
  end
  return node
end

--- Counts one event: add(key..., value), or add(key...) of a count.
function Aggregate:add(...)
  local n, value = select("#", ...), nil
  if self.kind.takes_value then
    if n > 0 then value = select(n, ...) end
    if type(value) ~= "number" or value ~= value then
      error(("%s:add takes the value last: a number, not %s"):format(self.name,
        n == 0 and "nothing" or type(value) == "number" and "NaN" or "a " .. type(value)), 2)
    end
    n = n - 1
  end
  local entry = n == 0 and self.alone or entry_of(self, keys_of(n, ...))
  entry.state = self.kind.fold(entry.state, value)
end

local function by_value(a, b)
  if a.order ~= b.order then return a.order > b.order end
  for i = 1, math.min(#a.key, #b.key) do
    local x, y = a.key[i], b.key[i]
    if x ~= y then
      if type(x) ~= type(y) then return type(x) == "number" end
      return x < y
    end
  end
  return #a.key < #b.key
end

--- A list of { key = { ... }, value = ... }, the greatest first; of a histogram the
-- value is a list of { from =, to =, count = }. At most top of them.
function Aggregate:rows(top)
  local rows, read = {}, self.kind.read
  local function take(entry)
    if entry.state == nil then return end
    local value = entry.state
    if read then value = read(value) end
    rows[#rows + 1] = { key = entry.key, value = value,
      order = type(value) == "table" and entry.state.n or value }
  end
  take(self.alone)
  for _, entry in ipairs(self.entries) do take(entry) end
  take(self.other)
  table.sort(rows, self.name == "min" and function(a, b) return by_value(b, a) end or by_value)
  for _, row in ipairs(rows) do row.order = nil end
  for i = #rows, (top or #rows) + 1, -1 do rows[i] = nil end
  return rows
end

local function show_number(value)
  return (math.type(value) == "integer" and "%d" or "%.2f"):format(value)
end

local function show_keys(key)
  local cells = {}
  for i, one in ipairs(key) do cells[i] = log.line(tostring(one)) end
  return cells
end

local BAR = 40

local function histogram_lines(lines, buckets)
  local most, rows = 0, {}
  for _, b in ipairs(buckets) do most = math.max(most, b.count) end
  for i, b in ipairs(buckets) do
    local from, to = b.from and tostring(b.from), b.to and tostring(b.to)
    local range = not from and "(..., " .. to .. ")" or not to and "[" .. from .. ", ...)"
      or ("[%s, %s)"):format(from, to)
    local bar = ("@"):rep(math.ceil(b.count * BAR / most))
    rows[i] = { range, tostring(b.count), "|" .. bar .. (" "):rep(BAR - #bar) .. "|" }
  end
  table.move(text.columns(rows, nil, { [2] = true }), 1, #rows, #lines + 1, lines)
end

--- The lines of a table; options: top, title; columns is the width there is.
function Aggregate:lines(options, columns)
  local lines, cells = {}, {}
  local title = options.title or self.title
  if title then lines[1] = title end
  local rows = self:rows(options.top)
  for i, row in ipairs(rows) do
    local keys = show_keys(row.key)
    if self.kind.is_histogram then
      if #keys > 0 then lines[#lines + 1] = table.concat(keys, "  ") end
      histogram_lines(lines, row.value)
    else
      cells[i] = { show_number(row.value), table.unpack(keys) }
    end
  end
  table.move(text.columns(cells, columns, { true }), 1, #cells, #lines + 1, lines)
  local rest = #self:rows() - #rows
  if rest > 0 then lines[#lines + 1] = ("... and %d more"):format(rest) end
  return lines
end

--- Prints it: text or JSON, as whoever made it says. options: top, title.
function Aggregate:print(options)
  self.is_printed = true
  self.show(self, options or {})
end

--- A new aggregate. show(aggregate, options) prints it.
function stats.new(name, show, title, ...)
  local kind = kinds[name]
  if name == "lhist" then
    kind = linear(title, ...)
    title = select(3, ...)
  end
  if title ~= nil and type(title) ~= "string" then
    error(("%s takes a title, not a %s"):format(name, type(title)), 3)
  end
  return setmetatable({
    name = name, kind = kind, title = title, show = show, index = {}, entries = {},
    alone = { key = {} }, other = { key = { OTHER } },
  }, Aggregate)
end

--- The names of all kinds.
stats.kinds = { "count", "sum", "avg", "min", "max", "hist", "lhist" }

return stats
