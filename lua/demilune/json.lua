--- JSON that loses nothing: integers are written whole, and a byte that is no UTF-8 is
-- written as the lone surrogate \udc80..\udcff that stands for it. No valid text
-- contains one, so the bytes can be had back: in Python
-- s.encode("utf-8", "surrogateescape"), in JavaScript charCodeAt(i) & 0xff.
local dkjson = require "dkjson"

local json = {}

local function quote_bytes(bytes)
  local parts, at = {}, 1
  while at <= #bytes do
    local _, bad = utf8.len(bytes, at)
    local good = bytes:sub(at, bad and bad - 1)
    parts[#parts + 1] = dkjson.quotestring(good):sub(2, -2)
    if bad then parts[#parts + 1] = ("\\udc%02x"):format(bytes:byte(bad)) end
    at = (bad or #bytes) + 1
  end
  return '"' .. table.concat(parts) .. '"'
end

-- What dkjson writes as it is.
local Literal = { __tojson = function(self) return self[1] end }

local function prepare(value)
  if type(value) == "string" then
    if utf8.len(value) then return value end
    return setmetatable({ quote_bytes(value) }, Literal)
  end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, one in pairs(value) do copy[key] = prepare(one) end
  return copy
end

--- value as one line. keyorder lists the keys that come first in every object.
function json.encode(value, keyorder)
  return dkjson.encode(prepare(value), { keyorder = keyorder })
end

--- A list that is written as [] also when it is empty.
function json.array(list)
  return setmetatable(list, { __jsontype = "array" })
end

return json
