--- Commands that are policies: the tools that come along, and a file of the user's own.
-- A tool is a policy file that says with tool{} what its options are; without them it
-- is a policy that `demilune run` takes.
local core = require "demilune.core"
local audit = require "demilune.audit"
local demilune = require "demilune"
local launch = require "demilune.commands.launch"
local options = require "demilune.options"
local policy = require "demilune.policy"

local tool = {}

--- The tools that come along, in lua/demilune/tools/.
tool.names = { "trace", "count", "files", "net", "execs", "learn" }

-- The module's chunk, from the command itself or from a file, not run.
local function find_module(name)
  for _, searcher in ipairs(package.searchers) do
    local loader, place = searcher(name)
    if type(loader) == "function" then return loader, place end
  end
  return nil, ("there is no module %s"):format(name)
end

-- The chunk of a tool in the environment of a policy. Returns nil, message.
local function load_chunk(name, loaded)
  if name:find "/" or name:find "%.lua$" then
    local file <close>, message = io.open(name, "rb")
    if not file then return nil, message end
    return loaded:compile(file:read "a":gsub("^#[^\n]*", ""), "@" .. name)
  end
  local chunk, message = find_module("demilune.tools." .. name)
  if not chunk then return nil, message end
  debug.setupvalue(chunk, 1, loaded.env)	-- _ENV, the only one that a file has
  return chunk
end

-- A policy that nobody runs.
local function sketch()
  return policy.new(demilune, core, io.stderr)
end

--- What a tool says of itself: summary, usage, words, options. Or nil, message.
function tool.describe(name)
  local loaded = sketch()
  local chunk, message = load_chunk(name, loaded)
  if not chunk then return nil, message end
  local spec
  spec, message = audit.describe(loaded, chunk)
  if not spec then return nil, ("%s is no tool: %s"):format(name, message) end
  return spec
end

-- A tool's own option stands for the common one of the same name.
local function all_options(spec)
  local list, own = {}, {}
  for i, option in ipairs(spec.options or {}) do
    list[i] = option
    for _, name in ipairs(option.names) do own[name] = true end
  end
  for _, option in ipairs(launch.options) do
    if not own[option.names[1]] then list[#list + 1] = option end
  end
  return list
end

-- Words before "--": as many as the tool wants to have.
local function checker(spec)
  return function(found)
    if spec.words or #found == 0 then return true end
    return nil, ('"%s": it takes options only; put "--" before the command'):format(found[1])
  end
end

--- Runs a tool. Returns the exit status.
function tool.main(name, words)
  local spec, problem = tool.describe(name)
  if not spec then
    require "demilune.log".to(io.stderr)(problem)
    return 125
  end
  if words[1] == "--help" or words[1] == "-h" then
    print(("usage: %s\n\n%s\n\n%s"):format(spec.usage, spec.summary,
      options.help(all_options(spec))))
    return 0
  end
  return launch.main(words, {
    options = all_options(spec), usage = spec.usage, check = checker(spec),
    load = function(found, report, _, command)
      local loaded = policy.new(demilune, core, report)
      loaded.given, loaded.command = found, command
      local chunk, message = load_chunk(name, loaded)
      if not chunk then return nil, message end
      local ok
      ok, message = loaded:execute(chunk)
      if not ok then return nil, message end
      return loaded
    end,
  })
end

--- demilune tools: a line for each.
function tool.list()
  local text = require "demilune.text"
  local rows = {}
  for i, name in ipairs(tool.names) do
    rows[i] = { "demilune " .. name, assert(tool.describe(name)).summary }
  end
  return text.columns(rows, nil, {})
end

return tool
