--- Rules about addresses, held by handlers around those of the user: one before them that
-- refuses, one after them that makes the call. Seccomp shows no address, and memory can
-- change after a look: so whatever goes on is performed, on the bytes that were judged.
-- Pure: core and the core sandbox are handed in.
local addresses = require "demilune.addresses"
local handlers = require "demilune.handlers"

local network = {}

-- An address of sendto(2) may be NULL: then it is send(2), and the filter lets it pass.
local calls = {
  { "connect" },
  { "sendto", when = { arg = 5 }, is_sent = true },
  { "sendmsg", is_sent = true },
}

-- Kinds of sockets that send to an address without a connection.
local function sends(net)
  return net.udp or net.icmp or net.raw
end

-- The bytes of the address, "" for none; or nil, message, errno.
local function address_of(ctx)
  if ctx.name == "sendmsg" then
    local pointer, message, errno = ctx:unpack("j", ctx.args.msg)
    if not pointer then return nil, message, errno end
    if pointer == 0 then return "" end
  end
  local address, message, errno = ctx:sockaddr()
  return address and address.raw, message, errno
end

-- Handlers that return otherwise, or deny, of what a rule refuses.
local function judge(core, rules, is_sent, otherwise)
  return function(ctx)
    local bytes, _, errno = address_of(ctx)
    if not bytes then return core.deny(errno) end
    local ok, name = addresses.judge(rules, bytes, is_sent)
    if not ok then return core.deny(name) end
    return otherwise
  end
end

-- sendmmsg(2) can neither be judged without a race nor performed. Programs have send.
local function refuse(core)
  return function() return core.deny "ENOSYS" end
end

-- What the static layer denies needs no handler, and may have none.
local function add(list, core, sb, call, handle)
  if sb:denies(core.syscall_number(call[1])) then return true end
  return list:add(call[1], { handle = handle, on_exception = "deny_eperm", when = call.when })
end

local function add_all(list, core, sb, net, rules, otherwise)
  for _, call in ipairs(calls) do
    if not call.is_sent or sends(net) then
      local ok, message = add(list, core, sb, call, judge(core, rules, call.is_sent, otherwise))
      if not ok then return nil, message end
    end
  end
  return true
end

--- The handlers of a user, and ours around them if net has rules about addresses.
-- look_up as addresses.resolve() has it. Returns nil, message, errno.
function network.around(list, net, core, sb, look_up)
  if not (net and addresses.are_in(net.connect)) then return list end
  local rules, message, errno = addresses.resolve(net.connect, look_up)
  if not rules then return nil, message, errno end
  local all = handlers.list(core)
  local ok
  ok, message = add_all(all, core, sb, net, rules, core.continue())
  if ok and sends(net) then ok, message = add(all, core, sb, { "sendmmsg" }, refuse(core)) end
  if not ok then return nil, message end
  table.move(list, 1, #list, #all + 1, all)
  ok, message = add_all(all, core, sb, net, rules, core.perform())
  if not ok then return nil, message end
  return all
end

return network
