--- The methods of a ctx that are Lua's: decoded structures, and the call as text.
local lifetimes = require "demilune.lifetimes"

local ctx = {}

-- The place of the argument of a kind: the one that is meant, or the only one.
local function find(core, self, kind, method)
  for i, arg in ipairs(core.syscall_args(self.nr) or {}) do
    if arg.kind == kind then return i, arg end
  end
  error(("%s has no argument for %s"):format(self.name, method), 3)
end

-- A dead ctx answers as its other methods do.
local function is_over(self)
  return self.args == nil
end

--- The functions for core.extend_ctx. What decodes is loaded when it is first needed.
function ctx.methods(core)
  local methods = {}
  local constants

  local function names()
    constants = constants or require "demilune.constants".new(core)
    return constants
  end

  local function over()
    return nil, "the call is over", core.errno "ESRCH"
  end

  local function strings(kind)
    return function(self)
      if is_over(self) then return over() end
      local i = find(core, self, kind, kind)
      return require "demilune.structs".strings(self, self.args[i])
    end
  end
  methods.argv = strings "argv"
  methods.envp = strings "envp"

  function methods.unpack(self, format, addr)
    return require "demilune.structs".unpack(self, format, addr)
  end

  function methods.sockaddr(self)
    if is_over(self) then return over() end
    local structs = require "demilune.structs"
    if self.name == "sendmsg" then
      local addr, len, errno = structs.unpack(self, "jI4", self.args.msg)
      if not addr then return nil, len, errno end
      return structs.sockaddr(self, addr, len, names())
    end
    local i, arg = find(core, self, "sockaddr", "sockaddr")
    return structs.sockaddr(self, self.args[i], self.args[arg.ref] << 32 >> 32, names())
  end

  function methods.iov(self)
    if is_over(self) then return over() end
    for i, arg in ipairs(core.syscall_args(self.nr) or {}) do
      if arg.name == "iov" then
        return require "demilune.structs".iov(self, self.args[i], self.args[i + 1])
      end
    end
    error(("%s has no argument for iov"):format(self.name), 2)
  end

  local decode
  function methods.__tostring(self)
    decode = decode or require "demilune.decode"
    return decode.call(self, core, names())
  end

  methods.__process = lifetimes.new()

  return methods
end

return ctx
