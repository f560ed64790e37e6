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

local function translate(pattern)
  local out, i = {}, 1
  while i <= #pattern do
    local c = pattern:sub(i, i)
    local class, stop
    if c == "[" then class, stop = set(pattern, i) end
    if pattern:sub(i, i + 1) == "**" then
      out[#out + 1], i = ".*", i + 2
    elseif c == "*" or c == "?" then
      out[#out + 1], i = c == "*" and "[^/]*" or "[^/]", i + 1
    elseif class then
      out[#out + 1], i = class, stop
    else
      if c == "\\" then i = i + 1 end
      out[#out + 1], i = literal(pattern:sub(i, i)), i + 1
    end
  end
  return "^" .. table.concat(out)
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
    local translated = translate(pattern == "/" and pattern or (pattern:gsub("/+$", "")))
    list[#list + 1] = translated .. "$"
    list[#list + 1] = translated .. (pattern == "/" and "" or "/")
  end
  if #list == 0 then return nil, "no patterns" end
  return function(path)
    for _, one in ipairs(list) do
      if path:find(one) then return true end
    end
    return false
  end
end

return glob
