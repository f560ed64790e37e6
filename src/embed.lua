-- Writes the modules named in the arguments as bytecode into a C file, so that the
-- command starts without looking for them: lua/demilune/x.lua is "demilune.x".
-- Line numbers stay in: an error of ours must name its place.

local function module_name(path)
  local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", "")
  return (name:gsub("/", "."))
end

local function bytes(code)
  local out = {}
  for i = 1, #code, 16 do
    out[#out + 1] = (code:sub(i, i + 15):gsub(".", function(c)
      return ("%d,"):format(c:byte())
    end))
  end
  return table.concat(out, "\n")
end

io.write '/* Made by src/embed.lua. */\n#include "embedded.h"\n\n'
local entries = {}
for i, path in ipairs(arg) do
  local code = string.dump(assert(loadfile(path, "t")))
  io.write(("static const unsigned char module_%d[] = {\n%s\n};\n"):format(i, bytes(code)))
  entries[i] = ('\t{ "%s", module_%d, %d },\n'):format(module_name(path), i, #code)
end
io.write("\nconst struct embedded demi_embedded[] = {\n", table.concat(entries),
  "\t{ 0, 0, 0 },\n};\n")
