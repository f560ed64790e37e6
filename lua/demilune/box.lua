--- What demilune.sandbox{} returns: settings that programs can be run under, again and
-- again. Every run has a core sandbox of its own, so runs of one box may overlap.
local handlers = require "demilune.handlers"
local log = require "demilune.log"
local process = require "demilune.process"
local sandbox = require "demilune.sandbox"

local Box = { __name = "demilune.box" }
Box.__index = Box

local box = {}

--- settings as sandbox.check returns them.
function box.new(core, settings)
  return setmetatable({
    core = core,
    settings = settings,
    say = settings.log == nil and log.to(io.stderr) or settings.log or function() end,
    running = setmetatable({}, { __mode = "k" }),
  }, Box)
end

local function check_command(command)
  if type(command) ~= "table" then
    return nil, ("a command is a list of strings, not a %s"):format(type(command))
  end
  if #command == 0 then return nil, "the command is empty" end
  for i, argument in ipairs(command) do
    if type(argument) ~= "string" then
      return nil, ("argument %d of the command is a %s, not a string"):format(i - 1,
        type(argument))
    end
    if argument:find("\0", 1, true) then
      return nil, ("argument %d of the command contains NUL"):format(i - 1)
    end
  end
  return true
end

-- Signals and abstract sockets are kept inside where the kernel can: no word about that,
-- unless the settings ask for one.
local function warn_of_missing(self, run)
  for _, name in ipairs(run:missing()) do
    if name ~= "signals" or (self.settings.on_missing or {}).signals then
      self.say(('warning: this machine lacks the protection "%s": the program runs without')
        :format(name))
    end
  end
end

local function warn_of_handlers(self, list)
  local fragile = list:warning()
  if fragile then self.say("warning: " .. fragile) end
  if #list < 2 then return end	-- a start without such a list does not pay for it
  for _, line in ipairs(require "demilune.unreached".lines(list)) do self.say("warning: " .. line) end
end

--- Starts command with a handlers.list. stdio says how each descriptor is, and
-- prepare, if given, gets the core sandbox just before the start.
-- Returns a process, or nil, message, errno.
function Box:start(command, list, stdio, prepare)
  local sb <close>, message, errno = self.core.sandbox()
  if not sb then return nil, message, errno end
  local ok
  ok, message, errno = sandbox.apply(self.settings, sb)
  if not ok then return nil, message, errno end
  ok, message, errno = list:bind(sb)
  if not ok then return nil, message, errno end
  for fd, name in pairs { [0] = "stdin", "stdout", "stderr" } do sb:stdio(fd, stdio[name]) end
  sb:on_error(function(e) self.say(log.error_text(e)) end)
  if prepare then prepare(sb) end
  warn_of_handlers(self, list)
  local run
  run, message, errno = sb:start(command)
  if not run then return nil, message, errno end
  warn_of_missing(self, run)
  local started = process.new(run, stdio, self.core, self.settings.explain)
  self.running[started] = true
  return started
end

local capture = { stdin = "null", stdout = "capture", stderr = "capture" }
local pipes = { stdin = "pipe", stdout = "pipe", stderr = "inherit" }

-- Misuse raises, with the place of whoever called the method.
local function checked(value, message)
  if value == nil then error(message, 4) end
  return value
end

local function begin(self, command, entries, default_stdio)
  checked(check_command(command))
  local list = checked(handlers.from_pairs(self.core, entries))
  local stdio = {}
  for name, way in pairs(default_stdio) do
    stdio[name] = self.settings.stdio and self.settings.stdio[name] or way
  end
  return self:start(command, list, stdio)
end

local function run_to_end(self, started, message, errno)
  if not started then return nil, message, errno end
  local running <close> = started
  local result
  result, message, errno = running:wait()
  if result then log.repeats(self.say, result.errors) end
  return result, message, errno
end

--- Runs a command to its end. Returns result, or nil, message, errno.
function Box:run(command)
  return run_to_end(self, begin(self, command, {}, capture))
end

--- The same, with handlers { { "openat", fn }, ... }.
function Box:run_with_handlers(command, entries)
  return run_to_end(self, begin(self, command, entries, capture))
end

--- Starts a command; stdin and stdout are pipes. Returns a process, or nil, message, errno.
function Box:popen(command, entries)
  local started, message, errno = begin(self, command, entries or {}, pipes)
  return started, message, errno
end

--- Decides a held call of any running program of this box, by its ctx.id.
-- Returns true, or nil, message, errno.
function Box:release(id, action)
  for one in pairs(self.running) do
    if one:holds(id) then return one:release(id, action) end
  end
  return nil, "no call with this id is held", self.core.errno "ENOENT"
end

return box
