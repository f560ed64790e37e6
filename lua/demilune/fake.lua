--- demilune.fake: a ctx that no program stands behind, so that a handler can be tried
-- without running anything.
--
--   local ctx = demilune.fake { call = "openat", args = { path = "/etc/shadow" } }
--   assert.equal(demilune.deny "EACCES", handler(ctx))
--
-- args by name: numbers, names of flags ("O_RDONLY|O_CLOEXEC"), or the bytes that an
-- address leads to. cwd (default "/"), pid, tgid, ppid, comm, exe are what the ctx says;
-- fds = { [3] = "/tmp" } is what its descriptors lead to.
local constants = require "demilune.constants"
local ctx_methods = require "demilune.ctx"

local fake = {}

-- Where the bytes of arguments lie: far apart, so that none reaches into the next.
local FIRST, STEP = 0x7f0000000000, 1 << 21

local AT_FDCWD = -100

local function fail(core, name)
  return nil, name, core.errno(name)
end

-- The bytes from addr to the end of what lies there; nil where there is nothing.
local function memory(self, addr)
  local index = (addr - FIRST) // STEP
  local bytes = self.memory[index]
  local offset = addr - FIRST - index * STEP
  return bytes and offset <= #bytes and bytes:sub(offset + 1) or nil, index, offset
end

local methods = {}

function methods.read(self, addr, len)
  local bytes = memory(self, addr)
  if not bytes then return fail(self.core, "EFAULT") end
  return bytes:sub(1, len)
end

function methods.read_cstr(self, addr, max)
  local bytes = memory(self, addr)
  if not bytes then return fail(self.core, "EFAULT") end
  local text = bytes:match "^[^\0]*"
  if #text >= (max or 4096) then return fail(self.core, "ENAMETOOLONG") end
  return text
end

function methods.write(self, addr, bytes)
  local old, index, offset = memory(self, addr)
  if not old then return fail(self.core, "EFAULT") end
  local all = self.memory[index]
  self.memory[index] = all:sub(1, offset) .. bytes .. all:sub(offset + #bytes + 1)
  return true
end

function methods.sleep() return true end

-- The register of the path that is meant, as the real ctx finds it.
local function path_arg(self, which)
  local found
  for i, arg in ipairs(self.core.syscall_args(self.nr) or {}) do
    if arg.kind == "path" and (which == nil or which == i or which == arg.name) then
      if found then error(self.name .. " has two paths: say which argument", 3) end
      found = i
    end
  end
  return found or error(self.name .. " has no path argument", 3)
end

function methods.read_path(self, which)
  return self:read_cstr(self.args[path_arg(self, which)])
end

function methods.fd_path(self, fd)
  if fd == AT_FDCWD then return self.cwd end
  local path = self.fds[fd]
  if not path then return fail(self.core, "EBADF") end
  return path
end

local function fold(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." then parts[#parts] = nil
    elseif part ~= "." then parts[#parts + 1] = part end
  end
  return "/" .. table.concat(parts, "/")
end

function methods.path(self, which)
  local i = path_arg(self, which)
  local text, message, errno = self:read_cstr(self.args[i])
  if not text then return nil, message, errno end
  if text:sub(1, 1) == "/" then return fold(text) end
  local args = self.core.syscall_args(self.nr)
  local ref = args[i].ref
  local base
  base, message, errno = self:fd_path(ref and self.args[ref] or AT_FDCWD)
  if not base then return nil, message, errno end
  return fold(base .. "/" .. text)
end

-- There is no file system here: a path leads where its text says.
methods.real_path = methods.path

-- The register of one argument; bytes get a place in the memory.
local function register(self, arg, i, value, names)
  if value == nil then return arg.kind == "dirfd" and AT_FDCWD or 0 end
  if type(value) == "number" then return math.tointeger(value) or error "args are integers" end
  if type(value) ~= "string" then error(("%s is a %s"):format(arg.name, type(value)), 4) end
  if arg.type ~= "address" then
    local number, message = names:value(arg.kind, value)
    return number or error(("%s: %s"):format(arg.name, message), 4)
  end
  self.memory[i] = value .. "\0"
  return FIRST + i * STEP
end

local function fill_args(self, given, names)
  local known = {}
  for i, arg in ipairs(self.core.syscall_args(self.nr) or {}) do
    local value = register(self, arg, i, given[arg.name], names)
    self.args[i], self.args[arg.name], known[arg.name] = value, value, true
  end
  for name in pairs(given) do
    if not known[name] then
      error(('%s has no argument "%s"'):format(self.name, tostring(name)), 4)
    end
  end
end

--- The function demilune.fake(spec).
function fake.new(core)
  local names = constants.new(core)
  local all = ctx_methods.methods(core)
  for name, method in pairs(methods) do all[name] = method end
  local meta = {
    __name = "demilune.ctx",
    __index = all,
    __tostring = all.__tostring,
    __newindex = function() error("a ctx is read-only", 2) end,
  }
  return function(spec)
    local nr = core.syscall_number(spec.call)
    if not nr then error(('unknown system call "%s"'):format(tostring(spec.call)), 2) end
    local self = {
      core = core, name = spec.call, nr = nr, syscall_nr = nr, id = spec.id or 1,
      pid = spec.pid or 1000, tgid = spec.tgid or spec.pid or 1000, ppid = spec.ppid or 1,
      comm = spec.comm or "fake", exe = spec.exe or "/usr/bin/fake", cwd = spec.cwd or "/",
      fds = spec.fds or {}, process = {}, args = {}, memory = {}, flags = 0, ip = 0,
    }
    fill_args(self, spec.args or {}, names)
    return setmetatable(self, meta)
  end
end

return fake
