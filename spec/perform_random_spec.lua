local demilune = require "demilune"
local helper = require "spec.helper"

local calls = {
  "access", "chmod", "chown", "creat", "faccessat", "faccessat2", "fchmodat", "fchownat",
  "lchown", "link", "linkat", "lstat", "mkdir", "mkdirat", "mknod", "mknodat", "newfstatat",
  "open", "openat", "openat2", "readlink", "readlinkat", "rename", "renameat", "renameat2",
  "rmdir", "stat", "statx", "symlink", "symlinkat", "truncate", "unlink", "unlinkat", "utimensat",
}
-- Deep enough that no chain of ".." leaves the scratch directory.
local deep = "1/2/3/4/5/6/7/8/9/10/11/12"
local tree = "find tree -printf '%p %y %m %U %G %n %l' \\( -type d -printf '\\n' -o "
  .. "-printf ' %s\\n' \\) 2>/dev/null | sort"

-- The output of one sequence and the tree that it leaves, each time in the same place.
local function outcome(dir, command, handlers, settings)
  local place = dir:path("tree/" .. deep)
  os.execute(("mkdir -p %s && chmod -R 777 %s"):format(place, dir:path "tree"))
  local all = { cwd = place, log = false }
  for name, value in pairs(settings or {}) do all[name] = value end
  if all.read then all.write = { dir:path "tree" } end
  local result = assert(demilune.sandbox(all):run_with_handlers(command, handlers))
  local left = helper.shell { "sh", "-c", "cd " .. dir.root .. "; " .. tree }
  os.execute(("chmod -R u+rwx %s; rm -rf %s"):format(dir:path "tree", dir:path "tree"))
  return result, left.stdout
end

local function assert_same(seed, count, settings)
  local words = { os.getenv "PWD" .. "/" .. helper.program "fileops", tostring(seed),
    tostring(count) }
  local dir <close> = helper.scratch()
  os.execute("chmod 777 " .. dir.root)
  if settings then settings.read[#settings.read + 1] = words[1] end
  local native, native_tree = outcome(dir, words, {}, settings)
  local seen, seen_tree = outcome(dir, words, { { calls, function()
    return demilune.perform()
  end } }, settings)
  assert.equal(0, native.exit_code)
  assert.equal(count, select(2, native.stdout:gsub("\n", "")))
  assert.is_true(seen.stats.calls > count * 0.9)
  assert.equal(native.stdout, seen.stdout)
  assert.equal(native_tree, seen_tree)
end

describe("10,000 random file operations", function()
  it("give the same results and leave the same tree when each is performed", function()
    assert_same(tonumber(os.getenv "SEED") or os.time(), 10000)
  end)

  it("do so also where they went wrong once", function()
    for _, seed in ipairs { 4, 15, 41 } do assert_same(seed, 3000) end
  end)

  it("do so in a sandbox, where another process makes each of them", function()
    helper.needs("Landlock ABI 3", pending)
    assert_same(31, 3000, { read = { "/" }, on_missing = { devices = "degrade" } })
    assert_same(32, 3000, { read = { "/usr", "/lib", "/lib64", "/proc", "/dev", "/etc" } })
  end)
end)
