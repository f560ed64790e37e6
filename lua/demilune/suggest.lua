--- "did you mean": the nearest name in a list. Pure.

local suggest = {}

-- Edits between a and b: insert, delete, replace, swap two neighbours.
local function distance(a, b)
  local rows = { {}, {}, {} }
  for j = 0, #b do rows[1][j] = j end
  for i = 1, #a do
    local before, above, row = rows[(i + 1) % 3 + 1], rows[(i - 1) % 3 + 1], rows[i % 3 + 1]
    row[0] = i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same and 0 or 1))
      local swapped = i > 1 and j > 1 and a:byte(i) == b:byte(j - 1)
        and a:byte(i - 1) == b:byte(j)
      row[j] = swapped and math.min(best, before[j - 2] + 1) or best
    end
  end
  return rows[#a % 3 + 1][#b]
end

--- The name of list that is nearest to word, or nil if none is near: a third of
-- its letters may differ.
function suggest.nearest(word, list)
  local best, best_distance = nil, math.max(1, #word // 3) + 1
  for _, name in ipairs(list) do
    if math.abs(#name - #word) < best_distance then
      local d = distance(word:lower(), name:lower())
      if d < best_distance then best, best_distance = name, d end
    end
  end
  return best
end

--- ', did you mean "name"?', or "".
function suggest.hint(word, list)
  local nearest = type(word) == "string" and suggest.nearest(word, list)
  return nearest and (', did you mean "%s"?'):format(nearest) or ""
end

--- The keys of a table that are strings, in order: a list to suggest from.
function suggest.keys(t)
  local keys = {}
  for key in pairs(t) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

return suggest
