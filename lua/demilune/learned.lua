--- The text of a learned policy, and one that is read again to be merged. Pure.
local log = require "demilune.log"

local learned = {}

-- A path in quotes that Lua reads as the same bytes, on one line.
local function quoted(path)
  return (("%q"):format(path):gsub("\\\n", "\\n"):gsub("[\127-\255]", function(c)
    return ("\\x%02x"):format(c:byte())
  end))
end

-- A line of its own in a comment, whatever bytes a program chose.
local function comment(words)
  return log.line(words)
end

local function reason_of(one)
  local words = {}
  if one.because then words[1] = one.because end
  if one.n > 1 then words[#words + 1] = ("%d uses"):format(one.n) end
  words[#words + 1] = table.concat(one.whys, "; ")
  return comment(table.concat(words, ": "))
end

-- A directory must be there; of a single file a run can do without.
local function path_text(one)
  if one.kind == "directory" then return quoted(one.path) end
  return quoted("?" .. one.path)
end

local function add_paths(out, field, list)
  out[#out + 1] = ("  %s = {"):format(field)
  for _, one in ipairs(list) do
    out[#out + 1] = ("    %s,  -- %s"):format(path_text(one), reason_of(one))
  end
  out[#out + 1] = "  },"
end

local function add_ports(out, way, ports)
  local list = {}
  for port in pairs(ports) do list[#list + 1] = port end
  if #list == 0 then return end
  table.sort(list, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end)
  out[#out + 1] = ("    %s = {"):format(way)
  for _, port in ipairs(list) do
    out[#out + 1] = ("      %s,  -- %s"):format(math.type(port) == "integer" and port
      or quoted(port), comment(ports[port]))
  end
  out[#out + 1] = "    },"
end

local kinds = { "udp", "icmp", "raw", "netlink" }

local function add_net(out, net)
  local is_empty = true
  for _, way in ipairs { "connect", "bind", table.unpack(kinds) } do
    is_empty = is_empty and (net[way] == nil or type(net[way]) == "table" and not next(net[way]))
  end
  if is_empty then
    out[#out + 1] = "  net = {},  -- no TCP port was used, and no other network"
    return
  end
  out[#out + 1] = "  net = {"
  add_ports(out, "connect", net.connect)
  add_ports(out, "bind", net.bind)
  for _, kind in ipairs(kinds) do
    if net[kind] then
      out[#out + 1] = ("    %s = true,  -- %s"):format(kind, comment(net[kind]))
    end
  end
  out[#out + 1] = "  },"
end

--- The text of a policy. what = { command =, rules =, read =, write =, net =, notes = }.
function learned.text(what)
  local out = { "-- Learned by demilune from: " .. comment(what.command), "--" }
  for _, rule in ipairs(what.rules) do out[#out + 1] = "-- " .. rule end
  out[#out + 1] = "sandbox {"
  add_paths(out, "read", what.read)
  add_paths(out, "write", what.write)
  add_net(out, what.net)
  out[#out + 1] = "}"
  for _, note in ipairs(what.notes) do out[#out + 1] = "-- " .. comment(note) end
  return table.concat(out, "\n") .. "\n"
end

local mergeable = { read = true, write = true, net = true }

local function refuse_others(settings)
  for field in pairs(settings) do
    if not mergeable[field] then
      return nil, ('it has the field "%s": only read, write and net can be merged'):format(field)
    end
  end
  return true
end

--- The notes at the end of a policy's text that learn wrote.
function learned.notes(source)
  local notes = {}
  for note in source:gmatch "\n%-%- ([^\n]*)" do
    if note:find "^not granted: " or note:find "^refused: " then notes[#notes + 1] = note end
  end
  return notes
end

local function port_of(range)
  if range.text then return range.text end
  if range[1] == range[2] then return range[1] end
  return range[1] == 0 and range[2] == 65535 and "*" or ("%d-%d"):format(range[1], range[2])
end

--- Adds a loaded policy to the grants and the net of this run. from is its name, kind_of
-- the core's entry_kind. Returns true, or nil, message.
function learned.merge(policy, from, found, net, kind_of)
  local settings = policy.settings or {}
  local ok, message = refuse_others(settings)
  if ok and #policy.handlers > 0 then ok, message = nil, "it has handlers: they cannot be merged" end
  if not ok then return nil, message end
  for _, right in ipairs { "read", "write" } do
    for _, path in ipairs(settings[right] or {}) do
      found:given(right, (path:gsub("^%?", "")), kind_of, "from " .. from)
    end
  end
  for way, value in pairs(settings.net or {}) do
    if value == true then
      net[way] = net[way] or "from " .. from
    else
      for _, range in ipairs(value) do net[way][port_of(range)] = "from " .. from end
    end
  end
  return true
end

return learned
