--- From the words of a command line to the exit status: what all commands that run a
-- program under a policy have in common.
local core = require "demilune.core"
local audit = require "demilune.audit"
local box = require "demilune.box"
local fields = require "demilune.fields"
local log = require "demilune.log"
local options = require "demilune.options"
local session = require "demilune.commands.session"
local status = require "demilune.status"

local launch = {}

local function a_descriptor(value)
  local fd = math.tointeger(tonumber(value))
  if fd and 0 <= fd and fd < 1 << 31 then return fd end
  return nil, ('"%s" is no descriptor number'):format(value)
end

--- Options of all these commands.
launch.options = {
  fields.option "limits.time",
  { names = { "--status-fd" }, key = "status_fd", value = "N", parse = a_descriptor,
    help = "tell start, errors and exit as JSON lines" },
  table.unpack(session.options),
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

local function open_status(fd)
  if not fd then return status.none end
  local has_json, json = pcall(require, "demilune.json")
  if not has_json then return nil, "--status-fd needs the Lua module dkjson" end
  local file, message = core.fd_file(fd)
  if not file then return nil, ("--status-fd %d: %s"):format(fd, message) end
  return status.to(file, json.encode)
end

-- The command has one run and nothing else to do: signals are the program's.
local function prepare(sb)
  sb:forward_signals()
  sb:exit_when_stuck()
  sb:drop_privileges()
end

local stdio = { stdin = "inherit", stdout = "inherit", stderr = "inherit" }

-- at_exit functions are the policy's last word; each is called whatever the others do.
local function call_at_exit(loaded, result, say)
  local ok = true
  local function attempt(what, fn, ...)
    local called, message = xpcall(fn, debug.traceback, ...)
    if not called then
      say(what .. ": " .. tostring(message))
      ok = false
    end
  end
  attempt("follow", audit.finish, loaded)
  for _, fn in ipairs(loaded.at_exit) do attempt("at_exit", fn, result) end
  attempt("print", audit.print_rest, loaded)
  return ok
end

-- What at_exit functions get when the time to look is over before the program.
local function so_far(process)
  return { reason = "running", errors = {}, stats = { calls = process:calls() } }
end

-- Also of a program that could not be executed: then it is what matters most.
local function tell_denials(process, look)
  local denials, more = process:denials()
  if denials then look.report:denials(denials, more) end
end

local function supervise(process, loaded, look, say, tell)
  local has_told, ok = false, true
  tell("start", { pid = process.pid })
  local result, message, errno = look:wait(process, function()
    has_told = true
    ok = call_at_exit(loaded, so_far(process), say)
  end)
  if not result then
    tell_denials(process, look)
    return nil, message, errno
  end
  log.repeats(say, result.errors)
  if result.limit then say(("the run was over its limit of %s"):format(result.limit)) end
  log.unsafe(say, result.unsafe)
  if not has_told then ok = call_at_exit(loaded, result, say) end
  loaded.fault.report(say)
  tell_denials(process, look)
  local code = ok and exit_status(result) or FAILURE
  look.report:exit(result, code)
  tell("exit", {
    reason = result.reason, limit = result.limit, exit_code = result.exit_code,
    signal = result.signal, status = code, denials = result.denials,
  })
  return code
end

local function execute(loaded, found, command, look, say, tell)
  local settings = loaded.settings or {}
  if found.given then	-- who has no option starts without what is about them
    local conflict
    settings, conflict = require "demilune.given".settings(found.given, loaded.settings,
      loaded.is_dry, say)
    if not settings then return nil, conflict end
  end
  if settings.log == nil then settings.log = say end
  local started <close>, problem, errno =
    box.new(core, settings):start(command, loaded.handlers, stdio, function(sb)
      prepare(sb)
      sb:on_error(function(e)
        say(log.error_text(e))
        look.report:failure(e)
        tell("error", e)
      end)
    end)
  if not started then return nil, problem, errno end
  collectgarbage "restart"	-- src/main.c stopped it for the start
  loaded.process = started
  look.report:start(started.pid, command)
  return supervise(started, loaded, look, say, tell)
end

-- What the page and the JSON lines tell besides. Returns the policy, or nil, message.
local function record(loaded, look, command)
  if not (look.page or look.report.encode) then return loaded end
  if not loaded.is_dry then require "demilune.decisions".note(loaded, look.report) end
  if not look.page then return loaded end
  loaded.command = command
  local ok, message = require "demilune.recorder".watch(loaded, look.page)
  if not ok then return nil, message end
  return loaded
end

-- Warnings are for those who want them.
local function quiet(say)
  return function(text)
    if not text:find "^warning: " then say(text) end
  end
end

local function check_command(command, usage)
  if not command then return nil, 'put "--" before the command: ' .. usage end
  if #command == 0 then return nil, 'no command after "--"' end
  return true
end

--- Runs a command of demilune. how.options, how.usage, how.check(found), which returns
-- true or nil, message, and how.load(found, report, say, command), which returns a policy or
-- nil, message. Returns the exit status.
function launch.main(words, how)
  local say, tell = log.to(io.stderr), status.none
  local function fail(message, errno)
    local code = start_statuses[errno] or FAILURE
    say(message)
    tell("error", { message = message })
    tell("exit", { reason = "failed", status = code })
    return code
  end

  local found, command, message = options.parse(words, how.options)
  if not found then return fail(message) end
  local teller, problem = open_status(found.status_fd)
  if not teller then return fail(problem) end
  tell = teller
  local ok, reason = how.check(found)
  if ok then ok, reason = check_command(command, how.usage) end
  if not ok then return fail(reason) end
  local look, cause = session.open(found)
  if not look then return fail(cause) end
  say = log.to(look.out)
  if found.quiet then say = quiet(say) end
  local loaded, why = how.load(found, look.report, say, command)
  local code, errno
  if loaded then loaded, why = record(loaded, look, command) end
  if loaded then code, why, errno = execute(loaded, found, command, look, say, tell) end
  code = code or fail(why, errno)
  local closed, complaint = look:close()
  say = log.to(io.stderr)
  return closed and code or fail(complaint)
end

return launch
