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
  { name = "doctor", module = "demilune.commands.doctor" },
  { name = "tools", module = "demilune.commands.tools" },
}

-- Also a tool, by its name or as a file of the user's.
local function load_tool()
  return require "demilune.commands.tool"
end

local function is_tool(word)
  if word:find "/" or word:find "%.lua$" then return true end
  for _, name in ipairs(load_tool().names) do
    if name == word then return true end
  end
  return false
end

local function help()
  local lines = { "usage: demilune run [OPTION...] [POLICY.lua] -- COMMAND [ARGUMENT...]",
    "       demilune -e 'SCRIPT' -- COMMAND [ARGUMENT...]",
    "       demilune --on SET 'BODY' -- COMMAND [ARGUMENT...]",
    "       demilune TOOL [OPTION...] -- COMMAND [ARGUMENT...]", "" }
  for _, command in ipairs(commands) do
    lines[#lines + 1] = ("demilune %-6s %s"):format(command.name,
      require(command.module).summary)
  end
  for _, line in ipairs(load_tool().list()) do lines[#lines + 1] = line end
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
  local names = table.move(load_tool().names, 1, #load_tool().names, 1, {})
  for _, command in ipairs(commands) do names[#names + 1] = command.name end
  log.to(io.stderr)(('unknown command "%s"%s; demilune --help lists them'):format(name,
    suggest.hint(name, names)))
  return FAILURE
end

--- words are the arguments of the command. Returns the exit status.
function cli.main(words)
  local first = words[1]
  if first == nil or first == "--help" or first == "-h" or first == "help" then return help() end
  if first:sub(1, 1) == "-" then return find "run".main(words) end
  local command, rest = find(first), table.move(words, 2, #words, 1, {})
  if not command then
    return is_tool(first) and load_tool().main(first, rest) or unknown(first)
  end
  if rest[1] == "--help" or rest[1] == "-h" then return help_on(command) end
  return command.main(rest)
end

return cli
