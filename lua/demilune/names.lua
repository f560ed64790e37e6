--- The names that a piece of Lua reads and that nobody declared. Pure: text in, names out.
-- A look at the words, not at scopes: a name that is declared anywhere counts as declared.

local names = {}

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
  repeat return then true until while]]):gmatch "%a+" do keywords[word] = true end

-- Where what starts at place at and is no code ends: a comment, a string, a number.
local function skip(text, at)
  local level = text:match("^%-?%-?%[(=*)%[", at)
  if level and (text:sub(at, at) == "[" or text:sub(at, at + 1) == "--") then
    local _, last = text:find("]" .. level .. "]", at, true)
    return last or #text
  end
  local _, last = text:find("^%-%-[^\n]*", at)
  if last then return last end
  local quote = text:match("^[\"']", at)
  if quote then
    last = at
    repeat
      last = text:find("[\\" .. quote .. "]", last + 1) or #text
      local is_escape = text:sub(last, last) == "\\"
      if is_escape then last = last + 1 end
    until not is_escape
    return last
  end
  _, last = text:find("^%.?%d[%w.]*", at)
  return last
end

-- { { text =, line = }, ... }: words and signs.
local function tokenize(text)
  local tokens, at, line, counted = {}, 1, 1, 1
  while at <= #text do
    local last = skip(text, at)
    if not last then
      local word = text:match("^[%a_][%w_]*", at) or text:match("^%.%.%.?", at)
        or text:match("^::", at) or text:match("^[=~<>]=", at) or text:match("^%S", at)
      last = at + #(word or " ") - 1
      for _ in text:sub(counted, at - 1):gmatch "\n" do line = line + 1 end
      counted = at
      tokens[#tokens + 1] = word and { text = word, line = line } or nil
    end
    at = last + 1
  end
  return tokens
end

local function is_name(token)
  return token ~= nil and token.text:find "^[%a_]" ~= nil and not keywords[token.text]
end

-- Adds the names of a list: of "local", of "for", of parameters. Attribs are no names.
local function declare(tokens, at, declared)
  while is_name(tokens[at]) do
    declared[tokens[at].text] = true
    at = at + 1
    if tokens[at] and tokens[at].text == "<" then at = at + 3 end
    if not (tokens[at] and tokens[at].text == ",") then return end
    at = at + 1
  end
end

local function find_declared(tokens)
  local declared = { self = true }
  for i, token in ipairs(tokens) do
    local word, following = token.text, tokens[i + 1]
    if word == "for" or word == "local" then
      declare(tokens, following and following.text == "function" and i + 2 or i + 1, declared)
    elseif word == "function" then
      local open = i + 1
      while tokens[open] and tokens[open].text ~= "(" do open = open + 1 end
      declare(tokens, open + 1, declared)
    end
  end
  return declared
end

local no_variable_after = { ["."] = true, [":"] = true, ["::"] = true, ["goto"] = true }
local before_key = { ["{"] = true, [","] = true, [";"] = true }

--- A list of { name =, line = }, each name once, that are not declared in the text and
-- for which is_known(name) is false.
function names.unknown(text, is_known)
  local tokens, seen, unknown = tokenize(text), {}, {}
  local declared = find_declared(tokens)
  for i, token in ipairs(tokens) do
    local word = token.text
    local before, after = (tokens[i - 1] or {}).text, (tokens[i + 1] or {}).text
    local is_key = before_key[before] and after == "="
    local is_attrib = before == "<" and after == ">"
    if is_name(token) and not (declared[word] or seen[word] or is_key or is_attrib
        or no_variable_after[before] or is_known(word)) then
      seen[word] = true
      unknown[#unknown + 1] = { name = word, line = token.line }
    end
  end
  return unknown
end

return names
