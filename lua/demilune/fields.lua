--- The fields of sandbox{} as options of a command line, in one table. What a word may be
-- sandbox.lua says, as for the table of a policy. Pure.
local sandbox = require "demilune.sandbox"

local fields = {}

local function a_number(word)
  return word:find "^%d+$" and math.tointeger(tonumber(word)) or word
end

local function a_variable(word)
  local name, value = word:match "^([^=]*)=(.*)$"
  if not name then return nil, ('"%s" is no NAME=VALUE; --unset-env removes one'):format(word) end
  return { [name] = value }
end

local function no_variable(word)
  return { [word] = false }
end

-- "degrade" or "truncation=degrade"
local function an_answer(word)
  local name, answer = word:match "^(.-)=(.*)$"
  return name and { [name] = answer } or word
end

local function nothing()
  return {}
end

-- As options.lua has them, and: field; reads, from the word to what the table would hold;
-- parts, if a word may be "a,b"; exceeds, by which function of given.lua it is known that
-- the program gets more than the policy gives. A rule is not applied in a dry run.
local groups = {
  { heading = "files: with -r, -w or --optional all others are refused", is_rule = true,
    { names = { "-r", "--read" }, field = "read", value = "PATH", exceeds = "files",
      help = "read, list and execute what is beneath" },
    { names = { "-w", "--write" }, field = "write", value = "PATH", exceeds = "writing",
      help = "and write, create, remove, rename it" },
    { names = { "--optional" }, field = "optional", value = "PATH", exceeds = "files",
      help = "as -r, if it exists" },
    { names = { "--deny" }, field = "deny", value = "PATH", exceeds = "never",
      help = "carve it out of -r and -w again" },
  },
  { heading = "network: with any of these what they do not name is refused", is_rule = true,
    { names = { "--connect" }, field = "net.connect", value = "[ADDRESS:]PORT", parts = true,
      exceeds = "net", help = '443, "8000-8100", "*", "10.0.0.0/8:443", "example.org:443"' },
    { names = { "--bind" }, field = "net.bind", value = "PORT", parts = true, exceeds = "net",
      help = '8080, "8000-8100", "*"; 0: one that the kernel chooses' },
    { names = { "--udp" }, field = "net.udp", exceeds = "net",
      help = "UDP, too; these are for TCP" },
    { names = { "--icmp" }, field = "net.icmp", exceeds = "net", help = '"ping" sockets, too' },
    { names = { "--raw" }, field = "net.raw", exceeds = "net", help = "raw sockets, too" },
    { names = { "--netlink" }, field = "net.netlink", exceeds = "net", help = "netlink sockets, too" },
    { names = { "--no-net" }, field = "net", reads = nothing, exceeds = "never",
      help = "none, also of the policy's; what options after it name is added" },
  },
  { heading = "namespaces", is_rule = true,
    { names = { "--isolate" }, field = "isolate", value = "NAME", parts = true, exceeds = "never",
      help = "net, pid, ipc, uts, mount" },
    { names = { "--map-root" }, field = "map_root", exceeds = "value",
      help = "be uid 0 of a user namespace" },
  },
  { heading = "system calls", is_rule = true,
    { names = { "--deny-syscall" }, field = "syscalls.deny", value = "NAME", parts = true, exceeds = "never",
      help = "one more that the kernel refuses by itself" },
    { names = { "--allow-syscall" }, field = "syscalls.allow", value = "NAME", parts = true,
      exceeds = "entries", help = 'off the list of those: "mount", or a family: "%ipc"' },
  },
  { heading = "limits",
    { names = { "-t", "--time" }, field = "limits.time", value = "DURATION", exceeds = "number",
      help = 'end the run after "500ms", "30s", "2m"' },
    { names = { "-m", "--memory" }, field = "limits.memory", value = "SIZE", exceeds = "number",
      help = 'end the run when it has more than "512M", "2G" of memory' },
    { names = { "-P", "--processes" }, field = "limits.processes", value = "N", reads = a_number,
      exceeds = "number", help = "end the run when it has more than N processes and threads" },
    { names = { "--cpu" }, field = "limits.cpu", value = "DURATION", exceeds = "number",
      help = "end the run when it has used up more time of the processor" },
    { names = { "--open-files" }, field = "limits.open_files", value = "N", reads = a_number,
      exceeds = "number", help = "descriptors of one process: more give EMFILE" },
    { names = { "--file-size" }, field = "limits.file_size", value = "SIZE", exceeds = "number",
      help = "of a file that is written: more gives EFBIG" },
  },
  { heading = "the program",
    { names = { "--cwd" }, field = "cwd", value = "DIR", exceeds = "value", help = "start in this directory" },
    { names = { "--env" }, field = "env", value = "NAME=VALUE", reads = a_variable,
      exceeds = "variables", help = "set a variable" },
    { names = { "--unset-env" }, field = "env", value = "NAME", reads = no_variable,
      exceeds = "variables", help = "remove one" },
    { names = { "--clean-env" }, field = "clean_env", exceeds = "never",
      help = "of ours keep PATH, HOME, USER, TERM and LANG only" },
    { names = { "--uid" }, field = "uid", value = "N", reads = a_number, exceeds = "value",
      help = "for root: run as this user; --gid, too" },
    { names = { "--gid" }, field = "gid", value = "N", reads = a_number, exceeds = "value",
      help = "and as this group" },
    { names = { "--umask" }, field = "umask", value = "OCTAL", exceeds = "value", help = "022, 077" },
    { names = { "--keep-fd" }, field = "fds", value = "N", reads = a_number, exceeds = "entries",
      help = "leave descriptor N open" },
    { names = { "--terminal" }, field = "terminal", exceeds = "flag",
      help = "leave it the terminal, also if it does not read from there" },
  },
  { heading = "handlers",
    { names = { "--script-time" }, field = "script.time", value = "DURATION", exceeds = "number",
      help = "how long one may take, 1s" },
    { names = { "--script-memory" }, field = "script.memory", value = "SIZE", exceeds = "number",
      help = "how much they may keep, 256M" },
    { names = { "--held-calls" }, field = "script.held_calls", value = "N", reads = a_number,
      exceeds = "number", help = "how many calls may be held, 1024" },
    { names = { "--held-time" }, field = "script.held_time", value = "DURATION", exceeds = "number",
      help = "and for how long, 30s" },
  },
  { heading = "the rules",
    { names = { "--on-missing" }, field = "on_missing", value = "[NAME=]degrade", reads = an_answer,
      exceeds = "missing", help = "run without what this kernel lacks, and say so" },
    { names = { "--explain" }, field = "explain", exceeds = "never",
      help = "say at the end what was refused without asking, and what would allow it" },
  },
}

local function parts_of(option, word)
  if not option.parts then return { word } end
  local parts = {}
  for part in word:gmatch "[^,]+" do parts[#parts + 1] = part end
  return parts
end

local function value_of(option, word)
  local value = word
  if option.reads then
    local message
    value, message = option.reads(word)
    if value == nil then return nil, message end
  end
  return sandbox.checker(option.field)(value)
end

-- From a word (true: the option takes none) to what options.parse() shall keep.
local function parse(word, name, option)
  local values = {}
  for i, part in ipairs(parts_of(option, word)) do
    local value, message = value_of(option, part)
    if value == nil then return nil, message end
    values[i] = value
  end
  if #values == 0 then return nil, "it names nothing" end
  return { option = option, name = name, word = word, values = values }
end

for _, group in ipairs(groups) do
  for _, option in ipairs(group) do
    option.key, option.many, option.parse, option.is_rule = "given", true, parse, group.is_rule
  end
end

--- All of them for options.parse(), with headings. What it finds is in .given, a list of
-- { option =, name =, word =, values = {} } in the order of the command line.
function fields.options()
  local list = {}
  for _, group in ipairs(groups) do
    list[#list + 1] = { names = {}, heading = group.heading }
    table.move(group, 1, #group, #list + 1, list)
  end
  return list
end

--- The one of a field.
function fields.option(field)
  for _, group in ipairs(groups) do
    for _, option in ipairs(group) do
      if option.field == field then return option end
    end
  end
end

return fields
