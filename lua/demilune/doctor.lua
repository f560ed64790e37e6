--- What the features of a machine mean to whoever runs programs on it. Pure: a table
-- from core.features() in, a list of findings out.
local doctor = {}

-- In the order of the lines. needed: a run with defaults does not start, or its handlers
-- do not work, without it; has: when it is there; yes, no: what that means.
local checks = {
  { name = "seccomp filters", needed = true,
    has = function(f) return f.seccomp.filter end,
    yes = "the kernel refuses dangerous calls by itself",
    no = "nothing runs: needs Linux 4.14 with CONFIG_SECCOMP_FILTER, and a container that "
      .. "allows seccomp(2)" },
  { name = "user notification", needed = true,
    has = function(f) return f.seccomp.notify end,
    yes = "handlers are asked, and can continue",
    no = "no handler works: needs Linux 5.5, and to be alone: under another supervisor of "
      .. "this kind there can be no listener" },
  { name = "injection", needed = true,
    has = function(f) return f.seccomp.add_fd end,
    yes = "inject_fd and inject_bytes work",
    no = "inject_fd and inject_bytes fail: needs Linux 5.9" },
  { name = "process calls", needed = true,
    has = function(f) return f.has_process_calls end,
    yes = "pidfd_open, close_range",
    no = "nothing runs: needs Linux 5.11, and a container that allows them" },
  { name = "reading programs", needed = true,
    has = function(f) return f.can_read_programs end,
    yes = "handlers see what arguments point to",
    no = "handlers see no path and no bytes: allow process_vm_readv (a container's filter), or "
      .. "set kernel.yama.ptrace_scope to 0 or 1" },
  { name = "ADDFD_SEND", needed = true, has = function(f) return f.seccomp.add_fd_send end,
    yes = "an injection answers in the same step",
    no = "inject_fd without on_success fails: needs Linux 5.14" },
  { name = "WAIT_KILLABLE_RECV", has = function(f) return f.seccomp.killable_wait end,
    yes = "a signal does not make a call come twice",
    no = "a signal can make a handler see the same call twice: needs Linux 5.19" },
  { name = "fast wake-up", has = function(f) return f.seccomp.fast_wake_up end,
    yes = "a handler costs about 4 microseconds",
    no = "a handler costs about 30 microseconds instead of 4: needs Linux 6.6" },
}

-- By name, as core.protections() has them. lacks: what does not start without it; needed:
-- that is what nearly everybody asks for. before: how it is kept on an older ABI.
local protections = {
  files = { abi = 1, release = "5.13", what = "read, write and deny", needed = true,
    lacks = "a run with read, write or deny does not start" },
  renames = { abi = 2, release = "5.19", what = "renames between directories of write",
    needed = true, lacks = "a run with write does not start" },
  truncation = { abi = 3, release = "5.13", what = "truncation only where write says so",
    needed = true, lacks = "a run with read, write or deny does not start",
    before = "truncation only where write says so, by a filter that refuses truncate(2) and "
      .. "openat2(2) everywhere; Linux 6.2 needs none" },
  tcp = { abi = 4, release = "6.7", what = "net: TCP ports",
    lacks = "a run with net that grants a port does not start" },
  devices = { abi = 5, release = "6.10", what = "ioctl only on devices of write",
    lacks = "a run with a read of / or /dev, or of a device, does not start" },
  signals = { abi = 6, release = "6.12",
    what = "signals and abstract sockets stay inside the run" },
}

local function judge_protection(protection, abi)
  local known = protections[protection.name]
  local finding = { name = protection.name, ok = protection.is_there, needed = known.needed or false }
  if finding.ok then
    finding.meaning = abi < known.abi and known.before
      or ("%s (Landlock ABI %d)"):format(known.what, known.abi)
  elseif known.lacks then
    finding.meaning = ('%s; on_missing = { %s = "degrade" } runs without. Needs Linux %s with '
      .. "Landlock (lsm=landlock,... at boot)"):format(known.lacks, protection.name,
      known.release)
  else
    finding.meaning = ("the program can signal processes of its user that are not of the run, "
      .. "and connect to their abstract sockets: needs Linux %s with Landlock"):format(known.release)
  end
  return finding
end

local isolations = {
  { "net", "a network of its own" }, { "pid", "sees its own processes only" },
  { "ipc", "System V IPC and message queues of its own" }, { "uts", "a host name of its own" },
  { "mount", "a private /tmp, the rest read-only" }, { "root", "map_root: uid 0 inside" },
}

local function judge_isolation(one, features)
  local name, what = table.unpack(one)
  local field = name == "root" and "map_root = true" or ('isolate = { "%s" }'):format(name)
  local protection = name == "root" and "map_root" or "isolate_" .. name
  local ok = features.isolation[name]
  return {
    name = protection, ok = ok, needed = false,
    meaning = ok and what or ('a run with %s does not start (%s); on_missing = { %s = "degrade" } '
      .. "runs without. See kernel.unprivileged_userns_clone, user.max_user_namespaces, kernel."
      .. "apparmor_restrict_unprivileged_userns"):format(field,
      features.isolation_error or "unknown", protection),
  }
end

local function judge_group(name, version, without)
  local ok = version > 0
  return {
    name = "cgroup " .. name, ok = ok, needed = false,
    meaning = ok and ("limits.%s is kept by a control group, version %d"):format(name, version)
      or ("limits.%s: %s. To delegate a group: systemd-run --user --scope -p Delegate=yes")
        :format(name, without),
  }
end

--- The findings: a list of { name =, ok =, needed =, meaning = }.
function doctor.examine(features)
  local found = {}
  local function add(finding) found[#found + 1] = finding end
  for _, check in ipairs(checks) do
    local ok = check.has(features)
    add { name = check.name, ok = ok, needed = check.needed or false,
      meaning = ok and check.yes or check.no }
  end
  for _, protection in ipairs(features.protections) do
    add(judge_protection(protection, features.landlock_abi))
  end
  for _, one in ipairs(isolations) do add(judge_isolation(one, features)) end
  add(judge_group("processes", features.processes_group,
    "the supervisor counts a hundred times a second and ends the run, reason \"limit\""))
  add(judge_group("memory", features.memory_group,
    "the supervisor measures a hundred times a second and ends the run, reason \"limit\""))
  return found
end

--- true if nothing that is needed is missing.
function doctor.is_well(findings)
  for _, finding in ipairs(findings) do
    if finding.needed and not finding.ok then return false end
  end
  return true
end

--- The findings as lines: yes, no, or NO for what is needed.
function doctor.lines(features, findings)
  local lines = { ("Linux %s %s, Landlock ABI %d, libseccomp %s"):format(features.release,
    features.machine, features.landlock_abi, features.libseccomp) }
  for _, finding in ipairs(findings) do
    lines[#lines + 1] = ("%-3s  %-19s %s"):format(
      finding.ok and "yes" or finding.needed and "NO" or "no", finding.name, finding.meaning)
  end
  lines[#lines + 1] = doctor.is_well(findings)
    and "A run with defaults has all that it needs here."
    or "A run with defaults does not have all that it needs here: see NO above."
  return lines
end

return doctor
