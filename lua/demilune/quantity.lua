--- "30s", "512M": quantities as people write them. Pure.

local quantity = {}

local milliseconds = { ms = 1, s = 1000, m = 60 * 1000, h = 60 * 60 * 1000, [""] = 1000 }
local bytes = { [""] = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30, T = 1 << 40 }

-- A whole, positive number of the smallest unit that fits in 53 bits, or nil.
local function parse(value, units)
  local number, unit = value, ""
  if type(value) == "string" then
    number, unit = value:match "^(%d+%.?%d*)(%a*)$"
    number = tonumber(number)
  end
  if type(number) ~= "number" or not units[unit] then return nil end
  local product = number * units[unit]
  if not (product > 0 and product < 2 ^ 53) then return nil end
  return math.ceil(product)
end

--- Milliseconds of "500ms", "30s", "2m", "1h" or a number of seconds; else nil, message.
function quantity.milliseconds(value)
  local n = parse(value, milliseconds)
  if n then return n end
  return nil, ('"%s" is no time: write "500ms", "30s", "2m" or "1h"'):format(tostring(value))
end

--- Bytes of "512M", "4K", "2G" or a number of bytes; else nil, message.
function quantity.bytes(value)
  local n = parse(value, bytes)
  if n then return n end
  return nil, ('"%s" is no size: write "64K", "512M" or "2G"'):format(tostring(value))
end

return quantity
