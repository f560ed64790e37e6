--- Presets: handlers that judge where a path leads, whatever it is called. Pure: the
-- actions are handed in.
--
--   box:run_with_handlers(cmd, presets.path_deny { "/etc/ssh/**", "/root" })
--   use(presets.path_allow { "/usr", "/lib*", "/home/ann/project" })
--
-- Each is a list of { calls, handler }. What they let pass is performed: what was judged
-- is what is used. A list with several of them has each asked.
local families = require "demilune.families"
local glob = require "demilune.glob"

local presets = {}

-- Calls that perform() does not know are not made at all: the errno that programs expect
-- where there is no such thing, or true for the errno of the preset.
local closed = {
  utime = "ENOSYS", utimes = "ENOSYS", futimesat = "ENOSYS",	-- as on aarch64
  getxattr = "EOPNOTSUPP", lgetxattr = "EOPNOTSUPP", setxattr = "EOPNOTSUPP",
  lsetxattr = "EOPNOTSUPP", listxattr = "EOPNOTSUPP", llistxattr = "EOPNOTSUPP",
  removexattr = "EOPNOTSUPP", lremovexattr = "EOPNOTSUPP", getxattrat = "EOPNOTSUPP",
  setxattrat = "EOPNOTSUPP", listxattrat = "EOPNOTSUPP", removexattrat = "EOPNOTSUPP",
  file_getattr = "EOPNOTSUPP", file_setattr = "EOPNOTSUPP",
  name_to_handle_at = "EOPNOTSUPP", open_by_handle_at = true, inotify_add_watch = true,
  fanotify_mark = true, mount = true, umount2 = true, pivot_root = true, chroot = true,
  open_tree = true, open_tree_attr = true, move_mount = true, fsopen = true, fsmount = true,
  io_uring_setup = "ENOSYS", mount_setattr = true, fspick = true, acct = true,
  swapon = true, swapoff = true,
}

-- Globs: a sandbox may refuse some by itself, and what is named must not be refused.
local judged = { "%file", "connect*", "fsopen*", "fsmount*", "open_tree*", "io_uring_setup*" }

-- These the kernel makes after they were judged: only the caller can make them. chdir
-- and statfs give no way to a file that is not judged again; of execve see below.
local looked_at = { chdir = true, statfs = true, execve = true, execveat = true }

local RENAME_EXCHANGE = 2	-- renameat2(2)
local AT_FDCWD = -100		-- openat(2)

-- The names of the path arguments of a call, and of the directory descriptor before each.
local function path_finder(core)
  local known = {}
  return function(nr)
    if not known[nr] then
      local paths, dirs, dir = {}, {}, nil
      for _, arg in ipairs(core.syscall_args(nr) or {}) do
        if arg.kind == "dirfd" then dir = arg.name end
        if arg.kind == "path" then
          table.insert(paths, arg.name)
          dirs[arg.name] = dir
        end
      end
      known[nr] = { paths, dirs }
    end
    return table.unpack(known[nr])
  end
end

-- Another thread can change the path of an execve after it was judged. So the program
-- that came of it is looked at when it makes its first call with a path, which for a
-- dynamic one is before its first instruction: then it is refused all of them.
local function exec_guard()
  local before = setmetatable({}, { __mode = "k" })	-- ctx.process -> exe, or false: refused
  local guard = {}

  function guard.expect(ctx)
    local process = ctx.process
    if process then before[process] = ctx.exe or "" end
  end

  function guard.is_refused(ctx, is_denied)
    local process = next(before) and ctx.process
    local last = process and before[process]
    if last == nil or not process then return false end
    local exe = ctx.exe
    if last and exe == last then return false end
    if last and exe and not is_denied(exe) then
      before[process] = nil
      return false
    end
    before[process] = false
    return true
  end

  return guard
end

-- The errno of the judge that refuses a path, or nil.
local function refusal_of(judges, path)
  for _, judge in ipairs(judges) do
    if judge.denies(path) then return judge.errno end
  end
end

-- A directory that is renamed takes what is beneath it along, out of the patterns' reach.
local function refusal_of_move(judges, ctx, from, to)
  local is_exchange = ctx.name == "renameat2" and ctx.args.flags & RENAME_EXCHANGE ~= 0
  for _, judge in ipairs(judges) do
    if not judge.keeps(from, to) or is_exchange and not judge.keeps(to, from) then
      return judge.errno
    end
  end
end

-- Returns a function from judges to a handler.
local function joiner(actions, core)
  local paths_of = path_finder(core)

  -- An address of a UNIX socket may have a path; others have none.
  local function judge_address(judges, ctx)
    local to, _, errno = ctx:sockaddr()
    if not to then return errno end
    if to.family ~= "AF_UNIX" or not to.path then return nil end
    local path
    path, _, errno = ctx:real_path()
    if not path then return errno end
    return refusal_of(judges, path)
  end

  -- The errno that a call is to fail with, or nil.
  local function judge_paths(judges, ctx)
    local seen = {}
    local paths, dirs = paths_of(ctx.nr)
    for i, arg in ipairs(paths) do
      -- "" is no name: it means a descriptor that was judged when it was opened, unless it
      -- means the working directory, where chdir may have led elsewhere than was judged
      local is_name = looked_at[ctx.name] or ctx:read_path(arg) ~= ""
        or not dirs[arg] or ctx.args[dirs[arg]] == AT_FDCWD
      local path, _, errno
      if is_name then path, _, errno = ctx:real_path(arg) end
      -- what performs such a call fails with this errno, too
      if is_name and not path then return errno end
      local refusal = path and refusal_of(judges, path)
      if refusal then return refusal end
      seen[i] = path
    end
    if ctx.name:find "^rename" and seen[1] and seen[2] then
      return refusal_of_move(judges, ctx, seen[1], seen[2])
    end
  end

  return function(judges)
    local guard = exec_guard()
    local function is_denied(path) return refusal_of(judges, path) ~= nil end
    return function(ctx)
      local refusal = closed[ctx.name]
      if refusal then return actions.deny(refusal == true and judges[1].errno or refusal) end
      if guard.is_refused(ctx, is_denied) then return actions.deny(judges[1].errno) end
      local judge = ctx.name == "connect" and judge_address or judge_paths
      refusal = judge(judges, ctx)
      if refusal then return actions.deny(refusal) end
      if not looked_at[ctx.name] then return actions.perform() end
      if ctx.name:find "^exec" then guard.expect(ctx) end
      -- CONTINUE: what comes of it is judged again, above
      return actions.continue()
    end
  end
end

-- The patterns as given, and as they lead on.
local function check_patterns(name, globs, core)
  local list = {}
  for i, pattern in ipairs(type(globs) == "table" and globs or { globs }) do
    if type(pattern) == "string" and not pattern:find "^/" and not pattern:find "^%*%*" then
      error(("%s: pattern %d, %q, can never match: it starts with / or **"):format(name, i,
        pattern), 3)
    end
    list[#list + 1] = pattern
    if type(pattern) == "string" then list[#list + 1] = glob.resolve(pattern, core.real_path) end
  end
  local matches, message = glob.matcher(list)
  if not matches then error(name .. ": " .. message, 3) end
  return matches, list
end

local function keeps_all() return true end

--- A library of presets: actions is the module demilune, core its C part.
function presets.new(actions, core)
  local library = {}
  local join = joiner(actions, core)

  local function make(judge)
    local ok, message = pcall(actions.deny, judge.errno)
    if not ok then error(message, 3) end
    return { { judged, actions.handler {
      handle = join { judge }, judge = judge, join = join, on_exception = "deny_eperm",
      ends = function(call) return not looked_at[call] end,
    } } }
  end

  local function watch(name, calls, fn, handle)
    if type(fn) ~= "function" then
      error(("%s needs a function, not a %s"):format(name, type(fn)), 3)
    end
    return { { calls, actions.handler { watch = true, handle = handle } } }
  end

  --- The calls with paths that exist here and that presets judge path by path.
  library.COMMON_PATH_SYSCALLS = {}
  for _, name in ipairs(families.members["%file"]) do
    if not closed[name] and core.syscall_number(name) then
      table.insert(library.COMMON_PATH_SYSCALLS, name)
    end
  end

  --- What leads to one of these paths, or beneath it, fails.
  function library.path_deny(globs, errno)
    local matches, list = check_patterns("path_deny", globs, core)
    return make {
      errno = errno or "EPERM",
      denies = function(path)
        return matches(path) or matches((path:gsub(" %(deleted%)$", "")))
      end,
      keeps = glob.keeper(list),
    }
  end

  --- Only what leads to one of these paths, or beneath it, does not fail.
  function library.path_allow(globs, errno)
    local matches = check_patterns("path_allow", globs, core)
    return make {
      errno = errno or "EACCES",
      denies = function(path) return not matches(path) end,
      keeps = keeps_all,
    }
  end

  --- fn(path, ctx) for each path of each call: where it leads, or, if it leads nowhere,
  -- its text made absolute; nil if it cannot be read. It decides nothing.
  function library.audit_paths(fn)
    local paths_of = path_finder(core)
    return watch("audit_paths", "%file", fn, function(ctx)
      for _, arg in ipairs(paths_of(ctx.nr)) do
        local path = not closed[ctx.name] and ctx:real_path(arg) or nil
        fn(path or ctx:path(arg) or nil, ctx)
      end
    end)
  end

  --- fn(text, ctx) for each call: 'openat(AT_FDCWD, "/etc/hosts", O_RDONLY)'.
  function library.log_syscalls(fn)
    return watch("log_syscalls", "*", fn, function(ctx) fn(tostring(ctx), ctx) end)
  end

  return library
end

return presets
