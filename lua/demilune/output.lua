--- Where demilune's own words go: standard error or a file. Writing never makes the
-- program wait. What a reader does not take is kept, up to a limit; then lines are
-- left out and counted, and a reader that went away is written to no more.
local output = {}

local KEPT = 1 << 20	-- bytes for a reader that is slow
local BATCH = 1 << 15	-- bytes for a file: one write for some hundred lines
local LAG_NS = 200 * 1000 * 1000	-- how old a line may be before a file has it

local Output = {}
Output.__index = Output

-- A sink of the core; is_live: someone reads along, every line counts.
local function new(core, sink, is_live)
  return setmetatable({
    core = core, sink = sink, is_live = is_live, kept = {}, size = 0, lost = 0, columns = sink:columns(),
    written_ns = core.clock "monotonic",
  }, Output)
end

--- On a file, or without a path on standard error. Returns nil, message.
function output.open(core, path)
  local sink, message = core.sink(path or 2)
  if not sink then return nil, message end
  return new(core, sink, not path or sink:columns() ~= nil)
end

-- Hands over what is kept. Returns whether all was taken.
local function push(self)
  local bytes = table.concat(self.kept)
  local at = 1
  while at <= #bytes do
    local taken = self.sink:write(at == 1 and bytes or bytes:sub(at))
    if not taken then
      self.is_broken, bytes = true, ""
    elseif taken == 0 then
      break
    else
      at = at + taken
    end
  end
  self.kept = at <= #bytes and { bytes:sub(at) } or {}
  self.size = math.max(#bytes - at + 1, 0)
  return self.size == 0
end

local function keep(self, bytes)
  if self.lost > 0 then
    local note = ("demilune: %d lines were left out here: nobody read them\n"):format(self.lost)
    self.kept[#self.kept + 1] = note
    self.size = self.size + #note
    self.lost = 0
  end
  self.kept[#self.kept + 1] = bytes
  self.size = self.size + #bytes
end

--- As a Lua file's, but it never waits.
function Output:write(first, second, ...)
  if self.is_broken then return self end
  local bytes = first .. (second or "")
  if ... then bytes = bytes .. table.concat { ... } end
  if self.size + #bytes > KEPT and not push(self) and self.size + #bytes > KEPT then
    self.lost = self.lost + select(2, bytes:gsub("\n", ""))
    return self
  end
  keep(self, bytes)
  if self.is_live then
    push(self)
  elseif self.size >= BATCH or self.core.clock "monotonic" - self.written_ns > LAG_NS then
    push(self)
    self.written_ns = self.core.clock "monotonic"
  end
  return self
end

--- Hands over what can be handed over without waiting.
function Output:flush()
  if not self.is_broken then push(self) end
end

--- After the program's end: now it may wait for the reader.
function Output:close()
  if self.lost > 0 then keep(self, "") end
  while not self.is_broken and not push(self) do self.sink:wait(1000) end
  self.sink:close()
  return true
end

Output.__close = Output.close

--- Colours, for people who look at a terminal and did not refuse them, no-color.org.
function Output:has_colours()
  local refused = os.getenv "NO_COLOR"
  return self.columns ~= nil and not (refused and refused ~= "")
    and os.getenv "TERM" ~= "dumb"
end

return output
