--- A call as text, as strace's users know it:
--   openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC)
-- What the call is going to fill shows as an address. Loaded when it is first needed.
local quote = require "demilune.quote"
local shapes = require "demilune.shapes"

local decode = {}

-- Each takes p = { ctx, core, names, regs, args, arg, reg, value }: the argument's
-- description, its register, and its value by its C type. Returns text, or nil.
local kinds = {}

local function decimal(p) return ("%d"):format(p.value) end
local function hex(p) return p.value == 0 and "0" or ("0x%x"):format(p.value) end
local function unsigned(p) return quote.unsigned(p.value) end
local function address(p) return quote.address(p.reg) end

for _, kind in ipairs { "int", "uint", "long", "off", "fd", "pid" } do kinds[kind] = decimal end
for _, kind in ipairs { "hex", "hex32", "dev" } do kinds[kind] = hex end
for _, kind in ipairs { "ulong", "size" } do kinds[kind] = unsigned end
for _, kind in ipairs { "addr", "out", "clone_args" } do kinds[kind] = address end

function kinds.dirfd(p)
  return p.names:name("special", p.value & 0xffffffff) or decimal(p)
end

function kinds.uid(p)
  return p.value == 0xffffffff and "-1" or decimal(p)
end

function kinds.mode(p)
  return ("%#03o"):format(p.value)
end

function kinds.fmode(p)
  local name = p.names:name("filetype", p.value & 0xf000)
  local mode = name and p.value & ~0xf000 or p.value
  return (name and name .. "|" or "") .. ("%#03o"):format(mode)
end

function kinds.signal(p)
  return p.value == 0 and "0" or p.core.signal_name(p.value):gsub("^0$", decimal(p))
end

local function text(p, max)
  local bytes = p.ctx:read_cstr(p.reg, max)
  return bytes and quote.string(bytes)
end

function kinds.path(p) return text(p, 4096) end
function kinds.str(p) return text(p, 4096) end

function kinds.statx_flags(p)
  local sync = p.value & 0x6000 == 0 and "AT_STATX_SYNC_AS_STAT" or nil
  local rest = p.names:flags("at", p.value)
  if not sync then return rest end
  return p.value == 0 and sync or sync .. "|" .. rest
end

function kinds.protocol(p)
  local domain = p.names:name("family", p.regs[1] & 0xffffffff)
  local set = ({ AF_INET = "ipproto", AF_INET6 = "ipproto", AF_NETLINK = "netlink" })[domain]
  return set and p.names:name(set, p.value & 0xffffffff) or decimal(p)
end

function kinds.sockopt(p)
  local level = p.names:name("sol", p.regs[p.arg.ref] & 0xffffffff)
  local set = ({ SOL_SOCKET = "so", SOL_IP = "ip", SOL_IPV6 = "ipv6", SOL_TCP = "tcp" })[level]
  return set and p.names:name(set, p.value & 0xffffffff) or hex(p)
end

function kinds.futex_op(p)
  local base, flags = p.value & 0x7f, p.value & 0xffffff80
  local name = p.names:name("futex", base) or ("0x%x"):format(base)
  if flags & 0x80 ~= 0 then name, flags = name .. "_PRIVATE", flags & ~0x80 end
  return flags == 0 and name or name .. "|" .. p.names:flags("futex_flags", flags)
end

-- the low byte is the signal that tells of the child's end, clone(2)
function kinds.clone_flags(p)
  local flags, signal = p.value & ~0xff, p.value & 0xff
  local name = signal ~= 0 and p.core.signal_name(signal)
  if flags == 0 then return name or "0" end
  return p.names:flags("clone", flags) .. (name and "|" .. name or "")
end

function kinds.shmflags(p)
  local flags, mode = p.value & ~0x1ff, ("%#03o"):format(p.value & 0x1ff)
  return flags == 0 and mode or p.names:flags("shm", flags) .. "|" .. mode
end

-- A kind that is a set of constants.
local function of_set(p)
  local set = p.names:set(p.arg.kind)
  local value = p.value & 0xffffffff
  if not set then return hex(p) end
  if set.is_enum then return p.names:name(p.arg.kind, value) or hex(p) end
  return p.names:flags(p.arg.kind, value)
end

local function show(p)
  if shapes[p.arg.kind] then
    return p.reg ~= 0 and shapes[p.arg.kind](p) or address(p)
  end
  if p.arg.type == "address" and p.reg == 0 then return "NULL" end
  return (kinds[p.arg.kind] or of_set)(p) or address(p)
end

-- What the last argument is depends on one before: kind, or false for none. Without an
-- entry it is shown as the table says.
local fcntl_kinds = {
  F_GETFD = false, F_GETFL = false, F_GETOWN = false, F_GETSIG = false, F_GETLEASE = false,
  F_GETPIPE_SZ = false, F_GET_SEALS = false, F_SETFD = "fd_cloexec", F_SETFL = "open",
  F_DUPFD = "long", F_DUPFD_CLOEXEC = "long", F_SETPIPE_SZ = "long", F_ADD_SEALS = "seals",
  F_SETLK = "lock", F_SETLKW = "lock", F_OFD_SETLK = "lock", F_OFD_SETLKW = "lock",
}

local function fcntl_kind(p)
  return fcntl_kinds[p.names:name("fcntl", p.regs[2] & 0xffffffff) or ""]
end

local function mode_kind(p)
  local flags = p.args[3].name == "flags" and p.regs[3] or p.regs[2]
  local words = "|" .. p.names:flags("open", flags & 0xffffffff) .. "|"
  return (words:find "|O_CREAT|" or words:find "|O_TMPFILE|") and "mode" or false
end

local prctl_kinds = {
  PR_SET_NAME = "str", PR_SET_PDEATHSIG = "signal", PR_GET_DUMPABLE = false,
  PR_GET_KEEPCAPS = false, PR_GET_TIMERSLACK = false, PR_GET_SECUREBITS = false,
}

-- a device number is of devices only, mknod(2)
local function dev_kind(p)
  local kind = p.names:name("filetype", p.regs.mode & 0xf000)
  return (kind == "S_IFCHR" or kind == "S_IFBLK") and "dev" or false
end

-- the fourth argument of a futex is a time or a number, by its operation
local function timeout_kind(p)
  local op = p.names:name("futex", p.regs[2] & 0x7f) or ""
  return (op:find "^FUTEX_WAIT" or op == "FUTEX_LOCK_PI") and "timespec" or nil
end

local late_kinds = {
  futex = { timeout = timeout_kind },
  mknod = { dev = dev_kind }, mknodat = { dev = dev_kind },
  fcntl = { arg = fcntl_kind }, open = { mode = mode_kind }, openat = { mode = mode_kind },
  prctl = {
    arg2 = function(p) return prctl_kinds[p.names:name("prctl", p.regs[1] & 0xffffffff) or ""] end,
  },
}

-- How many arguments a futex operation has, futex(2); without an entry, all.
local futex_arguments = { FUTEX_WAIT = 4, FUTEX_WAKE = 3, FUTEX_LOCK_PI = 4, FUTEX_UNLOCK_PI = 2,
  FUTEX_TRYLOCK_PI = 2, FUTEX_FD = 3 }

local counts = {
  futex = function(p)
    return futex_arguments[p.names:name("futex", p.regs[2] & 0x7f) or ""] or 6
  end,
  mremap = function(p) return p.regs[4] & 2 ~= 0 and 5 or 4 end,
  -- of these operations the first argument is all there is
  prctl = function(p)
    return prctl_kinds[p.names:name("prctl", p.regs[1] & 0xffffffff) or ""] ~= nil and 2 or 5
  end,
}

local function show_argument(p, i, late)
  p.arg, p.reg = p.args[i], p.regs[i]
  p.value = p.regs[p.arg.name]
  local kind
  if late and late[p.arg.name] then kind = late[p.arg.name](p) end
  if kind == false then return nil end
  if kind then
    p.arg = setmetatable({ kind = kind }, { __index = p.arg })
    if shapes[kind] or kind == "str" then p.arg.type = "address" end
  end
  return show(p)
end

local function show_unknown(ctx)
  local words = {}
  for i = 1, 6 do words[i] = ("0x%x"):format(ctx.args[i]) end
  return ("%s(%s)"):format(ctx.name, table.concat(words, ", "))
end

-- The arguments of each call that was shown: the core makes new tables of them.
local known = {}

local function arguments(core, nr)
  if known[nr] == nil then known[nr] = core.syscall_args(nr) or false end
  return known[nr]
end

--- The call of a ctx as text. names is a demilune.constants.
function decode.call(ctx, core, names)
  local args = arguments(core, ctx.nr)
  if not args then return show_unknown(ctx) end
  local p = { ctx = ctx, core = core, names = names, regs = ctx.args, args = args }
  local count, late = counts[ctx.name] and counts[ctx.name](p) or #args, late_kinds[ctx.name]
  local words = {}
  for i = 1, math.min(count, #args) do
    words[#words + 1] = show_argument(p, i, late)
  end
  return ("%s(%s)"):format(ctx.name, table.concat(words, ", "))
end

return decode
