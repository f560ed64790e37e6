--- The programs of spec/attacks, tried in a sandbox and without one.
local demilune = require "demilune"
local helper = require "spec.helper"

local attack = {}

-- The working directory may be one that isolation hides.
local build = os.getenv "PWD" .. "/" .. helper.build

--- What a dynamically linked program needs, and the attacks themselves.
attack.base = { "/usr", "/lib", "?/lib64", "/bin", "?/etc/ld.so.cache", build }

--- The absolute path of an attack.
function attack.program(name)
  return ("%s/spec/attacks/%s"):format(build, name)
end

--- The words of an attack: "tcp", 80, 81.
function attack.words(name, ...)
  local words = { attack.program(name) }
  for _, word in ipairs { ... } do words[#words + 1] = tostring(word) end
  return words
end

--- "name: got" lines as a table.
function attack.parse(text)
  local seen = {}
  for name, what in text:gmatch "([^\n]-): (%w+)\n" do seen[name] = what end
  assert(next(seen), "the attack said nothing: " .. text)
  return seen
end

--- Tries an attack in a sandbox with these settings.
function attack.confined(settings, ...)
  settings.log = settings.log or false
  local result = assert(demilune.sandbox(settings):run(attack.words(...)))
  return attack.parse(result.stdout .. result.stderr)
end

--- Tries it without one.
function attack.free(...)
  local result = helper.shell(attack.words(...))
  return attack.parse(result.stdout .. result.stderr)
end

--- attack.base and more.
function attack.also(...)
  local list = table.move(attack.base, 1, #attack.base, 1, {})
  for _, path in ipairs { ... } do list[#list + 1] = path end
  return list
end

--- The names of those tries that got something, in order, as one text.
function attack.got(seen)
  local names = {}
  for name, what in pairs(seen) do
    if what == "got" then names[#names + 1] = name end
  end
  table.sort(names)
  return table.concat(names, ", ")
end

--- The names of those tries that got nothing.
function attack.refused(seen)
  local names = {}
  for name, what in pairs(seen) do
    if what ~= "got" then names[#names + 1] = ("%s (%s)"):format(name, what) end
  end
  table.sort(names)
  return table.concat(names, ", ")
end

return attack
