--- demilune doctor: what this machine can do for a run, and what that means.
local core = require "demilune.core"
local examine = require "demilune.doctor"
local log = require "demilune.log"
local options = require "demilune.options"

local doctor = {}

doctor.summary = "say what this machine can do"
doctor.usage = "demilune doctor [--json]"
doctor.options = {
  { names = { "--json" }, key = "json", help = "say it as one JSON object" },
}

local FAILURE, MISSING = 125, 1

local first = { "is_well", "release", "machine", "landlock_abi", "libseccomp", "findings", "name",
  "ok", "needed", "meaning" }

-- Returns nil, message without dkjson.
local function to_json(features, findings)
  local has_json, json = pcall(require, "demilune.json")
  if not has_json then return nil, "--json needs the Lua module dkjson" end
  return json.encode({
    is_well = examine.is_well(findings), release = features.release, machine = features.machine,
    landlock_abi = features.landlock_abi, libseccomp = features.libseccomp, findings = findings,
  }, first)
end

--- Returns the exit status: 0 if a run with defaults has all that it needs, else 1.
function doctor.main(words)
  local say = log.to(io.stderr)
  local found, command, message = options.parse(words, doctor.options)
  if found and (command or #found > 0) then found, message = nil, "usage: " .. doctor.usage end
  local text, findings
  if found then
    local features = core.features()
    findings = examine.examine(features)
    if found.json then
      text, message = to_json(features, findings)
    else
      text = table.concat(examine.lines(features, findings), "\n")
    end
  end
  if not text then
    say(message)
    return FAILURE
  end
  print(text)
  return examine.is_well(findings) and 0 or MISSING
end

return doctor
