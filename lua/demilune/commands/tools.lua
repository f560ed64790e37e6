--- demilune tools: which tools there are.
local tool = require "demilune.commands.tool"

local tools = { summary = "list the tools", usage = "demilune tools", options = {} }

function tools.main()
  print(table.concat(tool.list(), "\n"))
  return 0
end

return tools
