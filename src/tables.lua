-- Makes the C tables of src/calls.def. On standard input: what `cc -E -dM` says of the
-- headers that it names, so that a PREFIX* finds what this compiler's headers have.

-- Kinds that are no sets: the C type of an argument of that kind, how its value is shown,
-- and the set that has the names.
local KINDS = {
  addr = "ADDRESS ADDRESS", argv = "ADDRESS", bytes = "ADDRESS", clone_args = "ADDRESS ADDRESS",
  clone_flags = "UINT", dev = "ULONG HEX", dirfd = "INT DIRFD", envp = "ADDRESS",
  epoll_event = "ADDRESS", fd = "INT DECIMAL", fmode = "UINT FMODE filetype", futex_op = "INT",
  hex = "ULONG HEX", hex32 = "UINT HEX", int = "INT DECIMAL", iov = "ADDRESS",
  itimerspec = "ADDRESS", itimerval = "ADDRESS", long = "LONG DECIMAL", mode = "UINT MODE",
  msghdr = "ADDRESS", off = "LONG DECIMAL", off_ptr = "ADDRESS", open_how = "ADDRESS",
  optval = "ADDRESS", out = "ADDRESS ADDRESS", path = "ADDRESS STRING", pid = "INT DECIMAL",
  pollfds = "ADDRESS", protocol = "INT", rlimit_ptr = "ADDRESS", shmflags = "UINT",
  sigaction = "ADDRESS", signal = "INT SIGNAL", sigset = "ADDRESS", size = "ULONG UNSIGNED",
  sockaddr = "ADDRESS", sockopt = "INT", statx_flags = "UINT STATX at", str = "ADDRESS STRING",
  timespec = "ADDRESS", timespec2 = "ADDRESS", timeval = "ADDRESS", timeval2 = "ADDRESS",
  uid = "UINT UID", uids = "ADDRESS", uint = "UINT DECIMAL", ulong = "ULONG UNSIGNED",
  utimbuf = "ADDRESS",
}

-- Arguments that are shown by the value of another one, fcntl(2), prctl(2), futex(2).
local LATE = { ["fcntl arg"] = true, ["prctl arg2"] = true, ["futex timeout"] = true,
  ["mknod dev"] = true, ["mknodat dev"] = true, ["mremap new_address"] = true }

local function read_macros(file)
  local macros = {}
  for line in file:lines() do
    local name = line:match "^#define ([%w_]+) %S"
    if name then
      macros[name] = true
      if name:find "^[%u%d_]+$" then macros[#macros + 1] = name end
    end
  end
  table.sort(macros)
  return macros
end

local function pattern(word)
  return "^" .. word:gsub("%*", "[%%u%%d_]*") .. "$"
end

-- The names of a set, in the order of its words.
local function expand(words, macros)
  local names, seen = {}, {}
  for word in words:gmatch "%-(%S+)" do
    for _, name in ipairs(macros) do
      if name:find(pattern(word)) then seen[name] = true end
    end
  end
  local function take(name)
    if not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  for word in words:gmatch "%f[%S][%u%d_+*]+%f[%s\0]" do
    if word:sub(1, 1) == "+" then take(word:sub(2)) end
    for _, name in ipairs(macros) do
      if name:find(pattern(word)) then take(name) end
    end
  end
  return names
end

local function parse_set(line, macros)
  local name, words = line:match "^set (%S+)(.*)$"
  local set = { name = name, is_enum = words:find "%f[%S]enum%f[%s]" ~= nil,
    mask = words:match "mask=(%S+)" or "0" }
  set.names = expand(words:gsub("mask=%S+", ""), macros)
  return set
end

-- "path:path?@dirfd,flags" -> name, kind, may be NULL, names it refers to
local function parse_arg(word)
  local name, kind, null, refs = word:match "^([%w_]+):([%w_]+)(%??)@?(%S*)$"
  assert(name, "no argument: " .. word)
  return { name = name, kind = kind, may_be_null = null == "?", refs = refs }
end

local function parse_call(line)
  local fragile, name, rest = line:match "^(!?)([%w_]+)(.*)$"
  local call = { name = name, is_fragile = fragile == "!", places = {} }
  for word in rest:gmatch "%S+" do
    call[#call + 1] = parse_arg(word)
    call.places[call[#call].name] = #call - 1
  end
  return call
end

-- Fixed fields instead of pointers: the loader has nothing to relocate at a start.
local function fits(text, room)
  return assert(#text < room and text, text .. " is too long for its field")
end

-- C type, form and set of a kind.
local function parts_of(kind, sets)
  local set = sets[kind]
  if set then return set.is_enum and "INT" or "UINT", set.is_enum and "ENUM" or "FLAGS", set end
  local ctype, form, name = KINDS[kind]:match "^(%u+) ?(%u*) ?(%l*)$"
  return ctype, form ~= "" and form or "OTHER", sets[name]
end

local function type_of(kind, sets)
  return (parts_of(kind, sets))
end

local function c_spelling(kind, sets, is_late)
  local _, form, set = parts_of(kind, sets)
  return ("{ SPELL_%s, %d }"):format(is_late and "OTHER" or form, set and set.place or 0)
end

local function c_arg(call, arg, sets)
  local refs = {}
  for ref in arg.refs:gmatch "[^,]+" do
    refs[#refs + 1] = assert(call.places[ref], call.name .. ": no argument " .. ref)
  end
  assert(KINDS[arg.kind] or sets[arg.kind], ("%s: unknown kind %s"):format(call.name, arg.kind))
  return ('{ "%s", "%s", DEMI_TYPE_%s, { %d, %d }, %d }'):format(fits(arg.name, 20),
    fits(arg.kind, 16), type_of(arg.kind, sets), refs[1] or -1, refs[2] or -1, arg.may_be_null and 1 or 0)
end

local function c_row(call)
  local paths = 0
  for i, arg in ipairs(call) do
    if arg.kind == "path" then paths = paths | 1 << i - 1 end
  end
  return ('{ "%s", %d, %d, %d, %d }'):format(fits(call.name, 24), call.first, #call, paths,
    call.is_fragile and 1 or 0)
end

local function read_def(path, macros)
  local includes, sets, calls = {}, {}, {}
  for line in io.lines(path) do
    if line:find "^include " then
      includes[#includes + 1] = "#" .. line .. "\n"
    elseif line:find "^set " then
      local set = parse_set(line, macros)
      sets[#sets + 1] = set
      set.place = #sets - 1
      sets[set.name] = set
    elseif line:find "^[^#]" then
      local macro, call = line:match "^on (%S+) (.*)$"
      if not macro or macros[macro] then calls[#calls + 1] = parse_call(call or line) end
    end
  end
  return includes, sets, calls
end

local function write_sets(sets)
  for _, set in ipairs(sets) do
    io.write("static const struct demi_constant set_", set.name, "[] = {\n")
    for _, name in ipairs(set.names) do
      io.write(('\t{ "%s", (uint32_t)(%s) },\n'):format(fits(name, 44), name))
    end
    io.write('\t{ "", 0 },\n};\n')
  end
  io.write "const struct demi_constants syscalls_sets[] = {\n"
  for _, set in ipairs(sets) do
    io.write(('\t{ "%s", set_%s, %d, (uint32_t)(%s) },\n'):format(set.name, set.name,
      set.is_enum and 1 or 0, set.mask))
  end
  io.write "\t{ 0, 0, 0, 0 },\n};\n"
end

local function write_kinds(sets)
  local names = {}
  for kind in pairs(KINDS) do names[#names + 1] = kind end
  for _, set in ipairs(sets) do names[#names + 1] = set.name end
  table.sort(names)
  io.write "const struct kind syscalls_kinds[] = {\n"
  for _, kind in ipairs(names) do
    io.write(('\t{ "%s", %s, DEMI_TYPE_%s },\n'):format(kind, c_spelling(kind, sets),
      type_of(kind, sets)))
  end
  io.write "\t{ 0, { 0, 0 }, 0 },\n};\n"
end

-- A call that is newer than the headers is found by the name that libseccomp gives it.
local function write_calls(calls, sets)
  local n = 0
  io.write "const struct demi_arg syscalls_args[] = {\n"
  for _, call in ipairs(calls) do
    call.first = n
    n = n + #call
    for _, arg in ipairs(call) do io.write("\t", c_arg(call, arg, sets), ",\n") end
  end
  io.write "};\nconst struct spelling syscalls_spellings[] = {\n"
  for _, call in ipairs(calls) do
    for _, arg in ipairs(call) do
      io.write("\t", c_spelling(arg.kind, sets, LATE[call.name .. " " .. arg.name]), ",\n")
    end
  end
  io.write "};\nconst struct syscall syscalls_known[DEMI_SYSCALL_END] = {\n"
  for _, call in ipairs(calls) do
    io.write(("#ifdef __NR_%s\n\t[__NR_%s] = %s,\n#endif\n"):format(call.name, call.name,
      c_row(call)))
  end
  io.write "};\nconst struct syscall syscalls_newer[] = {\n"
  for _, call in ipairs(calls) do
    io.write(("#ifndef __NR_%s\n\t%s,\n#endif\n"):format(call.name, c_row(call)))
  end
  io.write '\t{ "", 0, 0, 0, 0 },\n};\n'
end

local includes, sets, calls = read_def(arg[1], read_macros(io.stdin))
io.write("/* Made by src/tables.lua of ", arg[1], ". */\n", '#include "syscalls.h"\n',
  table.concat(includes), "\n")
write_sets(sets)
write_kinds(sets)
write_calls(calls, sets)
