--- demilune check: what a policy would do, without running anything.
local core = require "demilune.core"
local calls = require "demilune.calls"
local demilune = require "demilune"
local log = require "demilune.log"
local options = require "demilune.options"
local policy = require "demilune.policy"
local sandbox = require "demilune.sandbox"

local check = {}

check.summary = "say what a policy would do, and what it misses"
check.usage = "demilune check [-e SCRIPT] [POLICY.lua]"
check.options = {
  { names = { "-e" }, key = "scripts", value = "SCRIPT", many = true,
    help = "a policy in the command line; several are one" },
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

local function place_of(fn)
  local where = debug.getinfo(fn, "S")
  return ("%s:%d"):format(where.short_src, where.linedefined)
end

local function show_handlers(list)
  for _, entry in ipairs(list) do
    local handler = entry.handler
    print(("%-6s %s\n       %s%s%s"):format(handler.watch and "watch" or "on",
      names_of(entry.numbers), place_of(handler.handle),
      handler.watch and "" or ", on_exception = " .. handler.on_exception,
      entry.conditions and ", on some arguments only" or ""))
  end
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
local function show_static(loaded)
  local sb <close>, message = core.sandbox()
  if not sb then return nil, message end
  local ok
  ok, message = sandbox.apply(loaded.settings or {}, sb)
  if ok then ok, message = loaded.handlers:bind(sb) end
  if not ok then return nil, message end
  show_denials(sb:denials())
  return true
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
  show_handlers(loaded.handlers)
  local ok, problem = show_static(loaded)
  if not ok then
    say(problem)
    return FAILURE
  end
  warn_of_holes(loaded.handlers, say)
  local fragile = loaded.handlers:warning()
  if fragile then say("warning: " .. fragile) end
  if loaded:is_empty() then say "warning: the policy declares nothing: nothing will be decided" end
  return 0
end

return check
