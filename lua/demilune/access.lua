--- The fields of sandbox{} that say which files, TCP ports and namespaces there are.
-- Pure: it drives the core sandbox that it is handed.
--
--   read = { "/usr", "?/opt/x" }      beneath: read, list, execute; "?": if it exists
--   write = { "/tmp/work" }           and write, create, remove, rename, truncate, ioctl
--   deny = { "/usr/lib/secret" }      carved out of read and write again
--   optional = { "/opt/y" }           as read = { "?/opt/y" }
--   net = { connect = { 443, "8000-8100", "10.0.0.0/8:443" }, bind = { "*" }, udp = true }
--     rules about addresses: demi_sandbox_connect_address() says which
--     without udp, icmp, raw, netlink = true sockets of these kinds are refused
--   isolate = { "net", "pid", "ipc", "uts", "mount" }, map_root = true
--   on_missing = "degrade" or { truncation = "degrade", isolate_pid = "degrade" }
--
-- A relative path counts from the directory that demilune is started in, whatever the
-- sandbox's cwd and wherever the policy file is.
local checks = require "demilune.checks"

local access = {}

local PORT_MAX = 65535

-- A port is kept as { first, last }.
local function a_port(value, lowest)
  local first, last
  if value == "*" then return { 0, PORT_MAX } end
  if math.type(value) == "integer" then
    first, last = value, value
  elseif type(value) == "string" then
    first, last = value:match "^(%d+)%-(%d+)$"
    first = math.tointeger(first or value:match "^%d+$")
    last = math.tointeger(last) or first
  end
  if not first and type(value) == "string" and value:find "[][:/.%a]" then
    return nil, ('is "%s": only connect takes addresses'):format(value)
  end
  if not first or first > last or first < lowest or last > PORT_MAX then
    return nil, ('"%s" is no port, "8000-8100" or "*"'):format(tostring(value))
  end
  return { first, last }
end

local parse_address

--- Hands in the core's parse_address(text), for nothing pure knows what addresses are.
function access.set_address_parser(fn)
  parse_address = fn
end

-- A port, or an address with ports: that is kept as { first, last, text = }.
local function a_peer(value)
  if type(value) ~= "string" or not value:find "[][:/.%a]" then return a_port(value, 1) end
  local text, message = checks.text(value)
  if not text then return nil, message end
  local first, last = parse_address(text)
  if not first then return nil, last end
  return { first, last, text = text }
end

local function a_permission(value)
  if value == true then return value end
  return nil, "is true: without it this kind of socket is refused"
end

-- Kinds of sockets beside TCP and AF_UNIX.
local kinds = { "udp", "icmp", "raw", "netlink" }

local net_fields = {
  connect = checks.list_of(a_peer),
  bind = checks.list_of(function(value) return a_port(value, 0) end),
}
for _, kind in ipairs(kinds) do net_fields[kind] = a_permission end

-- As demi_protection_name() has them.
local protections = { "files", "renames", "truncation", "tcp", "devices", "signals",
  "isolate_net", "isolate_pid", "isolate_ipc", "isolate_uts", "isolate_mount", "map_root" }
local a_protection = checks.known(protections)
local an_answer = checks.one_of { "error", "degrade" }

local function answers(value)
  local kept = {}
  if type(value) ~= "table" then
    local answer, message = an_answer(value)
    if not answer then return nil, message end
    for _, name in ipairs(protections) do kept[name] = answer end
    return kept
  end
  for name, one in pairs(value) do
    local protection, unknown = a_protection(name)
    if not protection then return nil, unknown end
    local answer, message = an_answer(one)
    if not answer then return nil, ("%s %s"):format(name, message) end
    kept[name] = answer
  end
  return kept
end

--- A checker for each field.
access.checkers = {
  read = checks.list_of(checks.path),
  write = checks.list_of(checks.path),
  deny = checks.list_of(checks.path),
  optional = checks.list_of(checks.path),
  net = checks.table_of(net_fields),
  isolate = checks.list_of(checks.known { "net", "pid", "ipc", "uts", "mount" }),
  map_root = checks.flag,
  on_missing = answers,
}

-- Calls fn for each entry until one fails; returns as the core's methods.
local function each(list, fn)
  for _, one in ipairs(list) do
    local ok, message, errno = fn(one)
    if not ok then return nil, message, errno end
  end
  return true
end

local function paths(verb, is_optional)
  return function(sb, list)
    if verb ~= "deny" then sb:confine_files() end
    return each(list, function(path)
      local rest = path:match "^%?(.+)$"
      return sb:path(verb, rest or path, is_optional or rest ~= nil)
    end)
  end
end

--- What a field does to a core sandbox, in this order. Returns as the core's methods.
access.steps = {
  { "on_missing", function(sb, list)
    for name, answer in pairs(list) do
      local ok, message, errno = sb:on_missing(name, answer)
      if not ok then return nil, message, errno end
    end
    return true
  end },
  { "read", paths("read", false) },
  { "optional", paths("read", true) },
  { "write", paths("write", false) },
  { "deny", paths("deny", false) },
  { "net", function(sb, net)
    sb:confine_net()
    local named = {}
    for _, kind in ipairs(kinds) do
      if net[kind] then named[#named + 1] = kind end
    end
    local ok, message, errno = sb:restrict_sockets(table.unpack(named))
    if not ok then return nil, message, errno end
    for _, way in ipairs { "connect", "bind" } do
      ok, message, errno = each(net[way] or {}, function(range)
        if range.text then return sb:connect_address(range.text) end
        return sb:port(way, range[1], range[2])
      end)
      if not ok then return nil, message, errno end
    end
    return true
  end },
  { "isolate", function(sb, list)
    return each(list, function(name) return sb:isolate(name) end)
  end },
  { "map_root", function(sb, on)
    if on then return sb:isolate "root" end
    return true
  end },
}

return access
