--- Text for people: columns, cut values. Pure.
local text = {}

local MARK = "…"	-- where something was cut off

--- How many columns a clean text takes, if every character takes one.
function text.width(clean)
  return utf8.len(clean) or #clean
end

--- At most so many columns of a clean text, with a mark if it was longer.
function text.cut(clean, columns)
  if not columns or text.width(clean) <= columns then return clean end
  if columns < 2 then return MARK end
  return clean:sub(1, utf8.offset(clean, columns) - 1) .. MARK
end

local function pad(cell, columns, stands_right)
  local space = (" "):rep(columns - text.width(cell))
  return stands_right and space .. cell or cell .. space
end

--- Lines of a table: rows of clean cells, two spaces between, cut to so many columns or
-- not at all. right[i] is true for a column that stands right, as numbers do.
function text.columns(rows, columns, right)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, text.width(cell))
    end
  end
  for n, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local is_padded = i < #row or right[i]
      cells[i] = is_padded and pad(cell, widths[i], right[i]) or cell
    end
    lines[n] = text.cut(table.concat(cells, "  "), columns)
  end
  return lines
end

--- What stands back on a terminal.
function text.dim(plain)
  return "\27[2m" .. plain .. "\27[0m"
end

return text
