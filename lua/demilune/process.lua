--- A running program, as box:popen returns it, and the result of one that ended.

local Process = { __name = "demilune.process" }
Process.__index = Process

local process = {}

--- run is the core's; stdio says which descriptors have a pipe to us; explains, whether
-- what is refused is to be told.
function process.new(run, stdio, core, explains)
  local new = setmetatable({ core = core, core_run = run, pid = run:pid(), explains = explains },
    Process)
  for fd, name in pairs { [0] = "stdin", "stdout", "stderr" } do
    if stdio[name] == "pipe" then new[name] = assert(run:stdio(fd)) end
  end
  return new
end

local function exec_failure(self, ended)
  local rules = {}
  for i, entry in ipairs(self:denials() or {}) do rules[i] = entry.rule end
  local hint = #rules > 0 and "; what would allow it: " .. table.concat(rules, " and ") or ""
  return nil, ended.exec_message .. hint, ended.exec_errno
end

local function make_result(self)
  local run = self.core_run
  local ended = run:result()
  if ended.reason == "exec" then return exec_failure(self, ended) end
  local denials, more = self:denials()
  return {
    success = ended.exit_code == 0,
    exit_code = ended.exit_code,
    signal = ended.signal,
    signal_number = ended.signal_number,
    reason = ended.reason,
    limit = ended.limit,
    stdout = run:output(1),
    stderr = run:output(2),
    errors = run:errors(),
    missing = run:missing(),
    unsafe = run:unsafe(),
    denials = denials,
    denials_left_out = more,
    stats = { calls = ended.calls, held = ended.held, errors = ended.errors },
  }
end

--- What the static layer refused until now, and how many calls more found no room; nil
-- without explain.
function Process:denials()
  if not self.explains then return nil end
  local list, more = self.core_run:refused()
  return require "demilune.refusals".explain(list), more
end

--- How it ended, or nil, message, errno: also while it goes on (EAGAIN).
function Process:result()
  if self.ended then return table.unpack(self.ended, 1, 3) end
  if self.core_run:result().reason == "running" then
    return nil, "the program is still running", self.core.errno "EAGAIN"
  end
  self.ended = { make_result(self) }
  return table.unpack(self.ended, 1, 3)
end

--- Asks the handlers until the run is over, or for so many seconds.
-- Returns as result().
function Process:wait(seconds)
  local ms = seconds and math.ceil(seconds * 1000) or nil
  while not self.ended do
    local over, message, errno = self.core_run:wait(ms)
    if over == nil then return nil, message, errno end
    if over or ms then break end
  end
  return self:result()
end

--- The same, until a signal breaks it off: then it is EAGAIN.
function Process:wait_once()
  local over, message, errno = self.core_run:wait()
  if over == nil then return nil, message, errno end
  return self:result()
end

--- How many calls had a handler until now.
function Process:calls()
  return self.core_run:result().calls
end

--- How many processes the run has now, or nil where /proc cannot be read.
function Process:processes()
  local n = self.core_run:processes()
  return n >= 0 and n or nil
end

--- Asks the handlers of the calls that wait now. true while the run goes on.
function Process:step()
  return not self.ended and self.core_run:step()
end

--- A descriptor that is readable when step() has something to do.
function Process:pollfd()
  return self.core_run:pollfd()
end

--- Ends all that belongs to the run; with a signal, only sends it to all of them.
function Process:kill(signal)
  if signal then return self.core_run:signal(signal, "tree") end
  self.core_run:stop()
  return true
end

--- Stops all that belongs to the run, SIGSTOP.
function Process:pause()
  return self.core_run:signal("SIGSTOP", "tree")
end

--- Lets it go on, SIGCONT.
function Process:resume()
  return self.core_run:signal("SIGCONT", "tree")
end

--- true while a call with this ctx.id is held.
function Process:holds(id)
  return not self.ended and self.core_run:holds(id)
end

--- Decides a held call, by its ctx.id. Returns true, or nil, message, errno.
function Process:release(id, action)
  return self.core_run:release(id, action)
end

--- Notes when and how a process of the run ends. Returns true, false if it is noted
-- already, or nil, message, errno.
function Process:follow(pid)
  return self.core_run:follow(pid)
end

--- The next followed process that ended: { pid, time_ns, exit_code or signal }, or nil.
function Process:next_ended()
  return self.core_run:ended()
end

--- Ends the run if it goes on, waits until nothing of it is left. The result stays.
function Process:close()
  for _, name in ipairs { "stdin", "stdout", "stderr" } do
    if io.type(rawget(self, name)) == "file" then self[name]:close() end
  end
  if not self.ended then
    self.core_run:stop()
    self:wait()
  end
  self.core_run:close()
end

Process.__close = Process.close

return process
