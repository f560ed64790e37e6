--- --begin, --on and --end: pieces of Lua from the command line, in one policy. They
-- share what they set: no local is needed, nor would another piece see it.
local oneliner = {}

-- A body starts on line 1 of its own: errors name "(--on openat):1".
local function compile(loaded, option, prefix, body)
  return loaded:compile(prefix .. body, ("=(%s)"):format(option))
end

-- "openat,close" is two calls.
function oneliner.split(set)
  local list = {}
  for name in set:gmatch "[^,]+" do list[#list + 1] = name end
  return list
end

-- A body without "return" can decide nothing: then its errors need not touch the
-- program either. One that may decide fails closed, as any handler does.
local function register(loaded, set, body)
  local fn, message = compile(loaded, "--on " .. set, "local ctx = ... ", body)
  if not fn then return nil, message end
  if not body:find "%f[%w_]return%f[^%w_]" then
    return loaded.handlers:add(oneliner.split(set), { handle = fn, watch = true })
  end
  local continue = loaded.env.continue
  return loaded.handlers:add(oneliner.split(set), function(ctx)
    local action = fn(ctx)
    -- CONTINUE: the body decided nothing, it only looked
    if action == nil then return continue() end
    return action
  end)
end

local function at_end(loaded, body)
  local fn, message = compile(loaded, "--end", "local result = ... ", body)
  if not fn then return nil, message end
  table.insert(loaded.at_exit, fn)
  return true
end

--- Puts them into a policy. Returns true, or nil, message.
function oneliner.load(loaded, found)
  loaded.is_loose = true
  for _, body in ipairs(found.begin or {}) do
    local ok, message = loaded:load(body, "=(--begin)")
    if not ok then return nil, message end
  end
  for _, pair in ipairs(found.on or {}) do
    local ok, message = register(loaded, pair[1], pair[2])
    if not ok then return nil, ("--on %s: %s"):format(pair[1], message) end
  end
  for _, body in ipairs(found.finish or {}) do
    local ok, message = at_end(loaded, body)
    if not ok then return nil, message end
  end
  return true
end

return oneliner
