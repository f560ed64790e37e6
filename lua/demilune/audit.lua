--- What a policy has to look at a program: aggregates, events, the ends of processes,
-- and tool{}, which makes a command of a policy.
local audit = {}

-- An error that is no error: the tool's description was all that was wanted.
local described = {}

local function add_aggregates(names, policy, report)
  for _, name in ipairs { "count", "sum", "avg", "min", "max", "hist", "lhist" } do
    names[name] = function(...)
      -- most policies have none, and their start pays for nothing
      local one = require "demilune.stats".new(name, function(self, options)
        report:aggregate(self, options)
      end, ...)
      table.insert(policy.aggregates, one)
      return one
    end
  end
end

--- Prints the aggregates that nobody printed.
function audit.print_rest(policy)
  for _, one in ipairs(policy.aggregates) do
    if not one.is_printed then one:print() end
  end
end

-- Calls back for each process that ended since the last look.
local function look(policy)
  local ended = policy.process and policy.process:next_ended()
  while ended do
    local fn = policy.followed[ended.pid]
    policy.followed[ended.pid] = nil
    if fn then fn(ended) end
    ended = policy.process:next_ended()
  end
end

local function add_processes(names, policy)
  function names.follow(pid, fn)
    look(policy)	-- the number may have been another's
    local is_new, message, errno = policy.process:follow(pid)
    if is_new == nil then return nil, message, errno end
    policy.followed[pid] = fn or policy.followed[pid]
    return is_new
  end
end

--- After the end of the run: the last of those that were followed.
function audit.finish(policy)
  look(policy)
end

--- Names for the environment of a policy.
function audit.names(policy, core, report)
  local names = {}
  add_aggregates(names, policy, report)
  add_processes(names, policy)
  function names.event(kind, fields, show) report:event(kind, fields, show) end
  function names.observer() return require "demilune.observe".new(core, policy) end
  function names.line(text) if not report.encode then report:line(text) end end
  function names.tool(spec)
    if policy.describe then
      policy.describe(spec)
      error(described)
    end
    return policy.given or {}
  end
  return names
end

--- What a chunk says to tool{}, or nil, message. policy is not used afterwards.
function audit.describe(policy, chunk)
  local spec
  policy.describe = function(given) spec = given end
  local ok, message = pcall(chunk)
  if spec and message == described then return spec end
  if ok then message = "it calls no tool{}" end
  return nil, tostring(message)
end

return audit
