--- What an address points to: structures of the kernel's interface as Lua tables. Pure:
-- read(addr, len) and read_cstr(addr, max) are the ctx's; every function returns nil,
-- message, errno when memory cannot be read.

local structs = {}

local EFAULT, E2BIG = 14, 7

-- The kernel's own bounds: MAX_ARG_STRLEN, UIO_MAXIOV; a list of strings has none.
local STRING_MAX, IOV_MAX, STRINGS_MAX = 131072, 1024, 65536

--- Exactly so many bytes.
function structs.bytes(ctx, addr, len)
  local bytes, message, errno = ctx:read(addr, len)
  if not bytes then return nil, message, errno end
  if #bytes < len then return nil, "read: Bad address", EFAULT end
  return bytes
end

--- ctx:unpack(format, addr): as string.unpack; the format must have a fixed size.
function structs.unpack(ctx, format, addr)
  local size = string.packsize(format)
  local bytes, message, errno = structs.bytes(ctx, addr, size)
  if not bytes then return nil, message, errno end
  return string.unpack(format, bytes)
end

-- The addresses of a list that ends with NULL: read a page at a time, and not beyond it,
-- since the next one may not be there.
local function pointers(ctx, addr)
  local list, size, page = {}, string.packsize "J", 4096
  while #list < STRINGS_MAX do
    local at = addr + #list * size
    local bytes, message, errno = ctx:read(at, page - (at & page - 1) & ~(size - 1))
    if bytes == "" or not bytes then bytes, message, errno = ctx:read(at, size) end
    if not bytes then return nil, message, errno end
    if #bytes < size then return nil, "read: Bad address", EFAULT end
    for i = 1, #bytes - size + 1, size do
      local pointer = string.unpack("J", bytes, i)
      if pointer == 0 then return list end
      list[#list + 1] = pointer
    end
  end
  return nil, "a list of too many strings", E2BIG
end

--- How many strings there are, as argv has them.
function structs.count(ctx, addr)
  if addr == 0 then return 0 end
  local list, message, errno = pointers(ctx, addr)
  if not list then return nil, message, errno end
  return #list
end

--- The strings of argv or envp. NULL is an empty list, as the kernel takes it.
function structs.strings(ctx, addr)
  if addr == 0 then return {} end
  local list, message, errno = pointers(ctx, addr)
  if not list then return nil, message, errno end
  for i, pointer in ipairs(list) do
    list[i], message, errno = ctx:read_cstr(pointer, STRING_MAX)
    if not list[i] then return nil, message, errno end
  end
  return list
end

--- { { base =, len = }, ... }
function structs.iov(ctx, addr, count)
  if count < 0 or count > IOV_MAX then return nil, "iov: Invalid argument", 22 end
  local bytes, message, errno = structs.bytes(ctx, addr, count * 16)
  if not bytes then return nil, message, errno end
  local list = {}
  for i = 1, count do
    local base, len = string.unpack("jj", bytes, i * 16 - 15)
    list[i] = { base = base, len = len }
  end
  return list
end

local function inet6_text(bytes)
  local groups = { string.unpack(">I2I2I2I2I2I2I2I2", bytes) }
  -- the longest run of zeros becomes "::", RFC 5952
  local best_start, best_len, start = nil, 1, nil
  for i = 1, 9 do
    if groups[i] == 0 and i < 9 then
      start = start or i
    elseif start then
      if i - start > best_len then best_start, best_len = start, i - start end
      start = nil
    end
  end
  local head, tail = {}, {}
  for i = 1, 8 do
    local word = ("%x"):format(groups[i])
    if not best_start or i < best_start then head[#head + 1] = word
    elseif i >= best_start + best_len then tail[#tail + 1] = word end
  end
  local text = table.concat(head, ":")
  return best_start and text .. "::" .. table.concat(tail, ":") or text
end

local families = {
  AF_UNIX = function(bytes)
    local path = bytes:sub(3)
    if path == "" then return { is_unnamed = true } end
    if path:byte() == 0 then return { abstract = path:sub(2) } end
    return { path = path:match "^[^\0]*" }
  end,
  AF_INET = function(bytes)
    if #bytes < 8 then return nil end
    local port, a, b, c, d = string.unpack(">I2BBBB", bytes, 3)
    return { port = port, address = ("%d.%d.%d.%d"):format(a, b, c, d) }
  end,
  AF_INET6 = function(bytes)
    if #bytes < 24 then return nil end
    local port, flowinfo = string.unpack(">I2I4", bytes, 3)
    return { port = port, flowinfo = flowinfo, address = inet6_text(bytes:sub(9, 24)),
      scope_id = #bytes >= 28 and string.unpack("=I4", bytes, 25) or 0 }
  end,
  AF_NETLINK = function(bytes)
    if #bytes < 12 then return nil end
    local pid, groups = string.unpack("=I4I4", bytes, 5)
    return { pid = pid, groups = groups }
  end,
}

--- A socket address: { family = "AF_INET", address =, port = }, AF_INET6 also scope_id and
-- flowinfo; AF_UNIX path or abstract (without its NUL) or is_unnamed; AF_NETLINK pid and
-- groups; any other only raw. raw has all bytes.
function structs.sockaddr(ctx, addr, len, constants)
  if addr == 0 then return nil, "sockaddr: there is none", EFAULT end
  if len < 2 or len > 128 then return nil, "sockaddr: Invalid argument", 22 end
  local bytes, message, errno = structs.bytes(ctx, addr, len)
  if not bytes then return nil, message, errno end
  local number = string.unpack("=I2", bytes)
  local family = constants:name("family", number)
  local known = family and families[family]
  local out = known and known(bytes) or {}
  out.family, out.raw = family or number, bytes
  return out
end

return structs
