--- demilune run: a program under a policy, from a file or from the command line.
local core = require "demilune.core"
local demilune = require "demilune"
local fields = require "demilune.fields"
local launch = require "demilune.commands.launch"
local policy = require "demilune.policy"

local run = {}

run.summary = "run a program under a policy"
run.usage = "demilune run [OPTION...] [POLICY.lua] -- COMMAND [ARGUMENT...]"

run.options = {
  { names = {}, heading = "the policy, beside a file" },
  { names = { "-e" }, key = "scripts", value = "SCRIPT", many = true,
    help = "a policy in the command line; several are one" },
  { names = { "--on" }, key = "on", value = "SET", value2 = "BODY", many = true,
    help = "do this at each of these calls, with ctx" },
  { names = { "--begin" }, key = "begin", value = "BODY", many = true,
    help = "do this before the program starts" },
  { names = { "--end" }, key = "finish", value = "BODY", many = true,
    help = "do this when it has ended, with result" },
  { names = { "--dry" }, key = "is_dry",
    help = "decide nothing, say what the handlers would have decided" },
}

table.move(fields.options(), 1, #fields.options(), #run.options + 1, run.options)
run.options[#run.options + 1] = { names = {}, heading = "what demilune says" }
for _, option in ipairs(launch.options) do
  if option.key ~= "given" then run.options[#run.options + 1] = option end
end

local function is_oneliner(found)
  return found.on or found.begin or found.finish
end

local function load_policy(found, report, say)
  local loaded, message = policy.from(found[1], found.scripts, demilune, core, report)
  if not loaded then return nil, message end
  if is_oneliner(found) then
    local ok
    ok, message = require "demilune.oneliner".load(loaded, found)
    if not ok then return nil, message end
  end
  if found.is_dry then
    loaded.is_dry = true
    require "demilune.decisions".make_dry(loaded, report)
    -- what the kernel enforces cannot be tried without enforcing it
    loaded.settings = nil
    say "warning: a dry run protects nothing; neither sandbox{} nor options like it are applied"
  end
  if loaded:is_empty() and (found[1] or found.scripts) then
    say("warning: the policy declares nothing: nothing will be decided")
  end
  return loaded
end

local function check(found)
  if #found <= 1 then return true end
  return nil, ('one policy file only; put "--" before the command: ... -- %s'):format(
    table.concat(found, " ", 2))
end

--- Returns the exit status.
function run.main(words)
  return launch.main(words, {
    options = run.options, usage = run.usage, check = check, load = load_policy,
  })
end

return run
