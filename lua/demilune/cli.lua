--- demilune, the command: which of its subcommands is meant, and help.
local log = require "demilune.log"
local options = require "demilune.options"
local suggest = require "demilune.suggest"

local cli = {}

local FAILURE = 125

-- Loaded when it is asked for: a start must not pay for the others.
local commands = {
  { name = "run", module = "demilune.commands.run" },
  { name = "check", module = "demilune.commands.check" },
}

local function help()
  local lines = { "usage: demilune run [OPTION...] [POLICY.lua] -- COMMAND [ARGUMENT...]",
    "       demilune -e 'SCRIPT' -- COMMAND [ARGUMENT...]", "" }
  for _, command in ipairs(commands) do
    lines[#lines + 1] = ("  demilune %-10s %s"):format(command.name,
      require(command.module).summary)
  end
  lines[#lines + 1] = "\ndemilune COMMAND --help says more."
  print(table.concat(lines, "\n"))
  return 0
end

local function help_on(command)
  print(("usage: %s\n\n%s"):format(command.usage, options.help(command.options)))
  return 0
end

local function find(name)
  for _, command in ipairs(commands) do
    if command.name == name then return require(command.module) end
  end
end

local function unknown(name)
  local names = {}
  for i, command in ipairs(commands) do names[i] = command.name end
  log.to(io.stderr)(('unknown command "%s"%s; demilune --help lists them'):format(name,
    suggest.hint(name, names)))
  return FAILURE
end

--- words are the arguments of the command. Returns the exit status.
function cli.main(words)
  local first = words[1]
  if first == nil or first == "--help" or first == "-h" or first == "help" then return help() end
  if first:sub(1, 1) == "-" then return find "run".main(words) end
  local command = find(first)
  if not command then return unknown(first) end
  if words[2] == "--help" or words[2] == "-h" then return help_on(command) end
  return command.main(table.move(words, 2, #words, 1, {}))
end

return cli
