--- Rules about where a program may connect to: "10.0.0.0/8:443", "[::1]:8080-8090",
-- "example.org:443". Pure: text in, rules out; an address as the kernel has it, verdict out.

local addresses = {}

local PORT_MAX = 65535
local AF_UNSPEC, AF_INET, AF_INET6 = 0, 2, 10	-- linux/socket.h, the same everywhere
local MAPPED = ("\0"):rep(10) .. "\255\255"	-- RFC 4291, 2.5.5.2

-- Four bytes of "10.0.0.0", or nil. No octal, no hex, no parts left out: inet_aton(3)
-- takes them, and people read them otherwise.
local function inet(text)
  local bytes = {}
  for part in (text .. "."):gmatch "([^.]*)%." do
    local n = part:find "^%d%d?%d?$" and not part:find "^0%d" and tonumber(part)
    if not n or n > 255 then return nil end
    bytes[#bytes + 1] = string.char(n)
  end
  return #bytes == 4 and table.concat(bytes) or nil
end

-- The bytes of "a:b:c", which may end in "1.2.3.4"; "" is none. nil if it is wrong.
local function groups(text)
  local bytes = {}
  if text == "" then return "" end
  for part, rest in (text .. ":"):gmatch "([^:]*):()" do
    local is_last = rest > #text + 1
    if part:find "^%x%x?%x?%x?$" then
      bytes[#bytes + 1] = string.pack(">I2", tonumber(part, 16))
    else
      local four = is_last and inet(part)
      if not four then return nil end
      bytes[#bytes + 1] = four
    end
  end
  return table.concat(bytes)
end

-- Sixteen bytes of "2001:db8::1", or nil.
local function inet6(text)
  local head, tail = text:match "^(.-)::(.*)$"
  if not head then
    local all = groups(text)
    return all and #all == 16 and all or nil
  end
  if tail:find("::", 1, true) or head:find "%." then return nil end
  head, tail = groups(head), groups(tail)
  if not head or not tail or #head + #tail > 14 then return nil end
  return head .. ("\0"):rep(16 - #head - #tail) .. tail
end

-- The first bits of bytes, the others 0.
local function cut(bytes, bits)
  local kept = {}
  for i = 1, #bytes do
    local n = math.max(0, math.min(8, bits - 8 * (i - 1)))
    kept[i] = string.char(bytes:byte(i) & (0xff << (8 - n) & 0xff))
  end
  return table.concat(kept)
end

-- A mapped address is one of IPv4: that is where packets go. Returns bytes, bits.
local function unmap(bytes, bits)
  if #bytes == 16 and bytes:sub(1, 12) == MAPPED and bits >= 96 then
    return bytes:sub(13), bits - 96
  end
  return bytes, bits
end

local function ports(text)
  if text == "*" then return 0, PORT_MAX end
  local first, last = text:match "^(%d+)%-(%d+)$"
  first = math.tointeger(first or text:match "^%d+$")
  last = math.tointeger(last) or first
  if not first or first < 1 or first > last or last > PORT_MAX then return nil end
  return first, last
end

-- The parts of a rule: host, prefix or nil, port or nil; IPv6 stands in brackets.
local function split(text)
  local host, prefix, rest = text:match "^%[([^%]/]*)/?(%d*)%](.*)$"
  if not host then
    host, prefix, rest = text:match "^([^:/%[%]]+)/?(%d*)(.*)$"
  elseif prefix == "" and rest:find "^/%d" then
    prefix, rest = rest:match "^/(%d+)(.*)$"
  end
  if not host then return nil end
  return host, math.tointeger(prefix), rest:match "^:(.+)$", rest
end

-- Not "0x7f.1" or "127.1", which the resolver takes for numbers, inet_aton(3).
local function is_host_name(host)
  local last = host:match "([^.]*)%.?$"
  return #host <= 253 and host:find "^[%w_][%w._-]*$" ~= nil and last:find "%a" ~= nil
    and not last:find "^0[xX]%x*$"
end

local function with_bytes(rule, text, bytes, prefix)
  local most = 8 * #bytes
  local bits = prefix or most
  if bits > most then return nil, ('"%s": the prefix is at most %d'):format(text, most) end
  if cut(bytes, bits) ~= bytes then
    return nil, ('"%s" has bits beyond its prefix of %d'):format(text, bits)
  end
  rule.bytes, rule.bits = unmap(bytes, bits)
  return rule
end

--- A rule { first port, last port, bytes =, bits = }, or with name = instead of bytes for a
-- host that is to be looked up. Returns nil and the rest of a sentence.
function addresses.parse(text)
  local host, prefix, port, rest = split(text)
  if not host then
    return nil, ('is no address but "%s": write "10.0.0.0/8:443", "[::1]:8080" or '
      .. '"example.org:443"'):format(text)
  end
  if not port then
    return nil, ('"%s" has no port%s: write "...:443", ":8000-8100" or ":*"'):format(text,
      rest:find "%d:" and ", and IPv6 stands in brackets" or "")
  end
  local first, last = ports(port)
  if not first then return nil, ('"%s" has no port but "%s"'):format(text, port) end
  local rule = { first, last, text = text }
  local bytes = inet(host) or inet6(host)
  local message
  if bytes then
    rule, message = with_bytes(rule, text, bytes, prefix)
    return rule, message and "is wrong: " .. message
  end
  if prefix or not is_host_name(host) then
    return nil, ('"%s": "%s" is neither an address nor the name of a host'):format(text, host)
  end
  rule.name = host
  return rule
end

--- Is there a rule about addresses among these rules about ports?
function addresses.are_in(rules)
  for _, rule in ipairs(rules or {}) do
    if rule.bytes or rule.name then return true end
  end
  return false
end

--- The rules with the addresses of each name in its place; look_up(name) returns a list
-- of bytes, or nil, message, errno. Returns nil, message, errno.
function addresses.resolve(rules, look_up)
  local resolved = {}
  for _, rule in ipairs(rules) do
    local found = { rule.bytes }
    if rule.name then
      local message, errno
      found, message, errno = look_up(rule.name)
      if not found then
        return nil, ('net connect "%s": %s'):format(rule.text, message), errno
      end
    end
    for _, bytes in ipairs(found) do
      local own, bits = unmap(bytes, rule.bits or 8 * #bytes)
      resolved[#resolved + 1] = { rule[1], rule[2], bytes = own, bits = bits }
    end
    if not (rule.bytes or rule.name) then resolved[#resolved + 1] = rule end
  end
  return resolved
end

local function matches(rule, bytes, port)
  if port < rule[1] or port > rule[2] then return false end
  if not rule.bytes then return true end	-- a port, of any address
  return #rule.bytes == #bytes and cut(bytes, rule.bits) == rule.bytes
end

local function allowed(rules, bytes, port)
  bytes = unmap(bytes, 8 * #bytes)
  for _, rule in ipairs(rules) do
    if matches(rule, bytes, port) then return true end
  end
  return nil, "EACCES"
end

--- May a program connect, or send, to this struct sockaddr, in bytes? What is no IP address
-- is no matter of ours. Returns true, or nil and the name of an errno.
function addresses.judge(rules, sockaddr, is_sent)
  local family = #sockaddr >= 2 and string.unpack("=I2", sockaddr) or AF_UNSPEC
  if family == AF_UNSPEC and is_sent and #sockaddr >= 16 then
    -- udp_sendmsg() and rawv6_sendmsg() of the kernel take it for a family of theirs
    return nil, "EAFNOSUPPORT"
  elseif family == AF_INET then
    if #sockaddr < 16 then return nil, "EINVAL" end
    return allowed(rules, sockaddr:sub(5, 8), (string.unpack(">I2", sockaddr, 3)))
  elseif family == AF_INET6 then
    if #sockaddr < 24 then return nil, "EINVAL" end	-- SIN6_LEN_RFC2133
    return allowed(rules, sockaddr:sub(9, 24), (string.unpack(">I2", sockaddr, 3)))
  end
  return true
end

return addresses
