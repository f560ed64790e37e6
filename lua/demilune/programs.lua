--- The programs of a run as a tree: who executed what, with which arguments, for how
-- long, and how it ended. Fork and exit are not watched: a handler on them can break
-- programs. What is exact: process ids, arguments, when a process ended and (from Linux
-- 6.15 on) its status. What is not: an execve is watched before it is made; that it
-- succeeds is judged by its file, which must be there and executable by us.

local programs = {}

local Programs = {}
Programs.__index = Programs

--- An observer, and the follow of its policy.
function programs.new(observe, follow)
  return setmetatable({ observe = observe, follow = follow, by_pid = {}, roots = {}, all = {} }, Programs)
end

local function parent_of(pid)
  local file <close> = io.open(("/proc/%d/status"):format(pid), "rb")
  local status = file and file:read "a"
  return status and tonumber(status:match "\nPPid:\t(%d+)")
end

-- The nearest ancestor that executed something: a subshell did not.
local function find_parent(self, pid)
  while pid and pid > 1 do
    if self.by_pid[pid] then return self.by_pid[pid] end
    pid = parent_of(pid)
  end
end

local function ended(program, ending)
  program.ended_ns = ending.time_ns
  program.exit_code, program.signal = ending.exit_code, ending.signal
end

-- The same process executes something else: this program is over, too.
local function replace(before, time_ns)
  if before then before.ended_ns, before.is_replaced = time_ns, true end
end

local function will_run(self, path)
  return path:sub(1, 1) ~= "/" or self.observe:is_program(path)
end

--- Takes note of an execve or execveat. Returns the new program, or nil if its file
-- cannot be executed.
function Programs:execute(ctx)
  local pid, path, argv = ctx.tgid, self.observe:program(ctx)
  if not (pid and path and will_run(self, path)) then return nil end
  local program = { pid = pid, path = path, argv = argv, children = {},
    started_ns = self.observe:now() }
  local can_follow = self.follow(pid, function(ending)
    ended(self.by_pid[pid], ending)
    self.by_pid[pid] = nil
  end)
  program.is_followed = can_follow ~= nil
  local before = self.by_pid[pid]
  replace(before, program.started_ns)
  local parent = before and before.parent or not before and find_parent(self, ctx.ppid)
  program.parent, program.comes_after = parent, before
  program.depth = parent and parent.depth + 1 or 0
  table.insert(parent and parent.children or self.roots, program)
  self.by_pid[pid] = program
  self.all[#self.all + 1] = program
  return program
end

--- How deep below the first program a process is: that of its program, or one more than
-- that of the ancestor that it was forked from.
function Programs:depth_of(pid)
  if self.by_pid[pid] then return self.by_pid[pid].depth end
  local ancestor = find_parent(self, parent_of(pid))
  return ancestor and ancestor.depth + 1 or 0
end

--- Calls fn(program, depth) for each, parents first.
function Programs:each(fn)
  local function visit(list, depth)
    for _, program in ipairs(list) do
      fn(program, depth)
      visit(program.children, depth + 1)
    end
  end
  visit(self.roots, 0)
end

--- "0", "1", "SIGKILL", "exec" when it executed another program, or "?".
function programs.status(program)
  if program.is_replaced then return "exec" end
  if program.exit_code then return tostring(program.exit_code) end
  return program.signal or "?"
end

--- Seconds, or nil if nobody knows when it ended.
function programs.seconds(program)
  return program.ended_ns and (program.ended_ns - program.started_ns) / 1e9
end

local function quote(word)
  if word:find "^[%w%%+,%-./:=@_]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- The arguments as a shell would want to have them.
function programs.command_line(program)
  local words = {}
  for i, word in ipairs(program.argv) do words[i] = quote(word) end
  return #words > 0 and table.concat(words, " ") or program.path
end

return programs
