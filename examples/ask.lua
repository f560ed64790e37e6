-- Before each new connection you are asked, at the terminal; other calls go on meanwhile.
sandbox { script = { held_time = "5m" } }

local answers, is_asking = {}, false

local function ask(ctx, what)
  while is_asking do ctx:sleep(0.1) end
  if answers[what] ~= nil then return end
  local terminal <close> = assert(io.open("/dev/tty", "r+"))
  is_asking = true
  local question = ("%s wants to connect to %s. Let it? [y/N] "):format(ctx.comm, what)
  terminal:write((question:gsub("[^ -~]", "?")))	-- the names are the program's
  terminal:flush()
  local is_there = demilune.wait(terminal, "r", 60)
  answers[what] = is_there and (terminal:read "l" or ""):lower() == "y" or false
  is_asking = false
end

on("connect", { on_exception = "deny_eperm" }, function(ctx)
  local to = assert(ctx:sockaddr())
  local what = ("%s:%s"):format(to.address or to.path or to.abstract or "?", to.port or to.family)
  ask(ctx, what)
  return answers[what] and perform() or deny "ECONNREFUSED"
end)
