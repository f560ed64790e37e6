local json = require "demilune.json"
local helper = require "spec.helper"

local python = [[
import json, sys
for line in sys.stdin:
    value = json.loads(line)
    print(value["n"], value["s"].encode("utf-8", "surrogateescape").hex())
]]

-- What another implementation gets out of it.
local function read_back(value)
  local seen = helper.shell({ "python3", "-c", python }, { stdin = json.encode(value) .. "\n" })
  assert.equal(0, seen.status, seen.stderr)
  return seen.stdout:match "(%S+) (%S*)\n"
end

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

describe("a JSON line", function()
  it("has 64-bit integers whole", function()
    for _, n in ipairs { math.maxinteger, math.mininteger, (1 << 53) + 1, 0 } do
      assert.equal(tostring(n), (read_back { n = n, s = "" }))
    end
  end)

  it("lets any bytes be had back", function()
    local all = {}
    for i = 0, 255 do all[i + 1] = string.char(i) end
    for _, bytes in ipairs { table.concat(all), "é\xff\xc3", "\xed\xb2\x80", "\xf0\x9f\x98\x80",
      "\xc0\xaf", "\u{2028}</script>" } do
      local _, seen = read_back { n = 1, s = bytes }
      assert.equal(hex(bytes), seen)
    end
  end)

  it("is one line of ASCII where the bytes are no UTF-8", function()
    assert.equal([[{"a":"caf\udce9\n"}]], json.encode { a = "caf\xe9\n" })
  end)

  it("is escaped in keys and in lists, too", function()
    assert.equal([[{"files":["\udcff","ok"]}]], json.encode { files = { "\xff", "ok" } })
    assert.equal([[{"list":[]}]], json.encode { list = json.array {} })
  end)
end)
