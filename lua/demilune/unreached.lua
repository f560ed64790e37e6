--- Handlers that nobody will ask. Pure.
local handlers = require "demilune.handlers"

local unreached = {}

--- Lines about handlers that stand behind one that decides each call.
function unreached.lines(list)
  local lines, ended = {}, {}
  for _, entry in ipairs(list) do
    local handler, names, by = entry.handler, {}, nil
    for _, nr in ipairs(entry.numbers) do
      local name = list.core.syscall_name(nr)
      if ended[nr] and not handler.watch then names[#names + 1], by = name, ended[nr] end
      if handler.ends and not entry.conditions and handler.ends(name) then
        ended[nr] = ended[nr] or handlers.place_of(handler)
      end
    end
    if by then
      lines[#lines + 1] = ("%s is never asked about %s: %s stands before it and decides each; "
        .. "put it first"):format(handlers.place_of(handler), table.concat(names, ", "), by)
    end
  end
  return lines
end

return unreached
