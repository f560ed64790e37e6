--- Handlers before they are bound: checked when they are made, with an error that
-- names the place, and bound to a core sandbox when a run starts.
local calls = require "demilune.calls"
local suggest = require "demilune.suggest"

local handlers = {}

local policies = { kill = true, deny_eperm = true, continue = true, deny_eio = true }
local options = { "handle", "on_exception", "watch", "when", "judge", "join", "ends" }

local Handler = { __name = "demilune.handler" }

local function check_options(spec)
  for name in pairs(spec) do
    local is_known = false
    for _, known in ipairs(options) do is_known = is_known or known == name end
    if not is_known then
      return nil, ('a handler has no option "%s"%s'):format(tostring(name),
        suggest.hint(name, options))
    end
  end
  return true
end

local function check(spec)
  local known, message = check_options(spec)
  if not known then return nil, message end
  local shown = tostring(spec.handle)
  if type(spec.handle) == "userdata" and shown:find "^[%l_]+[({]" then	-- deny "EPERM"
    return nil, ("a handler is a function: function() return %s end"):format(shown)
  end
  if type(spec.handle) ~= "function" then
    return nil, ("a handler is a function, not a %s"):format(type(spec.handle))
  end
  local policy = spec.on_exception
  if policy ~= nil and not policies[policy] then
    return nil, ('unknown exception policy "%s"%s'):format(tostring(policy),
      suggest.hint(policy, suggest.keys(policies)))
  end
  if spec.watch ~= nil and type(spec.watch) ~= "boolean" then
    return nil, "watch is true or false"
  end
  return true
end

--- A handler from a function, or from { handle = fn, on_exception = "kill",
-- watch = false, when = conditions }. Returns nil, message if it is none. For presets:
-- judge, and join(judges), which makes the function that asks the judges of a list, and
-- ends(name), whether each call of this name is decided, so that nobody behind is asked.
function handlers.handler(spec)
  if getmetatable(spec) == Handler then return spec end
  if type(spec) ~= "table" then spec = { handle = spec } end
  local ok, message = check(spec)
  if not ok then return nil, message end
  return setmetatable({
    handle = spec.handle,
    on_exception = spec.on_exception or "kill",
    watch = spec.watch or false,
    when = spec.when,
    judge = spec.judge,
    join = spec.join,
    ends = spec.ends,
  }, Handler)
end

local List = {}
List.__index = List

--- An empty list; core says which system calls there are.
function handlers.list(core)
  return setmetatable({ core = core, joined = {} }, List)
end

-- Presets perform what they let pass, which ends the chain: those of a list are one
-- handler, so that each is asked. Returns nil if it joined one that is there.
local function join(self, handler)
  local judges = self.joined[handler.join]
  if judges then
    judges[#judges + 1] = handler.judge
    return nil
  end
  judges = { handler.judge }
  self.joined[handler.join] = judges
  return setmetatable({ handle = handler.join(judges), on_exception = handler.on_exception,
    watch = false, ends = handler.ends }, Handler)
end

-- Number -> conditions: the same name may stand at different places.
local function compile_conditions(self, numbers, conditions)
  -- loaded by who uses conditions: the others start without
  local when, constants = require "demilune.when", require "demilune.constants"
  self.names = self.names or constants.new(self.core)
  local compiled = {}
  for _, nr in ipairs(numbers) do
    local one, message = when.compile(conditions, nr, self.core, self.names)
    if not one then return nil, message end
    compiled[nr] = one
  end
  return compiled
end

-- on("mkdir", perform): a constructor is called without arguments, if it needs none.
local function from_constructor(handler, core)
  for _, name in ipairs { "deny", "returns", "inject_fd", "inject_bytes", "kill" } do
    if handler.handle == core[name] then
      return nil, ("%s needs to be told what: function() return %s(...) end"):format(name, name)
    end
  end
  for _, name in ipairs { "continue", "hold", "perform" } do
    if handler.handle == core[name] then
      local copy = setmetatable({ place = name }, Handler)
      for key, value in pairs(handler) do copy[key] = value end
      copy.handle = function() return core[name]() end
      copy.ends = name ~= "continue" and function() return true end or nil
      return copy
    end
  end
  return handler
end

--- Binds what ("openat", "%open", "open*", a number, or a list of these) to a handler, or
-- a function. Returns true, or nil, message.
function List:add(what, spec)
  local numbers, named = calls.resolve(what, self.core)
  if not numbers then return nil, named end
  local handler, reason = handlers.handler(spec)
  if handler then handler, reason = from_constructor(handler, self.core) end
  if not handler then return nil, reason end
  if handler.join then
    handler = join(self, handler)
    if not handler then return true end
  end
  local conditions, message
  if handler.when ~= nil then
    conditions, message = compile_conditions(self, numbers, handler.when)
    if not conditions then return nil, message end
  end
  self[#self + 1] = {
    numbers = numbers, named = named, handler = handler, conditions = conditions,
  }
  return true
end

--- The list of { { what, handler }, ... }. Returns nil, message that names the entry.
function handlers.from_pairs(core, entries)
  local list = handlers.list(core)
  if type(entries) ~= "table" then
    return nil, ("handlers are a list, not a %s"):format(type(entries))
  end
  for i, entry in ipairs(entries) do
    if type(entry) ~= "table" then
      return nil, ("handler %d is a %s, not { calls, function }"):format(i, type(entry))
    end
    local ok, message = list:add(entry[1], entry[2])
    if not ok then return nil, ("handler %d: %s"):format(i, message) end
  end
  return list
end

-- What the kernel refuses by itself no handler sees: left out of a family and of what is
-- watched, and an error (of the core) where a call was named that shall be decided.
local function without_denied(entry, sandbox)
  local numbers = {}
  for _, nr in ipairs(entry.numbers) do
    local must_be_seen = entry.named[nr] and not entry.handler.watch
    if must_be_seen or not sandbox:denies(nr) then numbers[#numbers + 1] = nr end
  end
  return #numbers > 0 and numbers or entry.numbers
end

-- With conditions call by call: each has its own.
local function bind_entry(entry, sandbox)
  local h, numbers = entry.handler, without_denied(entry, sandbox)
  if not entry.conditions then
    return sandbox:handle(numbers, h.handle, h.on_exception, h.watch)
  end
  for _, nr in ipairs(numbers) do
    local ok, message, errno =
      sandbox:handle({ nr }, h.handle, h.on_exception, h.watch, entry.conditions[nr])
    if not ok then return nil, message, errno end
  end
  return true
end

--- Binds all to a core sandbox. Returns true, or nil, message, errno.
function List:bind(sandbox)
  for _, entry in ipairs(self) do
    local ok, message, errno = bind_entry(entry, sandbox)
    if not ok then return nil, message, errno end
  end
  return true
end

--- Iterates over the handlers that a call is for, watchers first: for _, handler in
-- list:each(ctx) do ... end
function List:each(ctx)
  local meant = { {}, {} }
  for _, entry in ipairs(self) do
    for _, nr in ipairs(entry.numbers) do
      local conditions = entry.conditions and entry.conditions[nr]
      if nr == ctx.nr and (not conditions or self.core.conditions_hold(conditions, ctx.args)) then
        table.insert(meant[entry.handler.watch and 1 or 2], entry.handler)
      end
    end
  end
  return ipairs(table.move(meant[2], 1, #meant[2], #meant[1] + 1, meant[1]))
end

--- Where a handler stands: "policy.lua:3", or the constructor that is one.
function handlers.place_of(handler)
  local where = debug.getinfo(handler.handle, "S")
  return handler.place or ("%s:%d"):format(where.short_src, where.linedefined)
end

--- A line about the calls that a handler disturbs, or nil: seccomp_unotify(2) lets a
-- signal break off a call that waits to be received.
function List:warning()
  local names, seen = {}, {}
  for _, entry in ipairs(self) do
    for _, nr in ipairs(entry.numbers) do
      if self.core.is_fragile(nr) and not seen[nr] then
        seen[nr] = true
        names[#names + 1] = self.core.syscall_name(nr)
      end
    end
  end
  if #names == 0 then return nil end
  table.sort(names)
  return ("a signal can make a call that has a handler fail with EINTR, and programs do "
    .. "not expect that of %s"):format(table.concat(names, ", "))
end

return handlers
