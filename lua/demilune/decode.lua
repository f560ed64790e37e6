--- A call as text, as strace's users know it:
--   openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC)
-- What the call is going to fill shows as an address. The core shows what is a number or
-- a string; here is what leads to structures, and what depends on other arguments.
-- Loaded when it is first needed.
local shapes = require "demilune.shapes"

local decode = {}

-- Each takes p = { ctx, core, names, regs, args, arg, reg }: the argument's description
-- and its register. Returns text, or nil.
local kinds = {}

local function number(p, kind) return p.core.number_text(kind, p.reg) end

local function text(p)
  local bytes = p.ctx:read_cstr(p.reg, 4096)
  return bytes and p.core.bytes_text(bytes)
end
kinds.path, kinds.str = text, text

function kinds.protocol(p)
  local domain = p.names:name("family", p.regs[1] & 0xffffffff)
  local set = ({ AF_INET = "ipproto", AF_INET6 = "ipproto", AF_NETLINK = "netlink" })[domain]
  return number(p, set or "int")
end

function kinds.sockopt(p)
  local level = p.names:name("sol", p.regs[p.arg.ref] & 0xffffffff)
  local set = ({ SOL_SOCKET = "so", SOL_IP = "ip", SOL_IPV6 = "ipv6", SOL_TCP = "tcp" })[level]
  return number(p, set or "hex32")
end

function kinds.futex_op(p)
  local base, flags = p.reg & 0x7f, p.reg & 0xffffff80
  local name = p.core.number_text("futex", base)
  if flags & 0x80 ~= 0 then name, flags = name .. "_PRIVATE", flags & ~0x80 end
  return flags == 0 and name or name .. "|" .. p.core.number_text("futex_flags", flags)
end

-- the low byte is the signal that tells of the child's end, clone(2)
function kinds.clone_flags(p)
  local flags, signal = p.reg & 0xffffff00, p.reg & 0xff
  local name = signal ~= 0 and p.core.signal_name(signal)
  if flags == 0 then return name or "0" end
  return p.core.number_text("clone", flags) .. (name and "|" .. name or "")
end

function kinds.shmflags(p)
  local flags, mode = p.reg & 0xfffffe00, p.core.number_text("mode", p.reg & 0x1ff)
  return flags == 0 and mode or p.core.number_text("shm", flags) .. "|" .. mode
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

-- open(2) takes a mode only where it may make a file
local function mode_kind(p)
  local flags, core = p.regs[p.args[#p.args].ref], p.core
  local temporary = core.constant "O_TMPFILE"
  return (flags & core.constant "O_CREAT" ~= 0 or flags & temporary == temporary) and "mode" or false
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

-- An argument of a kind: a function of p.
local function shown_as(kind)
  local show = shapes[kind] or kinds[kind]
  if not show then return function(p) return number(p, kind) end end
  return function(p)
    local shown = (p.reg ~= 0 or not shapes[kind]) and show(p)
    return shown or number(p, "addr")
  end
end

-- One whose kind depends on the others: that is asked each time.
local function late_argument(arg, late)
  local shown = {}	-- kind -> function
  return function(p)
    local kind = late(p)
    if kind == false then return nil end
    kind = kind or arg.kind
    shown[kind] = shown[kind] or shown_as(kind)
    return shown[kind](p)
  end
end

local function show_unknown(ctx)
  local words = {}
  for i = 1, 6 do words[i] = ("0x%x"):format(ctx.args[i]) end
  return ("%s(%s)"):format(ctx.name, table.concat(words, ", "))
end

-- All about a call that does not change: made when it is first shown.
local function plan_of(ctx, core)
  local args = core.syscall_args(ctx.nr)
  if not args then return false end
  local late, shows = late_kinds[ctx.name] or {}, {}
  for i, arg in ipairs(args) do
    shows[i] = late[arg.name] and late_argument(arg, late[arg.name]) or shown_as(arg.kind)
  end
  return { args = args, shows = shows, count = counts[ctx.name], before = ctx.name .. "(" }
end

--- The call of a ctx as text. names is a demilune.constants, which keeps the plans.
function decode.call(ctx, core, names)
  local nr = ctx.nr
  local plan = names.plans[nr]
  if plan == nil then
    plan = plan_of(ctx, core)
    names.plans[nr] = plan
  end
  if not plan then return show_unknown(ctx) end
  local regs = ctx.args
  local p = { ctx = ctx, core = core, names = names, regs = regs, args = plan.args }
  local shows, words, n = plan.shows, {}, 0
  local count = plan.count and math.min(plan.count(p), #shows) or #shows
  for i = 1, count do
    p.arg, p.reg = plan.args[i], regs[i]
    local shown = shows[i](p)
    if shown then
      n = n + 1
      words[n] = shown
    end
  end
  return plan.before .. table.concat(words, ", ") .. ")"
end

return decode
