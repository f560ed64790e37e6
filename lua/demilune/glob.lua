--- Path patterns. Pure. * and ? stop at a slash, ** does not; [a-z] and [!a-z] are
-- sets; \ takes the next byte as it is. A pattern that matches a directory covers all
-- that is beneath it.

local glob = {}

local magic = "[%^%$%(%)%%%.%[%]%*%+%-%?]"

local function literal(c)
  return (c:gsub(magic, "%%%0"))
end

-- The Lua pattern of "[...]" that starts at i, and where it ends; nil without an end.
local function set(pattern, i)
  local negated, body, stop = pattern:match("^%[([!^]?)(%]?[^%]]*)%]()", i)
  if not body then return nil end
  return ("[%s%s]"):format(negated == "" and "" or "^/", (body:gsub("[%%%]%[%^]", "%%%0"))), stop
end

-- The parts of a pattern: { one = the Lua class of a byte, many = true }.
local function parts(pattern)
  local out, i = {}, 1
  while i <= #pattern do
    local c = pattern:sub(i, i)
    local class, stop
    if c == "[" then class, stop = set(pattern, i) end
    if pattern:sub(i, i + 1) == "**" then
      out[#out + 1], i = { one = ".", many = true }, i + 2
    elseif c == "*" or c == "?" then
      out[#out + 1], i = { one = "[^/]", many = c == "*" }, i + 1
    elseif class then
      out[#out + 1], i = { one = class }, stop
    else
      if c == "\\" then i = i + 1 end
      out[#out + 1], i = { one = literal(pattern:sub(i, i)) }, i + 1
    end
  end
  return out
end

local function translate(pattern)
  local out = {}
  for i, part in ipairs(parts(pattern)) do out[i] = part.one .. (part.many and "*" or "") end
  return "^" .. table.concat(out)
end

local function trim(pattern)
  return pattern == "/" and pattern or (pattern:gsub("/+$", ""))
end

-- Which parts of a pattern may come next after text: a set, with ALL when whatever
-- follows matches.
local ALL = "all"

local function states(list, text)
  local now = {}
  local function enter(to, i)
    while not to[i] do
      to[i] = true
      if not (list[i] and list[i].many) then return end
      i = i + 1
    end
  end
  enter(now, 1)
  for c in text:gmatch "." do
    local following = { [ALL] = now[ALL] }
    for i in pairs(now) do
      local part = list[i]
      if i == #list + 1 and c == "/" then following[ALL] = true end
      if part and c:find("^" .. part.one) then enter(following, part.many and i or i + 1) end
    end
    now = following
  end
  return now
end

-- Lua tries every length of one * for every length of another: minutes for a path that a
-- program made for that. In one pass over the path it is slower, but never more.
local function is_costly(list)
  local stars, deep = 0, 0
  for _, part in ipairs(list) do
    if part.many then stars = stars + 1 end
    if part.many and part.one == "." then deep = deep + 1 end
  end
  return stars > 2 or deep > 1
end

local function one_pass(list)
  return function(path) return states(list, path .. "/")[ALL] end
end

local function by_lua(pattern)
  local whole = translate(pattern)
  local exactly, beneath = whole .. "$", whole .. (pattern == "/" and "" or "/")
  return function(path) return path:find(exactly) or path:find(beneath) end
end

--- A function(path) that says whether path, or a directory above it, matches one of
-- the patterns (a string or a list). Returns nil, message for what is no pattern.
function glob.matcher(patterns)
  local list = {}
  for i, pattern in ipairs(type(patterns) == "table" and patterns or { patterns }) do
    if type(pattern) ~= "string" or pattern == "" then
      return nil, ("pattern %d is %s, not a path pattern"):format(i,
        pattern == "" and "empty" or "a " .. type(pattern))
    end
    local units = parts(trim(pattern))
    list[i] = is_costly(units) and one_pass(units) or by_lua(trim(pattern))
  end
  if #list == 0 then return nil, "no patterns" end
  return function(path)
    for _, matches in ipairs(list) do
      if matches(path) then return true end
    end
    return false
  end
end

--- A function(from, to) that says whether all that matches one of the patterns (of
-- glob.matcher) beneath the directory from would do so beneath to.
function glob.keeper(patterns)
  local lists = {}
  for i, pattern in ipairs(patterns) do lists[i] = parts(trim(pattern)) end
  return function(from, to)
    for _, list in ipairs(lists) do
      local after = states(list, to .. "/")
      for state in pairs(states(list, from .. "/")) do
        if not after[state] and not after[ALL] then return false end
      end
    end
    return true
  end
end

--- A pattern about links would never match where they lead: what is plain at its start
-- is looked up by real_path(path), which returns nil for what is not there.
function glob.resolve(pattern, real_path)
  local plain = pattern:match "^[^*?%[\\]*"
  if plain ~= pattern then plain = plain:match "^(.*/)" or "" end
  local rest = pattern:sub(#plain + 1)
  while plain:find "[^/]" do
    local real = real_path(plain)
    if real then
      local slash = (rest == "" or rest:sub(1, 1) == "/" or real == "/") and "" or "/"
      return real:gsub("[*?%[\\]", "\\%0") .. slash .. rest
    end
    local parent, name = plain:match "^(.-)([^/]+/*)$"
    plain, rest = parent, name .. rest
  end
  return pattern
end

return glob
