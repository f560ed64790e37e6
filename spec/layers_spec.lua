--- The layer rule of CONTRIBUTING.md over every include and require, and its sizes.

-- C files by layer; a header belongs to its file. What is not named is the engine's.
local layers = {
  [0] = "util compat denied kernel fail message refusal rule",
  [1] = "action address bytes caps cgroup condition denylist dumpable filter landlock mounts "
    .. "namespace notify place processes procfs rlimits spell syscalls tracee",
  [5] = "main embedded",
}
local ENGINE = 2
local folders = { ["src/perform/"] = ENGINE, ["src/explain/"] = ENGINE,
   ["src/gen/"] = ENGINE, ["src/lua/"] = 3 }

-- Layer 1 does not know itself, but for what is one mechanism in two files: a place is
-- looked up on the mounts that lead to it, an argument is spelled as the tables say.
local one_mechanism = { ["place mounts"] = true, ["spell syscalls"] = true }

local face = { init = true, cli = true }

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function exists(path)
  local file <close> = io.open(path)
  return file ~= nil
end

local function list(command)
  local pipe <close> = assert(io.popen(command))
  local paths = {}
  for path in pipe:lines() do paths[#paths + 1] = path end
  return paths
end

local layer_of = {}
for layer, names in pairs(layers) do
  for name in names:gmatch "%S+" do layer_of[name] = layer end
end

local function stem(path)
  return path:match "([^/]+)%.[ch]$"
end

local function c_layer(path)
  for folder, layer in pairs(folders) do
    if path:sub(1, #folder) == folder then return layer end
  end
  return layer_of[stem(path)] or ENGINE
end

--- Says what is wrong with an include of the C file at path, or nothing.
local function judge_include(path, name)
  local from, own = c_layer(path), path:match "^(.*/)" .. name
  if from == 3 then
    local is_own = exists(own)
    local is_kernel = name:find "^linux/" or name == "sys/syscall.h"
    if not is_own and (is_kernel or exists("src/" .. name)) then
      return "the border knows demilune.h, Lua's headers and libc only"
    end
    return
  end
  if name:find "^lua" or name == "lauxlib.h" then
    return from < 3 and "the engine never sees a lua_State"
  end
  local target = exists(own) and own or "src/" .. name
  if not exists(target) then return end	-- the system's
  local to = c_layer(target)
  if to > from then return ("layer %d includes layer %d"):format(from, to) end
  local both = stem(path) .. " " .. stem(target)
  if from == 1 and to == 1 and stem(path) ~= stem(target) and not one_mechanism[both] then
    return "in layer 1 the files do not know each other"
  end
end

--- Says what is wrong with a require of the Lua module at path, or nothing.
local function judge_require(path, name)
  local module = path:match "lua/demilune/(.*)%.lua$"
  local is_face = face[module] or module:find "^commands/"
  if name == "demilune.core" and not is_face then return "pure Lua must not require C" end
  local target = name == "demilune" and "init" or name:match "^demilune%.(.*)$" or ""
  local is_up = face[target] or target:find "^commands%."
  if is_up and not is_face then return "pure Lua must not require the face" end
end

local function check(paths, pattern, judge)
  local wrong = {}
  for _, path in ipairs(paths) do
    for name in read(path):gmatch(pattern) do
      local why = judge(path, name)
      if why then wrong[#wrong + 1] = ("%s: %s: %s"):format(path, name, why) end
    end
  end
  return wrong
end

local c_files = list "find src include -name '*.[ch]' | sort"
local lua_files = list "find lua -name '*.lua' | sort"

describe("the layers", function()
  it("name files that are there", function()
    for name in pairs(layer_of) do
      assert(exists(("src/%s.c"):format(name)) or exists(("src/%s.h"):format(name)), name)
    end
  end)

  it("have no include that points upward", function()
    assert.same({}, check(c_files, '#include ["<]([^">]+)[">]', function(path, name)
      if path:find "^src/" then return judge_include(path, name) end
      local allowed = { ["stddef.h"] = true, ["stdint.h"] = true, ["sys/types.h"] = true }
      if not allowed[name] then return "the public header needs three headers only" end
    end))
  end)

  it("have no require that points upward", function()
    assert.same({}, check(lua_files, 'require *%(?"([^"]+)"', judge_require))
  end)
end)

describe("a file", function()
  local function too_long(paths, most)
    local long = {}
    for _, path in ipairs(paths) do
      local _, n = read(path):gsub("\n", "")
      if n > most then long[#long + 1] = ("%s: %d lines"):format(path, n) end
    end
    return long
  end

  it("of C has at most 400 lines, an internal header 100, one of Lua 250", function()
    assert.same({}, too_long(list "find src -name '*.c'", 400))
    assert.same({}, too_long(list "find src -name '*.h'", 100))
    assert.same({}, too_long(lua_files, 250))
  end)

  it("has one job: no C function is longer than 50 lines", function()
    local long = {}
    for _, path in ipairs(list "find src -name '*.c'") do
      for body in read(path):gmatch "%)\n{\n(.-)\n}\n" do
        local _, n = body:gsub("\n", "")
        if n >= 50 and not body:find "\tswitch" then
          long[#long + 1] = ("%s: %d lines after %s"):format(path, n, body:match "[^\n]*")
        end
      end
    end
    assert.same({}, long)
  end)
end)
