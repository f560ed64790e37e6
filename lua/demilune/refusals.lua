--- What the static layer refused, with the rule that would allow it. Pure.
--
--   { kind = "read", syscall = "openat", errno = "EACCES", path = "/root/x", count = 2,
--     pid = 4711, rule = 'read = { "/root/x" }' }
--
-- kind is "syscall", "read", "write", "connect" or "bind".
local log = require "demilune.log"

local refusals = {}

-- As a string of Lua; no byte of it can steer a terminal.
local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(c)
    return (c == '"' or c == "\\") and "\\" .. c or ("\\%03d"):format(c:byte())
  end) .. '"'
end

local function file_rule(verb)
  return function(entry)
    if entry.deny then
      return ("not deny = { %s }"):format(quoted(entry.deny))
    end
    if not entry.grant then return "none: device nodes cannot be made" end
    -- the numbers of processes are others next time
    local grant = entry.grant:find "^/proc/%d+" and "/proc" or entry.grant
    return ("%s = { %s }"):format(verb, quoted(grant))
  end
end

local function port_rule(way)
  return function(entry)
    return ("net = { %s = { %d } }"):format(way, entry.port)
  end
end

-- Families of which all entries are conditions on one call: allowing the call would
-- allow more.
local narrow = { ["%raw"] = true, ["%socket"] = true, ["%terminal"] = true }

local kinds = {
  UDP = "udp", ["UDP-Lite"] = "udp", SOCK_DGRAM = "udp", ICMP = "icmp", ICMPv6 = "icmp",
  AF_NETLINK = "netlink",
}

local guards = { socket = "net = { connect = { ... } }", listen = "net = { bind = { ... } }" }

local function syscall_rule(entry)
  if not entry.family then
    return ("not syscalls = { deny = { %s } }"):format(quoted(entry.syscall))
  end
  if entry.family == "%net" then
    local kind = kinds[entry.when]
    return kind and ("net = { %s = true }"):format(kind) or "none beside net: it gets around ports"
  end
  if entry.family == "guard" and guards[entry.syscall] then return guards[entry.syscall] end
  return ("syscalls = { allow = { %s } }"):format(
    quoted(narrow[entry.family] and entry.family or entry.syscall))
end

local rules = {
  read = file_rule "read",
  write = file_rule "write",
  connect = port_rule "connect",
  bind = port_rule "bind",
  syscall = syscall_rule,
}

--- The list of the core, each entry with its rule.
function refusals.explain(list)
  for _, entry in ipairs(list) do entry.rule = rules[entry.kind](entry) end
  return list
end

-- What it was about, in a word or two.
local function object_of(entry)
  if entry.path then return log.escape_all(entry.path):gsub("[\n\t]", "?") end
  if entry.port then return ("TCP port %d"):format(entry.port) end
  return entry.when or ""
end

local function by_count(a, b)
  if a.count ~= b.count then return a.count > b.count end
  return a.rule < b.rule
end

local function pad(cells)
  local widths = {}
  for _, row in ipairs(cells) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  local lines = {}
  for n, row in ipairs(cells) do
    for i = 1, #row - 1 do
      local right = i == 1
      row[i] = (" "):rep(right and widths[i] - #row[i] or 0) .. row[i]
        .. (" "):rep(right and 0 or widths[i] - #row[i])
    end
    lines[n] = "  " .. table.concat(row, "  ")
  end
  return lines
end

--- The lines that tell it: how often, which call, its errno, what about, what would
-- allow it. left_out: how many calls found no room.
function refusals.lines(list, left_out)
  if #list == 0 then return { "explain: nothing was refused by the static layer" } end
  local cells = {}
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted, by_count)
  for i, entry in ipairs(sorted) do
    cells[i] = { tostring(entry.count), entry.syscall, entry.errno, (object_of(entry)), entry.rule }
  end
  local lines = pad(cells)
  table.insert(lines, 1, "explain: refused by the static layer, and what would allow it:")
  if left_out > 0 then lines[#lines + 1] = ("  and %d others, which found no room"):format(left_out) end
  return lines
end

return refusals
