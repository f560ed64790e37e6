--- demilune learn: a policy from a run. The program is not confined meanwhile, but for
-- what no program may; demilune.grants has the rules, demilune.guarded what is never
-- granted.
local given = tool {
  summary = "write a policy from what a program does",
  usage = "demilune learn [-o POLICY.lua] [--merge POLICY.lua]... -- COMMAND [ARGUMENT...]",
  options = {
    { names = { "-o" }, key = "policy", value = "POLICY.lua",
      help = "write the policy there, not to standard error" },
    { names = { "--merge" }, key = "merge", value = "POLICY.lua", many = true,
      help = "with what this one grants, too; it may be the file of -o" },
  },
}

local grants = require "demilune.grants"
local guarded = require "demilune.guarded"
local learned = require "demilune.learned"
local needs = require "demilune.needs"

local observe = observer()
local core = observe.core

local function homes()
  local home = os.getenv "HOME"
  return home and { home, core.real_path(home) } or {}
end

local found = grants.new(guarded.new(homes()))
local net = { connect = {}, bind = {} }
local notes, seen = {}, {}

local function note(text)
  if not seen[text] then
    seen[text] = true
    notes[#notes + 1] = text
  end
end

local function kind_of(path)
  local _, kind = core.real_path(path)
  return kind
end

local function merge(path)
  local file <close> = assert(io.open(path, "rb"))
  for _, one in ipairs(learned.notes(file:read "a")) do note(one) end
  local policy = assert(demilune.load_policy(path))
  local ok, message = learned.merge(policy, path, found, net, kind_of)
  if not ok then error(("--merge %s: %s"):format(path, message), 0) end
end
for _, path in ipairs(given.merge or {}) do merge(path) end

-- The whole policy, or what was there before.
local function save(path, text)
  local new = path .. ".new"
  local file <close> = assert(io.open(new, "wb"))
  assert(file:write(text))
  assert(file:close())
  return new
end

-- Tried before the program runs: it would be a pity to learn that later.
if given.policy then os.remove(save(given.policy, "")) end

local need = needs.new(core)

local function take(ctx, list)
  for _, one in ipairs(list) do
    one.why = ("%s %s"):format(observe:comm(ctx) or "?", one.why)
    if one.kind ~= "directory" then one.why = ("%s %s"):format(one.why, one.path:match "[^/]*$") end
    found:add(one)
  end
end

watch(needs.calls, function(ctx) take(ctx, need:of(ctx, observe)) end)

-- TCP's ports are what Landlock knows. What cannot be told is taken for TCP.
local function use_port(ctx)
  local address = ctx:sockaddr()
  if address and address.path and ctx.name == "bind" then
    take(ctx, need:of_socket_file(ctx, address.path))
  end
  if not (address and address.port) then return end
  local protocol = core.socket_protocol(ctx.pid, ctx.args[1] & 0x7fffffff) or "TCP"
  if protocol:find "^TCP" then
    net[ctx.name][address.port] = ("%s, %s"):format(observe:comm(ctx) or "?", observe:host(ctx))
  end
end
watch({ "connect", "bind" }, use_port)

local has_listened = false
watch("listen", function(ctx) has_listened = observe:comm(ctx) or "?" end)

local tcp_user
local number = core.constant
local inet = { [number "AF_INET"] = true, [number "AF_INET6"] = true }
local kind_of_protocol = { [0] = "udp", [number "IPPROTO_UDP"] = "udp",
  [number "IPPROTO_ICMP"] = "icmp", [number "IPPROTO_ICMPV6"] = "icmp" }

watch("socket", function(ctx)
  local who, kind = observe:comm(ctx) or "?", ctx.args[2] & 0xf	-- without SOCK_CLOEXEC
  local name
  if ctx.args[1] == number "AF_NETLINK" then
    name = "netlink"
  elseif inet[ctx.args[1]] and kind == number "SOCK_DGRAM" then
    name = kind_of_protocol[ctx.args[3] & 0xffffffff]
  elseif inet[ctx.args[1]] and kind == number "SOCK_STREAM" then
    tcp_user = tcp_user or who
  end
  if name then net[name] = net[name] or who end
end)

-- A sandbox with rules about files refuses it so, docs/lua.md.
watch("memfd_create", function(ctx)
  if ctx.args[2] & (number "MFD_NOEXEC_SEAL" or 0) == 0 then
    note(("refused: memfd_create, tried by %s: with rules about files it fails with ENOSYS")
      :format(observe:comm(ctx) or "?"))
  end
end)

-- What every program is refused is refused here, by a handler, to see who tries it.
local errnos, reasons = observe:refused_calls()
local names = {}
for name in pairs(errnos) do names[#names + 1] = name end
table.sort(names)
sandbox { syscalls = { allow = names } }
on(names, function(ctx)
  note(("refused: %s, tried by %s: %s"):format(ctx.name, observe:comm(ctx) or "?",
    reasons[ctx.name]))
  return deny(errnos[ctx.name])
end)

-- docs/lua.md: without a port to bind nothing may listen where TCP may be used at all.
local function settle_net()
  if has_listened and not next(net.bind) then
    net.bind[0] = has_listened .. " listens without bind"
  end
  if tcp_user and not (next(net.bind) or next(net.connect)) then
    note(("refused: a TCP socket, made by %s, that used no port"):format(tcp_user))
  end
end

local function note_refused(list)
  for _, one in ipairs(list) do
    note(("not granted: %s: %s (%s)"):format(one.path, one.reason, table.concat(one.whys, "; ")))
  end
end

-- A policy that its program can change holds it once only.
local function warn_of_place(lines)
  local dir = core.real_path(given.policy:match "^(.*/)[^/]*$" or ".")
  for _, one in ipairs(lines) do
    if one.kind == "directory" and (dir .. "/"):sub(1, #one.path + 1) == one.path .. "/" then
      printf("%s lies where the program may write: move it away\n", given.policy)
      return
    end
  end
end

local function command_line()
  local programs = require "demilune.programs"
  return programs.command_line { argv = observe.policy.command }
end

at_exit(function()
  settle_net()
  local read, write, refused = found:lines()
  note_refused(refused)
  local policy = learned.text { command = command_line(), rules = grants.rules, read = read,
    write = write, net = net, notes = notes }
  if #refused > 0 then
    printf("%d paths were not granted: the end of the policy says why\n", #refused)
  end
  if given.policy then
    warn_of_place(write)
    assert(os.rename(save(given.policy, policy), given.policy))
  else
    printf("%s", policy)
  end
end)
