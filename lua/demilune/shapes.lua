--- Structures in a program's memory as strace's users know them. A shape takes p, the
-- argument as lua/demilune/decode.lua describes it, and returns text, or nil when the
-- memory cannot be read: then the address is shown.
local structs = require "demilune.structs"

local shapes = {}

local BYTES_SHOWN = 32

function shapes.bytes(p)
  local size = p.regs[p.arg.ref]
  if size == 0 then return '""' end
  local shown = math.ult(BYTES_SHOWN, size) and BYTES_SHOWN or size
  local bytes = structs.bytes(p.ctx, p.reg, shown)
  return bytes and p.core.bytes_text(bytes) .. (shown ~= size and "..." or "")
end

function shapes.argv(p)
  local list = structs.strings(p.ctx, p.reg)
  if not list then return nil end
  for i, one in ipairs(list) do list[i] = p.core.bytes_text(one) end
  return "[" .. table.concat(list, ", ") .. "]"
end

function shapes.envp(p)
  local n = structs.count(p.ctx, p.reg)
  return n and ("0x%x /* %d var%s */"):format(p.reg, n, n == 1 and "" or "s")
end

local function iov_text(p, addr, count)
  local list = structs.iov(p.ctx, addr, count)
  if not list then return nil end
  for i, one in ipairs(list) do
    local shown = math.ult(BYTES_SHOWN, one.len) and BYTES_SHOWN or one.len
    local bytes = structs.bytes(p.ctx, one.base, shown)
    list[i] = ("{iov_base=%s%s, iov_len=%s}"):format(bytes and p.core.bytes_text(bytes)
      or p.core.number_text("addr", one.base), bytes and shown ~= one.len and "..." or "",
      p.core.number_text("ulong", one.len))
  end
  return "[" .. table.concat(list, ", ") .. "]"
end

function shapes.iov(p)
  return iov_text(p, p.reg, p.regs[p.arg.ref])
end

local addresses = {
  AF_UNIX = function(a, core)
    if a.is_unnamed then return "" end
    if a.abstract then return ", sun_path=@" .. core.bytes_text(a.abstract) end
    return ", sun_path=" .. core.bytes_text(a.path)
  end,
  AF_INET = function(a)
    return (', sin_port=htons(%d), sin_addr=inet_addr("%s")'):format(a.port, a.address)
  end,
  AF_INET6 = function(a)
    return (', sin6_port=htons(%d), sin6_flowinfo=htonl(%d), inet_pton(AF_INET6, "%s", '
      .. "&sin6_addr), sin6_scope_id=%d"):format(a.port, a.flowinfo, a.address, a.scope_id)
  end,
  AF_NETLINK = function(a)
    return (", nl_pid=%d, nl_groups=%#08x"):format(a.pid, a.groups)
  end,
}

local function sockaddr_text(p, addr, len)
  local a = structs.sockaddr(p.ctx, addr, len, p.names)
  if not a then return nil end
  local known = addresses[a.family]
  -- a known family whose address is too short is not decoded
  local is_whole = a.address or a.path or a.abstract or a.is_unnamed or a.pid
  return ("{sa_family=%s%s}"):format(a.family, known and is_whole and known(a, p.core)
    or ", sa_data=" .. p.core.bytes_text(a.raw:sub(3)))
end

function shapes.sockaddr(p)
  return sockaddr_text(p, p.reg, p.regs[p.arg.ref] & 0xffffffff)
end

function shapes.msghdr(p)
  local name, namelen, iov, iovlen, control, controllen, flags =
    structs.unpack(p.ctx, "jI4xxxxjjjji4", p.reg)
  if not name then return nil end
  local control_text = controllen ~= 0 and ", msg_control=" .. p.core.number_text("addr", control) or ""
  return ("{msg_name=%s, msg_namelen=%d, msg_iov=%s, msg_iovlen=%s%s, msg_controllen=%s, "
    .. "msg_flags=%s}"):format(name ~= 0 and sockaddr_text(p, name, namelen)
    or p.core.number_text("addr", name), namelen, iov_text(p, iov, iovlen) or p.core.number_text("addr", iov),
    p.core.number_text("ulong", iovlen), control_text, p.core.number_text("ulong", controllen),
    p.core.number_text("msg", flags & 0xffffffff))
end

--- A shape from a format for string.unpack and one for string.format; change, if given,
-- makes other values of the unpacked ones.
local function record(format, text, change)
  return function(p)
    local values = table.pack(structs.unpack(p.ctx, format, p.reg))
    if values[1] == nil then return nil end
    if change then values = table.pack(change(p, table.unpack(values, 1, values.n))) end
    return text:format(table.unpack(values, 1, values.n))
  end
end

local timespec, timeval = "{tv_sec=%d, tv_nsec=%d}", "{tv_sec=%d, tv_usec=%d}"
shapes.timespec = record("jj", timespec)
shapes.timeval = record("jj", timeval)
shapes.timeval2 = record("jjjj", "[" .. timeval .. ", " .. timeval .. "]")
shapes.itimerval = record("jjjj", "{it_interval=" .. timeval .. ", it_value=" .. timeval .. "}")
shapes.itimerspec = record("jjjj",
  "{it_interval=" .. timespec .. ", it_value=" .. timespec .. "}")
shapes.utimbuf = record("jj", "{actime=%d, modtime=%d}")
shapes.off_ptr = record("j", "[%d]")

shapes.timespec2 = record("jjjj", "[%s, %s]", function(p, a, b, c, d)
  local function one(seconds, nanoseconds)
    local name = p.names:name("special", nanoseconds & 0xffffffff)
    return name and name:find "^UTIME" and name or timespec:format(seconds, nanoseconds)
  end
  return one(a, b), one(c, d)
end)

shapes.rlimit_ptr = record("jj", "{rlim_cur=%s, rlim_max=%s}", function(p, a, b)
  local function one(n)
    if n == -1 then return "RLIM64_INFINITY" end
    if n > 1024 and n % 1024 == 0 then return ("%d*1024"):format(n // 1024) end
    return p.core.number_text("ulong", n)
  end
  return one(a), one(b)
end)

shapes.lock = record("i2i2xxxxjj", "{l_type=%s, l_whence=%s, l_start=%d, l_len=%d}",
  function(p, kind, whence, start, len)
    return p.names:name("locktype", kind) or kind, p.names:name("whence", whence) or whence,
      start, len
  end)

shapes.open_how = record("jjj", "{flags=%s%s, resolve=%s}", function(p, flags, mode, resolve)
  local shown = mode ~= 0 and (", mode=%#03o"):format(mode) or ""
  return p.core.number_text("open", flags), shown, p.core.number_text("resolve", resolve)
end)

-- packed on x86-64 alone, epoll_ctl(2)
function shapes.epoll_event(p)
  local is_packed = p.names:name("arch", p.ctx.arch & 0xffffffff) == "AUDIT_ARCH_X86_64"
  local events, low, high = structs.unpack(p.ctx, is_packed and "I4I4I4" or "I4xxxxI4I4", p.reg)
  return events and ("{events=%s, data={u32=%d, u64=%s}}"):format(
    p.core.number_text("epoll", events), low, p.core.number_text("ulong", high << 32 | low))
end

function shapes.pollfds(p)
  local n = p.regs[p.arg.ref] & 0xffffffff
  if n > 1024 then return nil end
  local bytes = structs.bytes(p.ctx, p.reg, n * 8)
  if not bytes then return nil end
  local list = {}
  for i = 1, n do
    local fd, events = string.unpack("i4I2", bytes, i * 8 - 7)
    -- of a descriptor below 0 poll(2) ignores the rest
    list[i] = fd < 0 and ("{fd=%d}"):format(fd)
      or ("{fd=%d, events=%s}"):format(fd, p.core.number_text("poll", events))
  end
  return "[" .. table.concat(list, ", ") .. "]"
end

local function mask_text(p, mask)
  local set, clear = {}, {}
  for sig = 1, 64 do
    local name = p.core.signal_name(sig):gsub("^SIG", "")
    if tonumber(name) then name = sig == 32 and "RTMIN" or "RT_" .. sig - 32 end
    local list = mask >> sig - 1 & 1 ~= 0 and set or clear
    list[#list + 1] = name
  end
  -- most of them: the others are shown
  if #set * 3 >= 64 * 2 then return "~[" .. table.concat(clear, " ") .. "]" end
  return "[" .. table.concat(set, " ") .. "]"
end

function shapes.sigset(p)
  if p.regs[p.arg.ref] ~= 8 then return nil end
  local mask = structs.unpack(p.ctx, "j", p.reg)
  return mask and mask_text(p, mask)
end

-- <asm/signal.h>, which does not go together with <signal.h>
local SA_RESTORER = 0x04000000

function shapes.sigaction(p)
  local handler, flags, restorer, mask = structs.unpack(p.ctx, "jjjj", p.reg)
  if not handler then return nil end
  local special = { [0] = "SIG_DFL", "SIG_IGN" }
  local has_restorer = flags & SA_RESTORER ~= 0
  local words = p.core.number_text("sa", flags & 0xffffffff & ~SA_RESTORER)
  if has_restorer then words = words == "0" and "SA_RESTORER" or words .. "|SA_RESTORER" end
  return ("{sa_handler=%s, sa_mask=%s, sa_flags=%s%s}"):format(special[handler]
    or p.core.number_text("addr", handler), mask_text(p, mask), words,
    has_restorer and ", sa_restorer=" .. p.core.number_text("addr", restorer) or "")
end

function shapes.uids(p)
  local n = p.regs[p.arg.ref] & 0xffffffff
  local bytes = n <= 65536 and structs.bytes(p.ctx, p.reg, n * 4)
  if not bytes then return nil end
  local list = {}
  for i = 1, n do list[i] = p.core.number_text("ulong", (string.unpack("I4", bytes, i * 4 - 3))) end
  return "[" .. table.concat(list, ", ") .. "]"
end

function shapes.optval(p)
  local n = p.regs[p.arg.ref] & 0xffffffff
  if n == 4 then
    local value = structs.unpack(p.ctx, "i4", p.reg)
    return value and ("[%d]"):format(value)
  end
  local bytes = n <= BYTES_SHOWN and structs.bytes(p.ctx, p.reg, n)
  return bytes and p.core.bytes_text(bytes)
end

return shapes
