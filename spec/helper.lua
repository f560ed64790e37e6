--- What the specs share: the probe under a handler, the command, scratch directories.
local core = require "demilune.core"
local demilune = require "demilune"

local helper = {}

helper.build = os.getenv "DEMILUNE_BUILD" or "build"
helper.demilune = helper.build .. "/bin/demilune"

local function quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

--- The path of a program built from spec/NAME.c.
function helper.program(name)
  return ("%s/spec/%s"):format(helper.build, name)
end

--- "getppid" or { "openat", -100, "/etc/hostname", 0 }: the words for the probe.
function helper.probe(call)
  local words = { helper.program "probe" }
  for _, word in ipairs(type(call) == "table" and call or { call }) do
    words[#words + 1] = tostring(word)
  end
  return words
end

--- Makes one call under one handler (a function, a table for demilune.handler, or nil).
-- Returns the result with what the program saw: .result, .errno (a name) and .bytes.
function helper.run(call, handler, settings)
  settings = settings or {}
  settings.log = settings.log or false
  local name = type(call) == "table" and call[1] or call
  local list = handler and { { name, handler } } or {}
  local seen = assert(demilune.sandbox(settings):run_with_handlers(helper.probe(call), list))
  local result, errno, bytes = seen.stdout:match "^(%-?%d+) (%w+) (.-)\n"
  seen.result, seen.errno, seen.bytes = math.tointeger(tonumber(result)), errno, bytes
  return seen
end

--- Runs words as a command in a shell. Returns { status =, stdout =, stderr = }.
-- how.stdin is a text, how.redirect more of the shell's own words.
function helper.shell(words, how)
  how = how or {}
  local line = {}
  for i, word in ipairs(words) do line[i] = quote(word) end
  local out <close> = helper.scratch()
  local input = out:path "in"
  local file = assert(io.open(input, "w"))
  file:write(how.stdin or "")
  file:close()
  local _, _, status = os.execute(("%s <%s >%s 2>%s %s"):format(table.concat(line, " "),
    input, out:path "out", out:path "err", how.redirect or ""))
  return { status = status, stdout = out:read "out", stderr = out:read "err" }
end

--- Runs the command demilune with these arguments; as helper.shell.
function helper.command(...)
  return helper.shell { helper.demilune, ... }
end

local Scratch = {}
Scratch.__index = Scratch

--- A directory of its own that goes away with its variable: local d <close> = ...
function helper.scratch()
  local path = os.tmpname()
  os.remove(path)
  assert(os.execute("mkdir -m 755 " .. quote(path)))
  return setmetatable({ root = path }, Scratch)
end

function Scratch:path(name)
  return name and self.root .. "/" .. name or self.root
end

function Scratch:read(name)
  local file <close> = assert(io.open(self:path(name), "rb"))
  return file:read "a"
end

--- Writes a file, returns its path.
function Scratch:write(name, text)
  local file <close> = assert(io.open(self:path(name), "wb"))
  file:write(text)
  return self:path(name)
end

function Scratch:__close()
  os.execute("rm -rf " .. quote(self.root))
end

-- Not by io.popen: our end of its pipe may still be open, or not, while the command looks.
local function count(command)
  local dir <close> = helper.scratch()
  os.execute(("%s >%s"):format(command, dir:path "count"))
  return tonumber(dir:read "count")
end

--- How many descriptors and children this process has: both must be the same after.
function helper.census()
  collectgarbage()	-- what a finalizer refers to lives for one more cycle
  collectgarbage()
  return {
    descriptors = count "ls /proc/$PPID/fd | wc -l",
    children = count "ps --no-headers --ppid $PPID | wc -l",
  }
end

-- What a spec may need of the kernel, by name; each protection of on_missing, too.
local features = {
  ["Landlock ABI 3"] = function(f) return f.landlock_abi >= 3 end,
  -- PIDFD_GET_INFO: it cannot be tried without a process that ended
  ["Linux 6.15"] = function(f)
    local major, minor = f.release:match "^(%d+)%.(%d+)"
    return tonumber(major) * 1000 + tonumber(minor) >= 6015
  end,
}

--- Makes the spec pending where the kernel lacks something. pending is busted's, which it
-- has in specs alone.
function helper.needs(name, pending)
  local found = core.features()
  local is_there = features[name] and features[name](found)
  for _, protection in ipairs(found.protections) do
    if protection.name == name then is_there = protection.is_there end
  end
  assert(is_there ~= nil, name)
  if not is_there then pending(("this kernel lacks what %q is about"):format(name)) end
end

--- true when no process has this text in its command line.
function helper.is_gone(text)
  return not os.execute(("pgrep -f -- %s >/dev/null"):format(quote("[" .. text:sub(1, 1) .. "]"
    .. text:sub(2))))
end

--- Waits until condition() holds, at most so many seconds. Returns whether it did.
function helper.eventually(condition, seconds)
  local deadline = os.time() + (seconds or 10)
  repeat
    if condition() then return true end
    os.execute "sleep 0.02"
  until os.time() > deadline
  return false
end

--- false on a machine that gives an ordinary user no namespaces: nothing to be tried.
function helper.has_namespaces()
  local seen = demilune.sandbox { map_root = true, log = false }:run { "true" }
  if not seen then pending "no user namespaces for us here" end
  return seen ~= nil
end

return helper
