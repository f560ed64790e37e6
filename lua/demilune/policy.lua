--- A policy: Lua that runs in a strict environment and says what shall happen. Nothing
-- starts here.
local audit = require "demilune.audit"
local fault = require "demilune.fault"
local handlers = require "demilune.handlers"
local report = require "demilune.report"
local sandbox = require "demilune.sandbox"
local suggest = require "demilune.suggest"

local policy = {}

local constructors = {
  "continue", "deny", "returns", "inject_fd", "inject_bytes", "hold", "kill", "perform",
}

local Policy = {}
Policy.__index = Policy

-- on("openat", { on_exception = "kill" }, fn): options are optional.
local function take_handler(options, fn, watch)
  if fn == nil then options, fn = {}, options end
  if type(options) ~= "table" then
    return nil, ("the options are a table, not a %s"):format(type(options))
  end
  local spec = { handle = fn, watch = watch }
  for name, value in pairs(options) do
    if spec[name] ~= nil then return nil, ('"%s" is no option here'):format(name) end
    spec[name] = value
  end
  return handlers.handler(spec)
end

-- Raises with the place in the policy that called the function that calls this.
local function refuse(name, message)
  error(("%s: %s"):format(name, message), 3)
end

local function declarations(self)
  local env = {}

  function env.sandbox(settings)
    if self.settings then refuse("sandbox", "there can be only one") end
    local checked, message = sandbox.check(settings)
    if not checked then error("sandbox " .. message, 2) end
    self.settings = checked
  end

  local function register(name, watch)
    env[name] = function(what, options, fn)
      local handler, message = take_handler(options, fn, watch)
      if handler then handler, message = self.handlers:add(what, handler) end
      if not handler then refuse(name, message) end
    end
  end
  register("on", false)
  register("watch", true)

  function env.use(list)
    if type(list) ~= "table" then
      refuse("use", ("needs a list of { calls, handler }, not a %s"):format(type(list)))
    end
    for i, entry in ipairs(list) do
      local added, message = false, "no { calls, handler }"
      if type(entry) == "table" then added, message = self.handlers:add(entry[1], entry[2]) end
      if not added then refuse("use", ("entry %d: %s"):format(i, message)) end
    end
  end

  function env.at_exit(fn)
    if type(fn) ~= "function" then
      refuse("at_exit", ("needs a function, not a %s"):format(type(fn)))
    end
    self.at_exit[#self.at_exit + 1] = fn
  end

  return env
end

-- The program's output is not ours: what a policy prints goes where demilune's words go.
local function printers(to)
  return {
    print = function(...)
      local words = table.pack(...)
      for i = 1, words.n do words[i] = tostring(words[i]) end
      to:print(table.concat(words, "\t") .. "\n")
    end,
    printf = function(format, ...) to:print(format:format(...)) end,
  }
end

-- Reading or writing a name that nobody declared is a mistake in the policy; pieces of
-- a command line share what they set. Constants are looked up when they are first used.
-- A name that is there is found without a call of ours: handlers look up several.
local function make_strict(self, names, core)
  setmetatable(names, { __index = function(_, name)
    local value
    if type(name) == "string" and name:find "^%u" then
      value = core.constant(name)
      names[name] = value
    end
    if value == nil then
      error(('undeclared global "%s"%s'):format(tostring(name),
        suggest.hint(name, suggest.keys(names))), 2)
    end
    return value
  end })
  return setmetatable({}, {
    __index = names,
    __newindex = function(_, name, value)
      if self.is_loose then
        names[name] = value
        return
      end
      error(('undeclared global "%s": declare it with local'):format(tostring(name)), 2)
    end,
    __metatable = false,
  })
end

--- An empty policy. demilune is the module, core its C part, out a file for print, or
-- a report. Whoever starts it sets .process, so that its handlers can release held calls.
function policy.new(demilune, core, out)
  local self = setmetatable({
    handlers = handlers.list(core), at_exit = {}, aggregates = {}, followed = {},
  }, Policy)
  local to = out.event and out or report.new(core, out)
  local names = {}
  for _, source in ipairs { _G, printers(to), declarations(self),
    audit.names(self, core, to) } do
    for name, value in pairs(source) do names[name] = value end
  end
  for _, name in ipairs(constructors) do names[name] = demilune[name] end
  self.fault = fault.new(demilune)
  names.fault = self.fault
  names.demilune = demilune
  names.presets = demilune.presets
  names.release = function(id, action)
    if not self.process then refuse("release", "the program has not started") end
    return self.process:release(id, action)
  end
  self.env = make_strict(self, names, core)
  names._G = self.env
  return self
end

--- Compiles text in the environment of the policy. Returns as load().
function Policy:compile(text, chunk_name)
  if text:sub(1, 1) == "\27" then	-- Lua says so too, but without the name
    return nil, ("%s: a policy is text, not compiled Lua"):format(chunk_name:sub(2))
  end
  return load(text, chunk_name, "t", self.env)
end

--- Runs a chunk of text in the policy. Returns true, or nil, message with its place.
function Policy:load(text, chunk_name)
  local chunk, message = self:compile(text, chunk_name)
  if not chunk then return nil, message end
  return self:execute(chunk)
end

--- Runs a compiled chunk. Returns true, or nil, message.
function Policy.execute(_, chunk)
  local ok, problem = pcall(chunk)
  if ok then return true end
  return nil, type(problem) == "string" and problem or ("the policy raised a "
    .. type(problem) .. " that is no message")
end

--- Loads a file. A first line that starts with # is for the shell.
function Policy:load_file(path)
  local file <close>, message = io.open(path, "rb")
  if not file then return nil, message end
  local text
  text, message = file:read "a"
  if not text then return nil, ("%s: %s"):format(path, message) end
  return self:load(text:gsub("^#[^\n]*", ""), "@" .. path)
end

--- A policy from a file and scripts, each optional. The rest as policy.new.
-- Returns nil, message with its place.
function policy.from(path, scripts, demilune, core, out)
  local loaded = policy.new(demilune, core, out)
  if path then
    local ok, message = loaded:load_file(path)
    if not ok then return nil, message end
  end
  for _, script in ipairs(scripts or {}) do
    local ok, message = loaded:load(script, "=(-e)")
    if not ok then return nil, message end
  end
  return loaded
end

--- What the handlers decide on a ctx, as a run would have them asked: an action. For a
-- ctx of demilune.fake. A handler that raises, or returns no action, raises here.
function Policy:ask(ctx)
  local demilune = self.env.demilune
  for _, handler in self.handlers:each(ctx) do
    local action = handler.handle(ctx)
    if not handler.watch then
      if not demilune.is_action(action) then
        error(("the handler on %s returned no action but %s"):format(ctx.name,
          tostring(action)), 2)
      end
      if action ~= demilune.continue() then return action end
    end
  end
  return demilune.continue()
end

--- true if nothing was declared: then nothing would be decided.
function Policy:is_empty()
  return #self.handlers == 0 and #self.at_exit == 0 and not self.settings
end

return policy
