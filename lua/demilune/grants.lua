--- What was needed, as grants of a policy: folded into directories by stated rules, and
-- without what is granted by another line. Pure.

local grants = {}

--- The rules, as a learned policy and docs/lua.md state them.
grants.rules = {
  "a file that was read becomes a line; four or more entries of one directory become the",
  "  directory, unless secrets or the system's files are beneath it, or too much is",
  "/usr/lib, /usr/share, /usr/bin and their like, and /proc/PID, are folded at once",
  "a file that was written becomes a line; where entries were created, removed or renamed",
  "  it is the directory, since the kernel asks for that: landlock(7)",
  "what is a secret, or the system's and written, is never granted: see the end",
}

local FOLD_FROM = 4

local Grants = {}
Grants.__index = Grants

--- judge is demilune.guarded's.
function grants.new(judge)
  return setmetatable({ judge = judge, read = {}, write = {}, change = {}, refused = {} }, Grants)
end

-- The place that stands for a path that has another name in the next run.
local function fixed(path)
  if path:find "^/proc/%d+%f[/\0]" then return "/proc", "numbers of processes change" end
  if path:find "^/dev/pts/%d+$" then return "/dev/pts", "numbers of terminals change" end
  local dir = path:match "^/usr/%a+%d*" or ""
  if path:find "^/usr/local/%a+/." then return path:match "^/usr/local/%a+", "installed programs" end
  if path ~= dir and path:find "^/usr/lib" or path:find "^/usr/share/."
    or path:find "^/usr/s?bin/." or path:find "^/usr/include/." then
    return dir, "installed programs"
  end
  return path
end

local function note(set, path, add)
  local one = set[path]
  if not one then
    one = { path = path, whys = {}, n = 0 }
    set[path] = one
  end
  for _, why in ipairs(add.whys or { add.why }) do
    if not one.whys[why] and #one.whys < 3 then
      one.whys[why] = true
      one.whys[#one.whys + 1] = why
    end
  end
  one.n = one.n + (add.n or 1)
  one.kind, one.because = add.kind, add.because or one.because
  return one
end

local function refuse(self, need, reason)
  note(self.refused, ("%s %s"):format(need.right, need.path), { why = need.why }).reason = reason
end

--- Takes { right =, path =, kind =, why = }: of demilune.needs, why with who did it.
function Grants:add(need)
  local right = need.right
  if right == "change" then
    note(self.change, need.path, need)
    return
  end
  local path, because = need.path, nil
  if not self.judge:secret(path) and right == "read" or path:find "^/dev/pts/" then
    path, because = fixed(path)
  end
  local is_directory = need.kind == "directory" or because ~= nil
  local reason = self.judge:secret(need.path)
    or not because and self.judge:reason(path, right, is_directory)
  if reason then
    refuse(self, { right = right, path = path, why = need.why }, reason)
  else
    note(self[right], path, { why = need.why, kind = because and "directory" or need.kind,
      because = because })
  end
end

--- A line of another policy: its user answers for it.
function Grants:given(right, path, kind_of, why)
  local kind = kind_of(path)
  note(self[right], path, { why = why, kind = kind })
end

local function above(path)
  local dir = path:match "^(.*)/[^/]+$"
  return dir ~= "" and dir or "/"
end

-- A directory that has a line above it of this set, or is one.
local function is_covered(set, path, is_itself_too)
  local at = is_itself_too and path or above(path)
  while true do
    if set[at] and (set[at].kind == "directory" or at == path) then return true end
    if at == "/" then return false end
    at = above(at)
  end
end

local function drop_covered(self)
  local gone = {}
  for path in pairs(self.write) do
    if path ~= "/" and is_covered(self.write, path) then gone[#gone + 1] = path end
  end
  for _, path in ipairs(gone) do self.write[path] = nil end
  gone = {}
  for path in pairs(self.read) do
    if is_covered(self.write, path, true) or path ~= "/" and is_covered(self.read, path) then
      gone[#gone + 1] = path
    end
  end
  for _, path in ipairs(gone) do self.read[path] = nil end
end

-- One round: the directories with enough lines in them. Returns whether there were any.
local function fold_once(self)
  local children = {}
  for path in pairs(self.read) do
    if path ~= "/" then
      local dir = above(path)
      children[dir] = children[dir] or {}
      table.insert(children[dir], path)
    end
  end
  local has_folded = false
  for dir, list in pairs(children) do
    if #list >= FOLD_FROM and not self.judge:reason(dir, "read", true) then
      table.sort(list)
      for _, path in ipairs(list) do
        local one = self.read[path]
        note(self.read, dir, { whys = one.whys, n = one.n, kind = "directory",
          because = ("%d entries of it were read"):format(#list) })
        self.read[path] = nil
      end
      has_folded = true
    end
  end
  return has_folded
end

-- Attributes are the kernel's to refuse only where no file may be written, docs/lua.md.
local function settle_changes(self)
  for _, one in pairs(self.write) do
    if one.kind == "file" or one.kind == "directory" then return end
  end
  for path, one in pairs(self.change) do
    self:add { right = "write", path = path, kind = one.kind, why = one.whys[1] }
  end
end

local function sorted(set)
  local list = {}
  for _, one in pairs(set) do list[#list + 1] = one end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

--- Returns the lines to read, to write, and those that are not granted (path is "read PATH",
-- reason says why), each { path =, whys =, n =, kind =, because = }.
function Grants:lines()
  settle_changes(self)
  repeat drop_covered(self) until not fold_once(self)
  return sorted(self.read), sorted(self.write), sorted(self.refused)
end

return grants
