--- What strace says of a program, to compare with.
local helper = require "spec.helper"

local straced = {}

--- true if strace can trace here.
function straced.works()
  return helper.shell({ "strace", "-o", "/dev/null", "true" }).status == 0
end

local function fold(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return "/" .. table.concat(parts, "/")
end

local two_paths = { rename = true, link = true }

-- The paths in one line: DIR</of/it>, "name", or names that stand alone.
local function paths_of(line, cwd, add)
  local name, args = line:match "^(%w+)%((.*)$"
  if not name then return end
  local seen_dir = false
  for dir, path in args:gmatch '[%w_]+<([^>]*)>, "([^"]*)"' do
    seen_dir = true
    if path ~= "" then add(fold(path:sub(1, 1) == "/" and path or dir .. "/" .. path)) end
  end
  if seen_dir then return end
  local first, second = args:match '^"([^"]*)"[, )]*"?([^"]*)'
  for _, path in ipairs { first, two_paths[name] and second or nil } do
    add(fold(path:sub(1, 1) == "/" and path or cwd .. "/" .. path))
  end
end

-- Runs it; returns the lines of each process, by pid.
local function run(set, command)
  local dir <close> = helper.scratch()
  local words = { "strace", "-ff", "-y", "-s", "4096", "-v", "-e", "trace=" .. set,
    "-o", dir:path "t", table.unpack(command) }
  helper.shell(words)
  local logs = {}
  local names <close> = io.popen("ls " .. dir.root)
  for name in names:lines() do
    local pid = tonumber(name:match "^t%.(%d+)$")
    if pid then
      logs[pid] = {}
      for line in dir:read(name):gmatch "[^\n]+" do table.insert(logs[pid], line) end
    end
  end
  return logs
end

--- The sorted list of paths that a command names in its calls on files; cwd is where
-- it makes those that are relative.
function straced.files(command, cwd)
  local seen, list = {}, {}
  for _, lines in pairs(run("%file", command)) do
    for _, line in ipairs(lines) do
      paths_of(line, cwd, function(path)
        if not seen[path] then
          seen[path] = true
          list[#list + 1] = path
        end
      end)
    end
  end
  table.sort(list)
  return list
end

--- How often each call of a list is made.
function straced.counts(calls, command)
  local counts = {}
  for _, lines in pairs(run(calls, command)) do
    for _, line in ipairs(lines) do
      local name = line:match "^(%w+)%("
      if name then counts[name] = (counts[name] or 0) + 1 end
    end
  end
  return counts
end

local function words_of(list)
  local words = {}
  for word in list:gmatch '"([^"]*)"' do words[#words + 1] = word end
  return table.concat(words, " ")
end

-- What one process executed, whom it made, and how it ended, in order.
local function history(lines)
  local events, status = {}, "?"
  for _, line in ipairs(lines) do
    local argv = line:match "^execve%(.-, (%[.-%]), .* = 0$"
    local child = line:match "^[cv][lf]o[nr][ek]%d?%(.* = (%d+)" or line:match "^clone3?%(.* = (%d+)"
    if argv then events[#events + 1] = { argv = words_of(argv) } end
    if child then events[#events + 1] = { child = tonumber(child) } end
    status = line:match "^%+%+%+ exited with (%d+)" or line:match "^%+%+%+ killed by (%w+)"
      or status
  end
  return events, status
end

--- The programs of a command as lines "  argv (status)", indented; fork alone is none.
function straced.programs(command)
  local logs, is_child, lines = run("%process", command), {}, {}
  local programs = {}
  for _, log in pairs(logs) do
    for _, event in ipairs((history(log))) do
      if event.child then is_child[event.child] = true end
    end
  end
  local function visit(pid, depth)
    local events, status = history(logs[pid] or {})
    local at, current = depth, nil
    for _, event in ipairs(events) do
      if event.argv then
        if current then current.status = "exec" end
        current = { argv = ("  "):rep(depth) .. event.argv, status = status }
        programs[#programs + 1] = current
        at = depth + 1
      else
        visit(event.child, at)
      end
    end
  end
  for pid in pairs(logs) do
    if not is_child[pid] then visit(pid, 0) end
  end
  for i, one in ipairs(programs) do lines[i] = ("%s (%s)"):format(one.argv, one.status) end
  return lines
end

return straced
