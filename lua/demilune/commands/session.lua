--- What every command that runs a program has: where its words go, in which form, and
-- for how long it looks.
local core = require "demilune.core"
local output = require "demilune.output"
local quantity = require "demilune.quantity"
local report = require "demilune.report"

local session = {}

local function a_count(value)
  local n = math.tointeger(tonumber(value))
  if n and n > 0 then return n end
  return nil, ('"%s" is no whole, positive number'):format(value)
end

-- seccomp(2): a process puts a filter on itself, nobody else can.
local function refuse_pid(pid)
  return nil, ("a running process cannot be looked at: only a process itself can install "
    .. "a seccomp filter, before its execve. Start the program under demilune, or use "
    .. "strace -p %s"):format(pid)
end

session.options = {
  { names = { "-o" }, key = "output", value = "FILE",
    help = "write what demilune and the policy say to a file" },
  { names = { "--json" }, key = "json", help = "say it as JSON lines, docs/json.md" },
  { names = { "--html" }, key = "html", value = "FILE",
    help = "write a page to look through, too" },
  { names = { "-d" }, key = "duration", value = "DURATION", parse = quantity.milliseconds,
    help = "look for so long; the program goes on" },
  { names = { "-n" }, key = "limit", value = "N", parse = a_count,
    help = "look at the first N events; the program goes on" },
  { names = { "--progress" }, key = "progress",
    help = "show calls, their rate and the number of processes while it runs" },
  { names = { "-q" }, key = "quiet", help = "no warnings" },
  { names = { "-p" }, key = "pid", value = "PID", parse = refuse_pid,
    help = "refused: a running process cannot be looked at" },
}

local Session = {}
Session.__index = Session

-- dkjson is only needed by those who ask for JSON.
local function load_encoder(found)
  if not (found.json or found.html) then return true end
  local ok, json = pcall(require, "demilune.json")
  if ok then return true, json.encode end
  return nil, (found.json and "--json" or "--html") .. " needs the Lua module dkjson"
end

--- From the options that were found. Returns nil, message.
function session.open(found)
  local ok, encode = load_encoder(found)
  if not ok then return nil, encode end
  local out, message = output.open(core, found.output)
  if not out then return nil, message end
  local page, terminal
  -- a line that is written over and over makes sense on a terminal only
  if found.progress then terminal = output.open(core) end
  if terminal and not terminal.columns then terminal = nil end
  if found.html then
    page, message = require "demilune.html".open(core, found.html, encode)
    if not page then return nil, message end
  end
  return setmetatable({
    out = out, page = page, terminal = terminal, found = found, started_ns = core.clock "monotonic",
    report = report.new(core, out, { encode = found.json and encode, page = page,
      limit = found.limit }),
  }, Session)
end

local TICK_MS = 500

local function show_progress(self, process, is_last)
  local ns = core.clock "monotonic" - self.started_ns
  local calls = process:calls()
  local processes = process:processes()
  local text = ("%d calls, %.0f a second, %s processes, %.0f s"):format(calls,
    calls / (ns / 1e9), processes or "?", ns / 1e9)
  self.terminal:write("\r\27[K", text, is_last and "\r\27[K" or "")
end

--- Waits for the end of the run, as process:wait(); on_duration() is called when the
-- time to look is over.
function Session:wait(process, on_duration)
  local duration = self.found.duration
  local tick = self.terminal and TICK_MS or duration
  local ends_ns = duration and self.started_ns + duration * 1000000
  if not tick then return process:wait() end
  core.alarm(math.min(tick, duration or tick))
  local result, message, errno
  repeat
    result, message, errno = process:wait_once()
    if self.terminal then show_progress(self, process, result ~= nil) end
    if ends_ns and core.clock "monotonic" >= ends_ns then
      ends_ns = nil
      self.report:close_events()
      if not self.terminal then core.alarm(0) end
      if not result then on_duration() end
    end
  until result or errno ~= core.errno "EAGAIN"
  core.alarm(0)
  return result, message, errno
end

--- The last word: what is left is written, also the page. Returns true, or nil, message.
function Session:close()
  local ok, message = true, nil
  if self.page then ok, message = self.page:close() end
  if self.terminal then self.terminal:close() end
  self.out:close()
  return ok, message
end

return session
