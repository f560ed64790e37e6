--- What a run tells: events, aggregates, what a policy prints, failures, the end. As
-- lines of text, or as JSON lines (docs/json.md), and for the HTML page too.
local text = require "demilune.text"

local report = {}

--- The version of the JSON lines: it changes when a field changes its meaning.
report.VERSION = 1

-- The page has records of its own for what the program did.
local on_page = { action = true, error = true, exit = true, aggregate = true, print = true }

-- The order of the fields of a line: every time the same.
local order = { "v", "type", "time_ns", "ended_ns", "pid", "tgid", "parent", "depth", "comm",
  "call", "text", "result", "action", "path", "how", "address", "argv", "kind", "title", "rows",
  "key", "value", "from", "to", "errno", "port", "count", "rule", "message", "outcome",
  "traceback", "reason", "exit_code",
  "signal", "is_replaced", "calls", "left_out", "status" }

local Report = {}
Report.__index = Report

--- A report on out, an output or a file. how: encode (demilune.json's: write JSON),
-- page (demilune.html's: collect), limit (of events).
function report.new(core, out, how)
  how = how or {}
  return setmetatable({
    core = core, out = out, encode = how.encode, page = how.page, limit = how.limit or math.huge, n = 0,
  }, Report)
end

local function record(self, kind, fields)
  local line = { v = report.VERSION, type = kind }
  for key, value in pairs(fields) do line[key] = value end
  if self.encode then self.out:write(self.encode(line, order), "\n") end
  if self.page and on_page[kind] then self.page:add(line) end
end

--- true while events are taken.
function Report:is_open()
  return self.n < self.limit
end

--- No event is taken any more.
function Report:close_events()
  self.limit = self.n
end

--- One thing that the program did. show(fields) gives its line for people, and how many
-- bytes of it, from its start, are beside the point.
function Report:event(kind, fields, show)
  if self.n >= self.limit then return end
  self.n = self.n + 1
  fields.time_ns = fields.time_ns or self.core.clock "realtime"
  if self.encode or self.page then record(self, kind, fields) end
  if not self.encode and show then self:line(show(fields)) end
end

--- A line that is cut to the terminal; its first dim bytes stand back.
function Report:line(line, dim)
  local columns = self.out.columns
  if not columns then
    self.out:write(line, "\n")
    return
  end
  line = text.cut(line, columns)
  if dim and self.out:has_colours() then
    line = text.dim(line:sub(1, dim)) .. line:sub(dim + 1)
  end
  self.out:write(line, "\n")
end

--- What a policy prints, line ends included.
function Report:print(words)
  if self.encode or self.page then
    record(self, "print", { text = (words:gsub("\n$", "")) })
  end
  if not self.encode then self.out:write(words) end
end

--- An aggregate.
function Report:aggregate(one, options)
  if self.encode or self.page then
    record(self, "aggregate", {
      kind = one.name, title = options.title or one.title, rows = one:rows(options.top),
    })
  end
  if self.encode then return end
  local lines = one:lines(options, self.out.columns)
  if #lines > 0 then self.out:write(table.concat(lines, "\n"), "\n") end
end

--- A failure of a handler; people read it in the log.
function Report:failure(e)
  if self.encode or self.page then
    record(self, "error", {
      message = e.message, call = e.syscall, pid = e.pid, outcome = e.outcome,
      traceback = e.traceback, time_ns = self.core.clock "realtime",
    })
  end
end

--- What the static layer refused: entries of demilune.refusals.
function Report:denials(list, left_out)
  if self.encode or self.page then
    for _, entry in ipairs(list) do
      record(self, "denial", {
        kind = entry.kind, call = entry.syscall, pid = entry.pid, errno = entry.errno,
        path = entry.path, port = entry.port, count = entry.count, rule = entry.rule,
      })
    end
  end
  if self.encode then return end
  for _, line in ipairs(require "demilune.refusals".lines(list, left_out)) do
    self.out:write(line, "\n")
  end
end

--- The program has started.
function Report:start(pid, argv)
  local time_ns = self.core.clock "realtime"
  if self.encode then record(self, "start", { pid = pid, argv = argv, time_ns = time_ns }) end
  if self.page then
    self.page:add { type = "start", time_ns = time_ns, command = table.concat(argv, " ") }
  end
end

--- How the run ended.
function Report:exit(result, status)
  if self.encode or self.page then
    record(self, "exit", {
      reason = result.reason, exit_code = result.exit_code, signal = result.signal,
      status = status,
      left_out = self.page and self.page.left_out, calls = result.stats.calls, time_ns = self.core.clock "realtime",
    })
  end
end

return report
