-- The program reaches one host by TCP, ONE_HOST, and nothing else.
local HOST = os.getenv "ONE_HOST" or "127.0.0.1"

-- Only TCP, and no data before connect: so that is the only way out.
sandbox { net = { connect = { "*" }, bind = {} } }

on("connect", function(ctx)
  local to = ctx:sockaddr()
  if to and to.address == HOST then return perform() end
  printf("refused: %s\n", tostring(ctx))
  return deny "ECONNREFUSED"
end)
