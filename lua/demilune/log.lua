--- What demilune says, a line at a time, and how a handler's failure reads. Bytes that
-- a program chose cannot steer the terminal: control characters are escaped.

local log = {}

local function octal(c)
  return ("\\%03o"):format(c:byte())
end

-- U+0080..U+009F steer terminals, too; U+202A..U+202E and U+2066..U+2069 turn the order
-- of what is read around.
local function by_number(c)
  return ("\\u%04x"):format(utf8.codepoint(c))
end

--- text with every byte that is not printable ASCII, newline or tab written as \ooo.
function log.escape_all(text)
  return (text:gsub("[^\9\10\32-\126]", octal))
end

--- text with all that could steer a terminal written as \ooo or \uxxxx, but newline and tab.
function log.escape(text)
  if not text:find "[^\9\10\32-\126]" then return text end
  if not utf8.len(text) then return log.escape_all(text) end
  return (text:gsub("[\0-\8\11-\31\127]", octal):gsub("\xc2[\x80-\x9f]", by_number)
    :gsub("\xe2\x80[\xaa-\xae]", by_number):gsub("\xe2\x81[\xa6-\xa9]", by_number))
end

--- The same on one line: a program's bytes cannot look like a line of ours.
function log.line(text)
  if text:find "^[ -~]*$" then return text end
  return (log.escape(text):gsub("\n", "\\n"):gsub("\t", "\\t"))
end

--- A function that writes "demilune: text" to file, in one write.
function log.to(file)
  return function(text)
    file:write("demilune: ", log.escape(text), "\n")
    file:flush()
  end
end

local outcomes = {
  kill = "the run was killed",
  deny_eperm = "the call failed with EPERM",
  deny_eio = "the call failed with EIO",
  continue = "the call went on",
  ignored = "the call went on",
  deny = "the call failed",
}

--- The lines of one entry of result.errors.
function log.error_text(e)
  local text = ("%s\n  at %s of process %d: %s"):format(log.line(e.message), e.syscall, e.pid,
    outcomes[e.outcome] or e.outcome)
  if e.traceback ~= "" then text = text .. "\n  " .. e.traceback:gsub("\n", "\n  ") end
  return text
end

-- What presets let go on they judge again where it matters.
local function is_preset(place)
  return place:find "demilune/presets%.lua:%d+$" ~= nil
end

--- Says which handlers decided on what the program could still change.
function log.unsafe(say, list)
  for _, one in ipairs(list) do
    if not is_preset(one.handler) then
      say(("%s: %d calls went on after their handler read the program's memory, which "
        .. "another thread can change before the kernel reads it: return perform(), not "
        .. "continue()"):format(one.handler, one.count))
    end
  end
end

--- Says how often each error came that came more than once.
function log.repeats(say, errors)
  for _, e in ipairs(errors) do
    if e.count > 1 then say(("%d times: %s"):format(e.count, log.line(e.message))) end
  end
end

return log
