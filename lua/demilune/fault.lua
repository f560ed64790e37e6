--- Faults: handlers that make a call fail now and then, to see what a program does.
--
--   on("write", fault.nth(3, deny "ENOSPC"))
--   on("%open", fault.every(10, deny "EMFILE", { per = "process", path = "/tmp/**" }))
--   on("read", fault.range(2, 5, deny "EINTR"))
--   on("connect", fault.chance(0.1, deny "ECONNREFUSED", { seed = 7 }))
--   on("fsync", fault.delay("200ms"))
--
-- action is an action, or a function(ctx) that returns one: an injection can be used
-- only once. options: per = "run" (default), "process" or "thread" counts apart;
-- path, a pattern or a list, and args, { name = value }, say which calls count.
local glob = require "demilune.glob"
local quantity = require "demilune.quantity"
local suggest = require "demilune.suggest"

local fault = {}

local options_known = { args = true, path = true, per = true, seed = true }

local keys = {
  run = function() return "" end,
  process = function(ctx) return ctx.tgid or ctx.pid end,
  thread = function(ctx) return ctx.pid end,
}

-- splitmix64: the same seed gives the same faults, whatever else draws numbers.
local function generator(seed)
  local state = seed
  return function()
    state = state + 0x9E3779B97F4A7C15
    local z = (state ~ (state >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ~ (z >> 27)) * 0x94D049BB133111EB
    return ((z ~ (z >> 31)) >> 11) * 2.0 ^ -53
  end
end

local function misuse(format, ...)
  error(format:format(...), 4)
end

local function check_options(name, options)
  for option in pairs(options) do
    if not options_known[option] then
      misuse('fault.%s has no option "%s"%s', name, tostring(option),
        suggest.hint(option, suggest.keys(options_known)))
    end
  end
  if options.per and not keys[options.per] then
    misuse('fault.%s: per is "run", "process" or "thread"', name)
  end
end

-- Which calls count.
local function make_filter(options)
  local matches
  if options.path then
    local matcher, message = glob.matcher(options.path)
    if not matcher then misuse("fault: path: %s", message) end
    matches = matcher
  end
  return function(ctx)
    for name, value in pairs(options.args or {}) do
      if ctx.args[name] ~= value then return false end
    end
    if not matches then return true end
    local path = ctx:path()
    return path ~= nil and matches(path)
  end
end

--- A library of its own: it remembers its rules, for rules() and report().
-- actions has continue and is_action.
function fault.new(actions)
  local library, rules = {}, {}

  -- fires(n) says whether the n-th call that counts fails.
  local function add(name, text, action, options, fires)
    options = options or {}
    if not actions.is_action(action) and type(action) ~= "function" then
      misuse("fault.%s needs an action, not a %s", name, type(action))
    end
    check_options(name, options)
    local counts, per, filter = {}, keys[options.per or "run"], make_filter(options)
    local rule = { name = ("fault.%s(%s)"):format(name, text), calls = 0, hits = 0 }
    rules[#rules + 1] = rule
    return function(ctx)
      if not filter(ctx) then return actions.continue() end
      local key = per(ctx)
      counts[key] = (counts[key] or 0) + 1
      rule.calls = rule.calls + 1
      if not fires(counts[key]) then return actions.continue() end
      rule.hits = rule.hits + 1
      if type(action) == "function" then return action(ctx) end
      return action
    end
  end

  local function check_number(name, n)
    if math.type(n) ~= "integer" or n < 1 then
      misuse("fault.%s needs a whole number from 1 on, not %s", name, tostring(n))
    end
  end

  --- The n-th call fails.
  function library.nth(n, action, options)
    check_number("nth", n)
    return add("nth", n, action, options, function(i) return i == n end)
  end

  --- Every n-th call fails.
  function library.every(n, action, options)
    check_number("every", n)
    return add("every", n, action, options, function(i) return i % n == 0 end)
  end

  --- The calls first to last fail.
  function library.range(first, last, action, options)
    check_number("range", first)
    check_number("range", last)
    return add("range", first .. ", " .. last, action, options,
      function(i) return first <= i and i <= last end)
  end

  --- Each call fails with this probability. The seed is in the rule's name.
  function library.chance(probability, action, options)
    if type(probability) ~= "number" or not (0 <= probability and probability <= 1) then
      misuse("fault.chance needs a probability, 0 to 1, not %s", tostring(probability))
    end
    local seed = options and options.seed or math.random(1, 1 << 31)
    if math.type(seed) ~= "integer" then misuse "fault.chance: seed is a whole number" end
    local draw = generator(seed)
    return add("chance", ("%s, seed %d"):format(probability, seed), action, options,
      function() return draw() < probability end)
  end

  --- Each call that counts waits first: "200ms", or a number of seconds.
  function library.delay(duration, action, options)
    local ms, message = quantity.milliseconds(duration)
    if not ms then error("fault.delay: " .. message, 2) end
    return add("delay", ms .. " ms", function(ctx)
      ctx:sleep(ms / 1000)
      return action or actions.continue()
    end, options, function() return true end)
  end

  --- The rules so far: a list of { name =, calls =, hits = }.
  function library.rules()
    return rules
  end

  --- A line for each rule: how often it fired, a warning if it never did.
  function library.report(say)
    for _, rule in ipairs(rules) do
      if rule.hits == 0 then
        say(("warning: %s never fired: %d calls counted"):format(rule.name, rule.calls))
      else
        say(("%s fired %d times in %d calls"):format(rule.name, rule.hits, rule.calls))
      end
    end
  end

  return library
end

return fault
