local helper = require "spec.helper"

-- The "$ command" lines of docs/cookbook.md, each with its title and what it printed.
local function recipes()
  local list, title, current = {}, nil, nil
  for line in io.lines "docs/cookbook.md" do
    title = line:match "^## (.*)" or title
    if line:find "^%$ " then
      current = { title = title, command = line:sub(3), lines = {} }
      list[#list + 1] = current
    elseif line == "```" then
      current = nil
    elseif current then
      table.insert(current.lines, line)
    end
  end
  return list
end

-- What differs from run to run, or from machine to machine, is its numbers.
local function plain(line)
  return (line:gsub("0x%x+", "0"):gsub("%d+", "0"):gsub("@+ *", ""):gsub("[ \t]+", " "))
end

local function run(command)
  local dir <close> = helper.scratch()
  local pwd <close> = io.popen "pwd"
  local bin = helper.build:sub(1, 1) == "/" and helper.build or pwd:read "l" .. "/" .. helper.build
  local seen = helper.shell { "env", "-i", "PATH=" .. bin .. "/bin:/usr/bin:/bin", "LC_ALL=C",
    "HOME=/nonexistent", "sh", "-c", ("cd %s; { %s\n} 2>&1"):format(dir.root, command) }
  local lines = {}
  for line in (seen.stdout:gsub(dir.root:gsub("%p", "%%%0"), "/work")):gmatch "[^\n]+" do
    lines[#lines + 1] = plain(line)
  end
  return lines
end

-- The place after the lines that were promised, or nil and the one that was not found;
-- "..." skips any number of them.
local function match(promised, seen)
  local at, is_skipping = 1, false
  for _, line in ipairs(promised) do
    if line == "..." then
      is_skipping = true
    else
      while is_skipping and at <= #seen and seen[at] ~= plain(line) do at = at + 1 end
      if seen[at] ~= plain(line) then return nil, line end
      at, is_skipping = at + 1, false
    end
  end
  return at
end

describe("the cookbook", function()
  local list = recipes()

  it("has 27 recipes", function() assert.equal(27, #list) end)

  for _, recipe in ipairs(list) do
    it(recipe.title .. " prints what it says", function()
      if recipe.command:find " execs " then helper.needs("Linux 6.15", pending) end
      local seen = run(recipe.command)
      local at, missing = match(recipe.lines, seen)
      local text = table.concat(seen, "\n")
      assert.is_nil(missing, ("%s\nis not in\n%s"):format(missing, text))
      assert.equal(#seen + 1, at, "there is more:\n" .. text)
    end)
  end
end)
