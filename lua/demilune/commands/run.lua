--- demilune run: a program under a policy.
local core = require "demilune.core"
local box = require "demilune.box"
local demilune = require "demilune"
local log = require "demilune.log"
local options = require "demilune.options"
local policy = require "demilune.policy"
local quantity = require "demilune.quantity"
local status = require "demilune.status"

local run = {}

run.summary = "run a program under a policy"
run.usage = "demilune run [OPTION...] [POLICY.lua] -- COMMAND [ARGUMENT...]"

local function a_descriptor(value)
  local fd = math.tointeger(tonumber(value))
  if fd and 0 <= fd and fd < 1 << 31 then return fd end
  return nil, ('"%s" is no descriptor number'):format(value)
end

run.options = {
  { names = { "-e" }, key = "scripts", value = "SCRIPT", many = true,
    help = "a policy in the command line; several are one" },
  { names = { "-r" }, key = "read", value = "PATH", many = true,
    help = "grant a path for reading; with -r or -w all others are refused" },
  { names = { "-w" }, key = "write", value = "PATH", many = true,
    help = "grant a path for writing, too" },
  { names = { "-t" }, key = "time", value = "DURATION", parse = quantity.milliseconds,
    help = 'end the run after "500ms", "30s", "2m"' },
  { names = { "-o" }, key = "output", value = "FILE",
    help = "write what demilune and the policy say to a file" },
  { names = { "--status-fd" }, key = "status_fd", value = "N", parse = a_descriptor,
    help = "tell start, errors and exit as JSON lines" },
}

-- What a shell says of a command that it cannot start.
local start_statuses = {
  [core.errno "ENOENT"] = 127, [core.errno "ENOTDIR"] = 127,
  [core.errno "EACCES"] = 126, [core.errno "ENOEXEC"] = 126,
}
local FAILURE, TIMEOUT, SIGNALED = 125, 124, 128

local function exit_status(result)
  if result.reason == "timeout" then return TIMEOUT end
  if result.exit_code then return result.exit_code end
  return SIGNALED + result.signal_number
end

local function open_output(path)
  if not path then return io.stderr end
  return io.open(path, "w")
end

local function open_status(fd)
  if not fd then return status.none end
  local has_json, json = pcall(require, "dkjson")
  if not has_json then return nil, "--status-fd needs the Lua module dkjson" end
  local file, message = core.fd_file(fd)
  if not file then return nil, ("--status-fd %d: %s"):format(fd, message) end
  return status.to(file, json.encode)
end

-- The policy's sandbox{}, with what the command line adds to it.
local function settings_of(found, loaded, say)
  local settings = loaded.settings or {}
  if found.time then
    settings.limits = settings.limits or {}
    settings.limits.time = found.time
  end
  for _, field in ipairs { "read", "write" } do
    if found[field] then
      local list = settings[field] or {}
      settings[field] = table.move(found[field], 1, #found[field], #list + 1, list)
    end
  end
  if settings.log == nil then settings.log = say end
  return settings
end

-- The command has one run and nothing else to do: signals are the program's.
local function prepare(sb)
  sb:forward_signals()
  sb:exit_when_stuck()
end

local stdio = { stdin = "inherit", stdout = "inherit", stderr = "inherit" }

-- at_exit functions are the policy's last word; each is called whatever the others do.
local function call_at_exit(loaded, result, say)
  local ok = true
  for _, fn in ipairs(loaded.at_exit) do
    local called, message = xpcall(fn, debug.traceback, result)
    if not called then
      say("at_exit: " .. tostring(message))
      ok = false
    end
  end
  return ok
end

local function supervise(process, loaded, say, tell)
  tell("start", { pid = process.pid })
  local result, message, errno = process:wait()
  if not result then return nil, message, errno end
  log.repeats(say, result.errors)
  local ok = call_at_exit(loaded, result, say)
  loaded.fault.report(say)
  local code = ok and exit_status(result) or FAILURE
  tell("exit", {
    reason = result.reason, exit_code = result.exit_code, signal = result.signal,
    status = code,
  })
  return code
end

local function execute(found, command, say, tell, out)
  local loaded, message = policy.from(found[1], found.scripts, demilune, core, out)
  if not loaded then return nil, message end
  if loaded:is_empty() and (found[1] or found.scripts) then
    say("warning: the policy declares nothing: nothing will be decided")
  end
  local settings = settings_of(found, loaded, say)
  local started <close>, problem, errno =
    box.new(core, settings):start(command, loaded.handlers, stdio, function(sb)
      prepare(sb)
      sb:on_error(function(e)
        say(log.error_text(e))
        tell("error", e)
      end)
    end)
  if not started then return nil, problem, errno end
  loaded.process = started
  return supervise(started, loaded, say, tell)
end

local function check_words(found, command)
  if #found > 1 then
    return nil, ('one policy file only; put "--" before the command: ... -- %s'):format(
      table.concat(found, " ", 2))
  end
  if not command then return nil, 'put "--" before the command: ' .. run.usage end
  if #command == 0 then return nil, 'no command after "--"' end
  return true
end

--- Returns the exit status.
function run.main(words)
  local say, tell = log.to(io.stderr), status.none
  local function fail(message, errno)
    local code = start_statuses[errno] or FAILURE
    say(message)
    tell("error", { message = message })
    tell("exit", { reason = "failed", status = code })
    return code
  end

  local found, command, message = options.parse(words, run.options)
  if not found then return fail(message) end
  local teller, problem = open_status(found.status_fd)
  if not teller then return fail(problem) end
  tell = teller
  local ok, reason = check_words(found, command)
  if not ok then return fail(reason) end
  local out, cause = open_output(found.output)
  if not out then return fail(cause) end
  say = log.to(out)
  local code, why, errno = execute(found, command, say, tell, out)
  return code or fail(why, errno)
end

return run
