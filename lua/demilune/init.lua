--- require "demilune": run a program and decide its system calls in Lua.
--
--   local demilune = require "demilune"
--   local box = demilune.sandbox { limits = { time = "30s" } }
--   local result = box:run_with_handlers({ "cat", "/etc/passwd" }, {
--     { "openat", function(ctx)
--       if ctx:read_path() == "/etc/passwd" then return demilune.deny "EACCES" end
--       return demilune.continue()
--     end },
--   })
--
-- What the world may refuse returns nil, message, errno; misuse raises.
local core = require "demilune.core"
local access = require "demilune.access"
local box = require "demilune.box"
local ctx = require "demilune.ctx"
local fault = require "demilune.fault"
local handlers = require "demilune.handlers"
local sandbox = require "demilune.sandbox"
local spawn = require "demilune.spawn"
local suggest = require "demilune.suggest"

core.set_suggest(suggest.nearest)
access.set_address_parser(core.parse_address)
core.extend_ctx(ctx.methods(core))

--- The constructors of actions, and is_action(value).
local demilune = {
  continue = core.continue,
  deny = core.deny,
  returns = core.returns,
  inject_fd = core.inject_fd,
  inject_bytes = core.inject_bytes,
  hold = core.hold,
  kill = core.kill,
  perform = core.perform,
  is_action = core.is_action,
}

--- The same under the names that C has for them.
demilune.action = {
  continue = core.continue,
  errno = core.deny,
  return_value = core.returns,
  inject_fd_send = core.inject_fd,
  inject_fd_send_tracked = core.inject_fd,
  hold = core.hold,
  kill = core.kill,
  perform = core.perform,
}
for name, constructor in pairs(demilune) do
  if type(constructor) == "function" then demilune.action[name] = constructor end
end

--- A box from a table of settings; raises for a field that it does not know.
-- box:run(cmd), box:run_with_handlers(cmd, list), box:popen(cmd, list),
-- box:release(id, action).
function demilune.sandbox(settings)
  local checked, message = sandbox.check(settings or {})
  if not checked then error("sandbox " .. message, 2) end
  return box.new(core, checked)
end

--- A handler: { handle = fn, on_exception = "kill"|"deny_eperm"|"continue"|"deny_eio",
-- watch = false, when = conditions }, or a function. Raises for anything else.
function demilune.handler(spec)
  local handler, message = handlers.handler(spec)
  if not handler then error(message, 2) end
  return handler
end

--- wait(fd, "r"|"w"|"rw", seconds): a handler waits for a descriptor, a Lua file or a
-- socket; without seconds as long as a call may be held. true, or nil, message, errno
-- (ETIMEDOUT). Other calls go on.
demilune.wait = core.wait

--- spawn { "program", "argument" }: a handler asks another program.
demilune.spawn = spawn.new(core)

--- Handlers that make calls fail now and then.
demilune.fault = fault.new(demilune)

--- Handlers about paths, by the place that a path leads to.
-- Loaded when they are first used: a start without them does not pay.
demilune.presets = setmetatable({}, { __index = function(self, name)
  for key, value in pairs(require "demilune.presets".new(demilune, core)) do
    rawset(self, key, value)
  end
  setmetatable(self, nil)
  return self[name]
end })

--- A ctx without a program: fake { call = "openat", args = { path = "/etc/hosts" } }.
function demilune.fake(spec)
  return require "demilune.fake".new(core)(spec)
end

--- A policy from a file: policy:ask(ctx) is what its handlers decide on a fake ctx.
-- Returns nil, message.
function demilune.load_policy(path)
  return require "demilune.policy".from(path, nil, demilune, core, io.stderr)
end

--- All names of system calls on this architecture.
demilune.syscall_names = core.syscall_names

return demilune
