--- The results of calls. Only who makes a call knows its result: those that perform() knows
-- are made for the program, by a process that is what the program is. Who makes them is
-- something that a program can notice, so it must be asked for. Pure.
local calls = require "demilune.calls"

local results = {}

local Results = {}
Results.__index = Results

-- perform() knows these, but not whatever they are asked for, and what it is stands in
-- memory: there it must not be looked at to decide.
local left_out = { openat2 = true }

--- On a set of calls; tell(call, ...) is called with call.result or call.errno set. .calls is
-- the list of those whose results will be known. Raises if there are none.
function results.new(observe, set, tell)
  local core = observe.core
  local numbers, message = calls.resolve(set, core)
  if not numbers then error(message, 0) end
  local self = setmetatable({ calls = {}, is_known = {}, waiting = {}, tell = tell,
    O_PATH = core.constant "O_PATH" }, Results)
  for _, nr in ipairs(numbers) do
    if core.is_performable(nr) and not left_out[core.syscall_name(nr)] then
      self.calls[#self.calls + 1] = nr
      self.is_known[nr] = true
    end
  end
  if #self.calls == 0 then error("of none of these calls the result can be known", 0) end
  return self
end

local opens = { open = true, openat = true }

--- Keeps a call until its result is known. false: it will not be.
function Results:wait_for(ctx, ...)
  -- O_PATH cannot be handed over, demi_action_set_perform()
  if not self.is_known[ctx.nr] or opens[ctx.name] and ctx.args.flags & self.O_PATH ~= 0 then
    return false
  end
  self.waiting[ctx.id] = table.pack(...)
  return true
end

--- Whether somebody waits for the result of this call.
function Results:is_awaited(ctx)
  return self.waiting[ctx.id] ~= nil
end

--- A function for perform().
function Results:taker(ctx)
  local id = ctx.id
  return function(result, errno)
    local kept = self.waiting[id]
    self.waiting[id] = nil
    kept[1].result, kept[1].errno = result, errno
    self.tell(table.unpack(kept, 1, kept.n))
  end
end

--- Those whose results did not come, in the order of their calls: the program ended first.
function Results:tell_rest()
  local rest = {}
  for _, kept in pairs(self.waiting) do rest[#rest + 1] = kept end
  table.sort(rest, function(a, b) return a[1].time_ns < b[1].time_ns end)
  for _, kept in ipairs(rest) do self.tell(table.unpack(kept, 1, kept.n)) end
  self.waiting = {}
end

return results
