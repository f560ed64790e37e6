--- What a call needs of Landlock, landlock(7): rights on the file that a path leads to, or
-- on the directory whose entries change. Links on the way, and stat and its like, need
-- nothing. Asked before the call is made: what is not there fails by itself.

local needs = {}

local Needs = {}
Needs.__index = Needs

--- The calls to watch.
needs.calls = { "%open", "%exec", "%remove", "link", "linkat", "symlink", "symlinkat", "mkdir",
  "mkdirat", "mknod", "mknodat", "truncate", "chmod", "fchmodat", "fchmodat2", "chown",
  "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat", "setxattr",
  "lsetxattr", "removexattr", "lremovexattr" }

function needs.new(core)
  local self = setmetatable({ core = core, places = {}, O = {} }, Needs)
  for _, name in ipairs { "O_WRONLY", "O_RDWR", "O_PATH", "O_TRUNC", "O_CREAT", "O_TMPFILE",
    "AT_FDCWD" } do
    self.O[name] = core.constant(name)
  end
  return self
end

-- { { path = place, dir = name of its descriptor or nil }, ... }
local function places_of(self, nr)
  local list = self.places[nr]
  if not list then
    list = {}
    local args = self.core.syscall_args(nr) or {}
    for i, arg in ipairs(args) do
      if arg.kind == "path" then
        list[#list + 1] = { path = i, dir = arg.ref and args[arg.ref].name }
      end
    end
    self.places[nr] = list
  end
  return list
end

-- /proc/self is the caller's, not ours.
local function of_caller(ctx, path)
  local fd = path:match "^/dev/fd/(%d+)$"
    or ({ ["/dev/stdin"] = 0, ["/dev/stdout"] = 1, ["/dev/stderr"] = 2 })[path]
  if fd then return ("/proc/%d/fd/%s"):format(ctx.tgid or ctx.pid, fd) end
  return (path:gsub("^/proc/self%f[/\0]", ("/proc/%d"):format(ctx.tgid or ctx.pid))
    :gsub("^/proc/thread%-self%f[/\0]", ("/proc/%d"):format(ctx.pid)))
end

--- A path of a call as the kernel takes it: ".." is not folded, it may follow a link.
function Needs:path(ctx, n)
  local place = places_of(self, ctx.nr)[n]
  local path = place and ctx:read_path(place.path)
  if not path or path == "" then return nil end
  if path:sub(1, 1) ~= "/" then
    local dir = ctx:fd_path(place.dir and ctx.args[place.dir] or self.O.AT_FDCWD)
    if not dir then return nil end
    path = dir .. "/" .. path
  end
  return of_caller(ctx, path)
end

local function need(list, right, path, kind, why)
  list[#list + 1] = { right = right, path = path, kind = kind, why = why }
end

-- The directory of an entry changes.
local function change_entry(self, list, path, why)
  local above, name = path:match "^(.*)/([^/]+)/*$"
  local dir = above and self.core.real_path(above == "" and "/" or above)
  if dir then need(list, "write", dir, "directory", ("%s %s"):format(why, name)) end
end

local function is_there(self, path)
  return self.core.entry_kind((path:gsub("(.)/+$", "%1"))) ~= nil
end

local function open(self, list, path, flags)
  local O = self.O
  if flags & O.O_PATH ~= 0 then return end
  local real, kind = self.core.real_path(path)
  if not real then
    if flags & O.O_CREAT ~= 0 then change_entry(self, list, path, "creates") end
    return
  end
  if flags & O.O_TMPFILE == O.O_TMPFILE then
    need(list, "write", real, kind, "creates files without a name")
  elseif flags & (O.O_WRONLY | O.O_RDWR | O.O_TRUNC) ~= 0 then
    need(list, "write", real, kind, "writes")
  else
    need(list, "read", real, kind, kind == "directory" and "lists" or "reads")
  end
end

-- elf(5): a 64-bit file's program header of the type PT_INTERP
local function elf_interpreter(file, head)
  local at, size, n = string.unpack("<I8", head, 33), string.unpack("<I2I2", head, 55)
  for i = 0, math.min(n, 64) - 1 do
    file:seek("set", at + i * size)
    local bytes = file:read(40)
    if not bytes or #bytes < 40 then return nil end
    if string.unpack("<I4", bytes) == 3 then
      file:seek("set", (string.unpack("<I8", bytes, 9)))
      return (file:read(math.min(string.unpack("<I8", bytes, 33), 4096)) or ""):match "^[^\0]+"
    end
  end
end

-- The program that the kernel opens to run this one, without a call that can be seen.
local function interpreter(path)
  local file <close> = io.open(path, "rb")
  local head = file and file:read(256) or ""
  if head:sub(1, 2) == "#!" then return head:match "^#![ \t]*([^ \t\n]+)" end
  if head:sub(1, 5) == "\127ELF\2" and #head >= 64 then return elf_interpreter(file, head) end
end

-- execve(2): an interpreter may have one in turn, four times.
local function execute(self, list, path)
  for _ = 1, 5 do
    local real, kind = self.core.real_path(path)
    if not real or kind ~= "file" then return end
    need(list, "read", real, kind, "executes")
    path = interpreter(real)
    if not path then return end
  end
end

local function open_flags(self, ctx)
  if ctx.name == "creat" then return self.O.O_WRONLY | self.O.O_CREAT end
  if ctx.name ~= "openat2" then return ctx.args.flags end
  local how = ctx:read(ctx.args.how, 8)	-- struct open_how begins with its flags
  return how and #how == 8 and string.unpack("=I8", how) or 0
end

local function opens(self, ctx, list, path) open(self, list, path, open_flags(self, ctx)) end

local function removes(self, _, list, path)
  if is_there(self, path) then change_entry(self, list, path, "removes") end
end

local function creates(self, _, list, path)
  if not is_there(self, path) then change_entry(self, list, path, "creates") end
end

local function writes(self, _, list, path) open(self, list, path, self.O.O_WRONLY) end

local function changes(self, _, list, path)
  local real, kind = self.core.real_path(path)
  if real then need(list, "change", real, kind, "changes attributes of") end
end

-- Between directories Landlock asks both, LANDLOCK_ACCESS_FS_REFER.
local function moves(first, second)
  return function(self, ctx, list, path)
    if not is_there(self, path) then return end
    change_entry(self, list, path, first)
    local new = self:path(ctx, 2)
    if new then change_entry(self, list, new, second) end
  end
end

local by_call = {}
local function register(names, fn)
  for name in names:gmatch "%S+" do by_call[name] = fn end
end
register("open openat openat2 creat", opens)
register("unlink unlinkat rmdir", removes)
register("mkdir mkdirat mknod mknodat symlink symlinkat", creates)
register("rename renameat renameat2", moves("moves away", "moves here"))
register("link linkat", moves("links to", "creates"))
register("truncate", writes)
register([[chmod fchmodat fchmodat2 chown lchown fchownat utime utimes futimesat utimensat
  setxattr lsetxattr removexattr lremovexattr]], changes)

--- The list of { right = "read", "write" or "change", path =, kind =, why = } of a call.
-- observe knows the program of an execve.
function Needs:of(ctx, observe)
  local list, fn = {}, by_call[ctx.name]
  if ctx.name:find "^execve" then
    local path = self:path(ctx, 1) or observe:program(ctx)
    if path then execute(self, list, of_caller(ctx, path)) end
  elseif fn then
    local path = self:path(ctx, 1)
    if path then fn(self, ctx, list, path) end
  end
  return list
end

--- bind(2) to a path makes a socket there.
function Needs:of_socket_file(ctx, path)
  local list = {}
  if path:sub(1, 1) ~= "/" then path = (ctx.cwd or "") .. "/" .. path end
  creates(self, ctx, list, path)
  return list
end

return needs
