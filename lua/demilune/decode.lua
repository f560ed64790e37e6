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

-- How a kind is shown: a function of p. A kind without one is a set of constants.
local function of_kind(kind, names)
  if shapes[kind] then
    return function(p) return p.reg ~= 0 and shapes[kind](p) or address(p) end
  end
  local set = not kinds[kind] and names:set(kind)
  if set and set.is_enum then
    return function(p) return names:name(kind, p.value & 0xffffffff) or hex(p) end
  elseif set then
    return function(p) return names:flags(kind, p.value & 0xffffffff) end
  end
  return kinds[kind] or hex
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
  local made = p.names.makes_file
  if not made then
    made = { p.core.constant "O_CREAT", p.core.constant "O_TMPFILE" }
    p.names.makes_file = made
  end
  return (flags & made[1] ~= 0 or flags & made[2] == made[2]) and "mode" or false
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

-- A register as the kernel takes it, by the argument's C type.
local by_type = {
  int = function(reg) return (reg & 0xffffffff ~ 0x80000000) - 0x80000000 end,
  uint = function(reg) return reg & 0xffffffff end,
}

-- An argument whose kind is known when the call is: a function of p.
local function known_argument(arg, kind, names)
  local show, is_address = of_kind(kind, names), arg.type == "address"
  local convert = by_type[arg.type]
  return function(p)
    if is_address and p.reg == 0 and not shapes[kind] then return "NULL" end
    p.arg, p.value = arg, convert and convert(p.reg) or p.reg
    return show(p) or address(p)
  end
end

-- One whose kind depends on the others: that is asked each time.
local function late_argument(arg, late, names)
  local shown = {}	-- kind -> function; true: as the table says
  return function(p)
    p.arg, p.value = arg, p.reg
    local kind = late(p)
    if kind == false then return nil end
    if not shown[kind or true] then
      local is_address = kind and (shapes[kind] or kind == "str")
      local own = kind and setmetatable({ kind = kind, type = is_address and "address" or nil },
        { __index = arg }) or arg
      shown[kind or true] = known_argument(own, kind or arg.kind, names)
    end
    return shown[kind or true](p)
  end
end

local function show_unknown(ctx)
  local words = {}
  for i = 1, 6 do words[i] = ("0x%x"):format(ctx.args[i]) end
  return ("%s(%s)"):format(ctx.name, table.concat(words, ", "))
end

-- All about a call that does not change: made when it is first shown.
local function plan_of(ctx, core, names)
  local args = core.syscall_args(ctx.nr)
  if not args then return false end
  local late, shows = late_kinds[ctx.name] or {}, {}
  for i, arg in ipairs(args) do
    shows[i] = late[arg.name] and late_argument(arg, late[arg.name], names)
      or known_argument(arg, arg.kind, names)
  end
  return { args = args, shows = shows, count = counts[ctx.name], before = ctx.name .. "(" }
end

--- The call of a ctx as text. names is a demilune.constants, which keeps the plans.
function decode.call(ctx, core, names)
  local nr = ctx.nr
  local plan = names.plans[nr]
  if plan == nil then
    plan = plan_of(ctx, core, names)
    names.plans[nr] = plan
  end
  if not plan then return show_unknown(ctx) end
  local regs = ctx.args
  local p = { ctx = ctx, core = core, names = names, regs = regs, args = plan.args }
  local shows, words, n = plan.shows, {}, 0
  local count = plan.count and math.min(plan.count(p), #shows) or #shows
  for i = 1, count do
    p.reg = regs[i]
    local shown = shows[i](p)
    if shown then
      n = n + 1
      words[n] = shown
    end
  end
  return plan.before .. table.concat(words, ", ") .. ")"
end

return decode
