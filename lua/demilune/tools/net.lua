--- demilune net: who is contacted, what is bound.
tool {
  summary = "which addresses are contacted and bound",
  usage = "demilune net -- COMMAND [ARGUMENT...]",
}

local observe = observer()
local log = require "demilune.log"

local uses, order = {}, {}

watch({ "connect", "bind", "sendto", "sendmsg" }, function(ctx)
  local host = observe:host(ctx)
  if not host then return end
  local comm = ctx.comm or "?"
  local key = ("%s\0%s\0%s"):format(ctx.name, host, comm)
  if not uses[key] then
    uses[key] = { call = ctx.name, address = host, comm = comm, calls = 0 }
    order[#order + 1] = uses[key]
  end
  uses[key].calls = uses[key].calls + 1
end)

at_exit(function()
  for _, use in ipairs(order) do
    event("net", use, function()
      return ("%5d  %-8s %-15s  %s"):format(use.calls, use.call, log.line(use.comm),
        log.line(use.address))
    end)
  end
end)
