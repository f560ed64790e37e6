--- demilune check: what a policy would do, without running anything.
local core = require "demilune.core"
local calls = require "demilune.calls"
local demilune = require "demilune"
local handlers = require "demilune.handlers"
local log = require "demilune.log"
local undeclared = require "demilune.names"
local options = require "demilune.options"
local policy = require "demilune.policy"
local sandbox = require "demilune.sandbox"
local unreached = require "demilune.unreached"

local check = {}

check.summary = "say what a policy would do, and what it misses"
check.usage = "demilune check [--filter] [-e SCRIPT] [POLICY.lua]"
check.options = {
  { names = { "-e" }, key = "scripts", value = "SCRIPT", many = true,
    help = "a policy in the command line; several are one" },
  { names = { "--filter" }, key = "filter",
    help = "show the seccomp programs, in libseccomp's pseudo code" },
}

local FAILURE = 125
local NAMES_MAX = 6

local function names_of(numbers)
  local names = {}
  for i, nr in ipairs(numbers) do names[i] = core.syscall_name(nr) end
  if #names <= NAMES_MAX then return table.concat(names, ", ") end
  return ("%s and %d more"):format(table.concat(names, ", ", 1, NAMES_MAX - 1),
    #names - NAMES_MAX + 1)
end

local function show_handlers(list, sb)
  for _, entry in ipairs(list) do
    local handler = entry.handler
    print(("%-6s %s\n       %s%s%s"):format(handler.watch and "watch" or "on",
      names_of(entry.numbers), handlers.place_of(handler),
      handler.watch and "" or ", on_exception = " .. handler.on_exception,
      entry.conditions and ", on some arguments only" or ""))
    local denied = {}
    for _, nr in ipairs(entry.numbers) do
      if sb:denies(nr) then denied[#denied + 1] = nr end
    end
    if #denied > 0 then
      print(("       never asked about %s: the kernel refuses that by itself"):format(
        names_of(denied)))
    end
  end
end

-- Ports are the kernel's; what is said of an address the supervisor holds.
local function show_addresses(net)
  for _, rule in ipairs(net and net.connect or {}) do
    if rule.text then print("net    connect to " .. rule.text) end
  end
end

local programs = {
  { "static", "what the kernel refuses by itself" },
  { "guard", "what would go around the rules about files and ports" },
  { "notify", "the calls that handlers are asked about" },
}

local function show_filters(sb)
  for _, program in ipairs(programs) do
    local text, message = sb:filter_text(program[1])
    if not text then return nil, ("filter %s: %s"):format(program[1], message) end
    print(("filter %s: %s\n%s"):format(program[1], program[2],
      text == "" and "(none)" or (text:gsub("%s+$", ""))))
  end
  return true
end

-- One line for each family: the entries of a family are refused for alike reasons.
local function show_denials(denials)
  local families, order = {}, {}
  for _, denial in ipairs(denials) do
    local name = denial.family == "" and "by the policy" or denial.family
    local line = families[name]
    if not line then
      line = {}
      families[name], order[#order + 1] = line, name
    end
    local call = denial.when == "" and denial.syscall
      or ("%s (%s)"):format(denial.syscall, denial.when)
    if line[#line] ~= call then line[#line + 1] = call end
  end
  for _, name in ipairs(order) do
    print(("denied %s: %s"):format(name, table.concat(families[name], ", ")))
  end
end

-- The policy as a run would apply it, without a run.
local function show(loaded, with_filters)
  local sb <close>, message = core.sandbox()
  if not sb then return nil, message end
  local ok
  ok, message = sandbox.apply(loaded.settings or {}, sb)
  if not ok then return nil, message end
  ok, message = loaded.handlers:bind(sb)
  if not ok then return nil, message end
  show_handlers(loaded.handlers, sb)
  show_addresses((loaded.settings or {}).net)
  show_denials(sb:denials())
  if with_filters then return show_filters(sb) end
  return true
end

-- Inside a function an unknown name raises only when a call comes there.
local function warn_of_names(loaded, found, say)
  local chunks = {}
  local file <close> = found[1] and io.open(found[1], "rb") or nil
  if file then chunks[1] = { found[1], file:read "a":gsub("^#[^\n]*", "") } end
  for _, script in ipairs(found.scripts or {}) do chunks[#chunks + 1] = { "(-e)", script } end
  local problems = {}
  local function is_known(name)
    local ok, problem = pcall(function() return loaded.env[name] end)
    problems[name] = not ok and problem:match "undeclared global.*" or nil
    return ok
  end
  for _, chunk in ipairs(chunks) do
    for _, one in ipairs(undeclared.unknown(chunk[2], is_known)) do
      say(("warning: %s:%d: %s: reading it raises"):format(chunk[1], one.line,
        problems[one.name]))
    end
  end
end

-- A program that a handler on openat shall stop can use openat2.
local function warn_of_holes(list, say)
  local handled = {}
  for _, entry in ipairs(list) do
    if not entry.handler.watch then table.move(entry.numbers, 1, #entry.numbers, #handled + 1, handled) end
  end
  for _, hole in ipairs(calls.holes(handled, core)) do
    say("warning: " .. calls.hole_text(hole))
  end
end

--- Returns the exit status.
function check.main(words)
  local say = log.to(io.stderr)
  local found, command, message = options.parse(words, check.options)
  if found and (command or #found > 1 or not (found[1] or found.scripts)) then
    found, message = nil, "usage: " .. check.usage
  end
  local loaded
  if found then loaded, message = policy.from(found[1], found.scripts, demilune, core, io.stderr) end
  if not loaded then
    say(message)
    return FAILURE
  end
  local ok, problem = show(loaded, found.filter)
  if not ok then
    say(problem)
    return FAILURE
  end
  warn_of_names(loaded, found, say)
  warn_of_holes(loaded.handlers, say)
  for _, line in ipairs(unreached.lines(loaded.handlers)) do say("warning: " .. line) end
  local fragile = loaded.handlers:warning()
  if fragile then say("warning: " .. fragile) end
  if loaded:is_empty() then say "warning: the policy declares nothing: nothing will be decided" end
  return 0
end

return check
