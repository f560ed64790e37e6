--- What the tools see in a call: which paths it touches and how, which calls to watch.
-- Pure: the facts about system calls are those of the core that is handed in.

local observe = {}

local Observer = {}
Observer.__index = Observer

--- What can be done to a file, in the order of the letters that `demilune files` shows.
Observer.ways = { "read", "write", "create", "remove", "execute", "change", "look" }
Observer.letters = {
  read = "r", write = "w", create = "c", remove = "d", execute = "x", change = "m",
  look = "s",
}

-- For each call the way of each of its paths, in their order. A call that is not here
-- looks: stat, access, readlink, chdir, statfs ...
local by_call = {
  execve = "execute", execveat = "execute",
  unlink = "remove", unlinkat = "remove", rmdir = "remove",
  mkdir = "create", mkdirat = "create", mknod = "create", mknodat = "create",
  rename = "remove create", renameat = "remove create", renameat2 = "remove create",
  link = "look create", linkat = "look create", symlinkat = "create", symlink = "create",
  truncate = "write", creat = "create",
  chmod = "change", fchmodat = "change", fchmodat2 = "change", chown = "change",
  lchown = "change", fchownat = "change", utime = "change", utimes = "change",
  utimensat = "change", futimesat = "change", setxattr = "change", lsetxattr = "change",
  removexattr = "change", lremovexattr = "change",
}

--- An observer for a policy: its .command is what will be started.
function observe.new(core, policy)
  local flags = {}
  for _, name in ipairs { "O_WRONLY", "O_RDWR", "O_PATH", "O_TRUNC", "O_CREAT",
    "AT_EMPTY_PATH" } do
    flags[name] = core.constant(name)
  end
  return setmetatable({ core = core, policy = policy, places = {}, flags = flags,
    opened = {}, n_opened = 0, comms = {}, n_comms = 0 }, Observer)
end

-- open(2): the access mode and what is made of the file.
local function ways_of_flags(O, flags)
  local mode, ways = flags & (O.O_WRONLY | O.O_RDWR), {}
  if flags & O.O_PATH ~= 0 then return { "look" } end
  if mode ~= O.O_WRONLY then ways[1] = "read" end
  if mode ~= 0 or flags & O.O_TRUNC ~= 0 then ways[#ways + 1] = "write" end
  if flags & O.O_CREAT ~= 0 then ways[#ways + 1] = "create" end
  return ways
end

-- One list for each kind of open, kept: there are few, but a program chooses its flags.
local function ways_of_open(self, flags)
  local ways = self.opened[flags]
  if not ways then
    ways = ways_of_flags(self.flags, flags)
    if self.n_opened < 512 then self.opened[flags], self.n_opened = ways, self.n_opened + 1 end
  end
  return ways
end

-- The list with this one way.
local only = {}
for _, way in ipairs(Observer.ways) do only[way] = { way } end

local function open_flags(ctx)
  if ctx.name ~= "openat2" then return ctx.args.flags end
  local how = ctx:read(ctx.args.how, 8)	-- struct open_how begins with its flags
  return how and #how == 8 and string.unpack("=I8", how) or 0
end

local opens = { open = true, openat = true, openat2 = true }

-- The places of the paths of a call, from 1, and what is done to each.
local function places_of(self, nr, name)
  local list = self.places[nr]
  if not list then
    list = { ways = {}, opens = opens[name] }
    local next_way, way = (by_call[name] or "look"):gmatch "%a+", nil
    for i, arg in ipairs(self.core.syscall_args(nr) or {}) do
      if arg.kind == "path" then
        way = next_way() or way
        list[#list + 1], list.ways[#list.ways + 1] = i, way
      end
      if arg.name == "flags" then list.flags = i end
    end
    self.places[nr] = list
  end
  return list
end

-- As execvp(3) does.
local function find_program(core, name)
  if name:find "/" then return name end
  for dir in (os.getenv "PATH" or "/bin:/usr/bin"):gmatch "[^:]+" do
    if core.is_program(dir .. "/" .. name) then return dir .. "/" .. name end
  end
end

-- The first execve of a run is made by a child that still has our memory. That of a
-- supervisor is not dumpable, so an ordinary user may not read it: PR_SET_DUMPABLE(2const).
local function is_first(self, ctx, errno)
  local core, policy = self.core, self.policy
  if not policy.command or errno ~= core.errno "EPERM" and errno ~= core.errno "EACCES" then
    return false
  end
  policy.first_id = policy.first_id or ctx.id
  return policy.first_id == ctx.id
end

--- The path and the arguments of an execve or execveat, or nil.
function Observer:program(ctx)
  local path, _, errno = ctx:path()
  if path then return path, ctx:argv() or {} end
  if is_first(self, ctx, errno) then
    local command = self.policy.command
    return find_program(self.core, command[1]), command
  end
end

--- Whether a file is one that we may execute.
function Observer:is_program(path)
  return self.core.is_program(path)
end

--- The calls that every program is refused, whatever their arguments: { [name] = errno's
-- name }, and the reason of each. Without clone3: every libc tries it and has another.
function Observer:refused_calls()
  local sb <close> = assert(self.core.sandbox())
  local errnos, reasons = {}, {}
  for _, denial in ipairs(sb:denials()) do
    if denial.when == "" and denial.syscall ~= "clone3"
      and self.core.syscall_number(denial.syscall) then
      errnos[denial.syscall], reasons[denial.syscall] = denial.errno, denial.reason
    end
  end
  return errnos, reasons
end

--- Nanoseconds since 1970.
function Observer:now()
  return self.core.clock "realtime"
end

-- A name is asked for again after so long: reading it costs as much as the call itself.
local COMM_NS = 50 * 1000 * 1000

--- The name of the calling thread; what changes it besides execve(2) may be seen late.
-- now is what Observer:now() gave, if it was asked already.
function Observer:comm(ctx, now)
  local pid = ctx.pid
  now = now or self:now()
  local one = self.comms[pid]
  if not one or now > one.until_ns or by_call[ctx.name] == "execute" then
    if self.n_comms >= 4096 then self.comms, self.n_comms = {}, 0 end
    if not self.comms[pid] then self.n_comms = self.n_comms + 1 end
    one = { comm = ctx.comm, until_ns = now + COMM_NS }
    self.comms[pid] = one
  end
  -- the program that an execve is going to start has another name
  if by_call[ctx.name] == "execute" then one.until_ns = 0 end
  return one.comm
end

-- fstat(2) as newfstatat(fd, "", ..., AT_EMPTY_PATH): the descriptor was opened before.
-- Where there are flags they say so, and the memory is not read twice.
local function is_descriptor(self, ctx, place, flags)
  if flags and ctx.args[flags] & self.flags.AT_EMPTY_PATH == 0 then return false end
  return ctx:read_path(place) == ""
end

local function path_at(self, ctx, place, way, flags)
  if way == "execute" then return (self:program(ctx)) end
  local path = ctx:path(place)
  if path and way == "look" and is_descriptor(self, ctx, place, flags) then return nil end
  return path
end

--- The list of { path =, how = { "read", ... } } of a call, before it is made: whether
-- it succeeds is not known. A path that cannot be read is left out: no file is touched.
-- The lists in it are shared by many calls.
function Observer:touched(ctx)
  local list, places = {}, places_of(self, ctx.nr, ctx.name)
  for i, place in ipairs(places) do
    local way = places.ways[i]
    local path = path_at(self, ctx, place, way, places.flags)
    if path then
      local how = places.opens and ways_of_open(self, open_flags(ctx)) or only[way]
      list[#list + 1] = { path = path, how = how }
    end
  end
  return list
end

local addressed = { connect = true, bind = true, sendto = true, sendmsg = true }

--- "192.0.2.1:443", "[2001:db8::1]:443" or "unix:/run/x" of a call that names one, or nil.
function Observer.host(_, ctx)
  local address = addressed[ctx.name] and ctx:sockaddr()
  if not address then return nil end
  if address.path then return "unix:" .. address.path end
  if address.abstract then return "unix:@" .. address.abstract end
  if not address.address then return tostring(address.family) end
  local form = address.address:find ":" and "[%s]:%d" or "%s:%d"
  return form:format(address.address, address.port)
end

--- The calls that were asked for ("a,b" is two), or what is watched without.
function Observer.set(_, given, default)
  if #given == 0 then return default end
  local list = {}
  for _, word in ipairs(given) do
    for name in word:gmatch "[^,]+" do list[#list + 1] = name end
  end
  return list
end

--- All calls but those that a handler can make fail with EINTR, which no program expects.
function Observer:undisturbed()
  local core, list = self.core, {}
  for _, name in ipairs(core.syscall_names()) do
    if not core.is_fragile(core.syscall_number(name)) then list[#list + 1] = name end
  end
  return list
end

--- "12:34:56.789"
function Observer:time_of_day(ns)
  local ms = ns // 1000000
  if ms ~= self.ms then	-- a millisecond has many calls
    self.ms = ms
    self.ms_text = ("%s.%03d"):format(os.date("%H:%M:%S", ms // 1000), ms % 1000)
  end
  return self.ms_text
end

return observe
