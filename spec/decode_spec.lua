local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local ADDRESS = "^0x%x+$"

-- The lines from one getppid to the next: what spec/calls.c makes.
local function between(lines)
  local list, is_inside = {}, false
  for line in lines:gmatch "[^\n]+" do
    if line:find "^getppid" then
      if is_inside then return list end
      is_inside = true
    elseif is_inside then
      list[#list + 1] = line
    end
  end
  error "no getppid"
end

-- 'name(a, {b, c}, "d, e")' -> name, { "a", "{b, c}", '"d, e"' }
local function split(line)
  local name, rest = line:match "^([%w_]+)(%b())"
  local list, depth, from, i = {}, 0, 2, 2
  while i < #rest do
    local c = rest:sub(i, i)
    if c == '"' then
      repeat i = i + (rest:sub(i, i + 1):find '\\.' and 2 or 1) until rest:sub(i, i) == '"'
    elseif c:find "[%[{(]" then depth = depth + 1
    elseif c:find "[%]})]" then depth = depth - 1
    elseif c == "," and depth == 0 then
      list[#list + 1] = rest:sub(from, i - 1)
      from = i + 2
    end
    i = i + 1
  end
  if from < #rest then list[#list + 1] = rest:sub(from, -2) end
  return name, list
end

-- Flags are a set, and a comment is none of ours.
local function normal(text)
  text = text:gsub(" /%*.-%*/", "")
  if text:find "^[%u%d_x|]+$" then
    local words = {}
    for word in text:gmatch "[^|]+" do words[#words + 1] = word end
    table.sort(words)
    text = table.concat(words, "|")
  end
  return text
end

-- What only strace can show, after the call.
local function is_filled(name, place)
  local args = core.syscall_args(core.syscall_number(name))
  return args[place] and args[place].kind == "out"
end

local function differences(ours, theirs)
  local name, mine = split(ours)
  local other, yours = split(theirs)
  if name ~= other or #mine ~= #yours then return ours .. "\n" .. theirs end
  for i, text in ipairs(mine) do
    local is_same = normal(text) == normal(yours[i])
    if not is_same and not (is_filled(name, i) and (text == "NULL" or text:find(ADDRESS))) then
      return ("%s\n%s\nargument %d"):format(ours, theirs, i)
    end
  end
end

-- A handler sees no call that the static layer denies: here all are to be seen.
local function all_allowed()
  local allow = {}
  for _, denial in ipairs(core.sandbox():denials()) do
    if core.syscall_number(denial.syscall) then allow[#allow + 1] = denial.syscall end
  end
  return { allow = allow }
end

local function ours()
  local dir <close> = helper.scratch()
  local lines = {}
  local box = demilune.sandbox { cwd = dir:path(), log = false, syscalls = all_allowed() }
  local program = assert(io.popen("readlink -f " .. helper.program "calls")):read "l"
  local result = assert(box:run_with_handlers({ "setarch", "-R", program }, {
    { "*", function(ctx) lines[#lines + 1] = tostring(ctx) return demilune.continue() end },
  }))
  assert.same({}, result.errors)
  return table.concat(lines, "\n")
end

local function strace()
  local dir <close> = helper.scratch()
  local out <close> = helper.scratch()
  os.execute(("program=$(readlink -f %s) && cd %s && setarch -R strace -o %s $program"):format(
    helper.program "calls", dir:path(), out:path "lines"))
  return out:read "lines"
end

describe("a call as text", function()
  it("is what strace shows of the same call", function()
    local mine, theirs = between(ours()), between(strace())
    local wrong = {}
    assert.equal(#theirs, #mine)
    assert.is_true(#mine >= 60)
    for i = 1, #mine do wrong[#wrong + 1] = differences(mine[i], theirs[i]) end
    assert.equal("", table.concat(wrong, "\n\n"))
  end)
end)
