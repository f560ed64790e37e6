--- Bytes and numbers as text that is safe on a terminal. Pure.

local quote = {}

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ["\v"] = "\\v",
  ["\f"] = "\\f", ['"'] = '\\"', ["\\"] = "\\\\" }

--- "caf\303\251\n": quoted as in C, every byte that is not printable ASCII escaped. An
-- octal escape is as short as what follows lets it be.
function quote.string(bytes)
  if not bytes:find '[\0-\31"\\\127-\255]' then return '"' .. bytes .. '"' end
  local text = bytes:gsub('()([\0-\31"\\\127-\255])', function(at, c)
    if escapes[c] then return escapes[c] end
    local digit_follows = bytes:find("^%d", at + 1)
    return (digit_follows and "\\%03o" or "\\%o"):format(c:byte())
  end)
  return '"' .. text .. '"'
end

--- 64 bits as an address.
function quote.address(n)
  return n == 0 and "NULL" or ("0x%x"):format(n)
end

--- 64 bits as a decimal number without a sign: "%d" is wrong above 2^63.
function quote.unsigned(n)
  if n >= 0 then return ("%d"):format(n) end
  local tens = (n >> 1) // 5
  return ("%d%d"):format(tens, n - tens * 10)
end

return quote
