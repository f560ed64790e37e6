--- demilune.spawn { "program", "argument" }: a handler asks another program. Pure: the
-- core that starts and waits is handed in.

local spawn = {}

--- A function(argv) for handlers: runs a program beside the run, not confined, with no
-- input, and waits for its end while other calls go on. Returns { stdout =, exit_code =,
-- signal = }, or nil, message, errno.
function spawn.new(core)
  return function(argv)
    local child <close>, message, errno = core.spawn(argv)
    if not child then return nil, message, errno end
    local parts = {}
    repeat
      core.wait(child:fd(), "r")
      local bytes
      bytes, message, errno = child:read()
      if not bytes then return nil, message, errno end
      parts[#parts + 1] = bytes
    until bytes == ""
    local exit_code, signal = child:wait()
    return { stdout = table.concat(parts), exit_code = exit_code, signal = signal }
  end
end

return spawn
