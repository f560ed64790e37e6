local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC = 1, 2, 0x40, 0x80, 0x200
local O_DIRECTORY, O_NOFOLLOW, O_PATH = 0x10000, 0x20000, 0x200000
local __O_TMPFILE = 0x400000
if core.features and io.open "/lib/ld-linux-aarch64.so.1" then
  O_DIRECTORY, O_NOFOLLOW = 0x4000, 0x8000	-- asm/fcntl.h of arm64
end
local O_TMPFILE = __O_TMPFILE | O_DIRECTORY
local AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, RENAME_NOREPLACE, RENAME_EXCHANGE =
  -100, 0x200, 0x400, 1, 2
local S_IFIFO, S_IFCHR, S_IFREG = 0x1000, 0x2000, 0x8000

-- in: may be written; ro: read; out: nothing. Every operation finds them as new.
local layout = [[
  rm -rf in ro out && mkdir in ro out in/sub out/sub ro/sub
  for d in in ro out; do echo $d >$d/f; echo x >$d/other; echo >$d/none; chmod 0 $d/none; done
  ln -s ../out/f in/link; ln -s ../in/f out/link; ln -s ../out/new in/dangling
  ln -s loop in/loop; mkfifo out/fifo; mkdir -m 0 out/locked
  cp /bin/true out/run; cp /bin/true ro/run; cp /bin/true in/run
]]

local here = os.getenv "PWD" .. "/" .. helper.build

local function settings(dir, more)
  local all = {
    read = { "/usr", "/lib", "?/lib64", "/bin", "?/etc/ld.so.cache", here, "/proc", dir:path "ro" },
    write = { dir:path "in" }, cwd = dir:path(), log = false,
  }
  for name, value in pairs(more or {}) do
    if type(value) == "table" and all[name] then
      table.move(value, 1, #value, #all[name] + 1, all[name])
    else
      all[name] = value
    end
  end
  return all
end

local function probe(call)
  local words = helper.probe(call)
  words[1] = here .. "/spec/probe"
  return words
end

local function changes(call)
  if call[1] == "newfstatat" then return false end
  return call[1] ~= "openat" or call[4] & (O_CREAT | O_TRUNC) ~= 0
end

local is_changed = true

-- The errno that the program got, and what explain says.
local function try(dir, call, how)
  if is_changed then assert(os.execute(("cd %s && %s"):format(dir:path(), layout))) end
  local result = assert(demilune.sandbox(how):run(probe(call)))
  local errno = result.stdout:match "^%-?%d+ (%w+)"
  is_changed = errno == nil or errno == "0" and changes(call)	-- nil: it is another program now
  return errno or result.reason, result.denials
end

-- 'write = { "/x" }' as a table.
local function parse(rule)
  return load("return { " .. rule .. " }")()
end

-- Everything that a call could run into, each in a directory of its own.
local operations = {}
local function each(call, ...)
  for _, rest in ipairs { ... } do
    operations[#operations + 1] = table.move(rest, 1, #rest, 2, { call })
  end
end

for _, name in ipairs { "in", "ro", "out" } do
  local function of(file) return name .. "/" .. file end
  each("openat", { AT_FDCWD, of "f", 0 }, { AT_FDCWD, of "f", O_WRONLY },
    { AT_FDCWD, of "f", O_RDWR }, { AT_FDCWD, of "f", O_PATH }, { AT_FDCWD, of "f", O_TRUNC },
    { AT_FDCWD, of "new", O_CREAT | O_WRONLY, 420 }, { AT_FDCWD, of "new", O_CREAT, 420 },
    { AT_FDCWD, of "f", O_CREAT | O_EXCL, 420 }, { AT_FDCWD, of "f", O_CREAT, 420 },
    { AT_FDCWD, of "f", O_DIRECTORY }, { AT_FDCWD, of "f/", 0 }, { AT_FDCWD, name, 0 },
    { AT_FDCWD, name, O_WRONLY }, { AT_FDCWD, of "missing", 0 }, { AT_FDCWD, of "none", 0 },
    { AT_FDCWD, of "missing/f", O_CREAT, 420 }, { AT_FDCWD, of "new/", O_CREAT, 420 },
    { AT_FDCWD, name, O_TMPFILE | O_WRONLY, 420 }, { AT_FDCWD, name, O_TMPFILE | O_RDWR, 420 },
    { AT_FDCWD, name, O_TMPFILE, 420 }, { AT_FDCWD, of "sub/..", 0 })
  each("truncate", { of "f", 0 }, { of "f", -1 }, { of "none", 0 }, { name, 0 })
  each("mkdirat", { AT_FDCWD, of "new", 493 }, { AT_FDCWD, of "f", 493 },
    { AT_FDCWD, of "new/", 493 }, { AT_FDCWD, of ".", 493 })
  each("mknodat", { AT_FDCWD, of "new", S_IFIFO | 420 }, { AT_FDCWD, of "new", S_IFREG | 420 },
    { AT_FDCWD, of "new", 420 }, { AT_FDCWD, of "f", S_IFIFO | 420 })
  each("symlinkat", { "x", AT_FDCWD, of "new" }, { "x", AT_FDCWD, of "f" })
  each("unlinkat", { AT_FDCWD, of "f", 0 }, { AT_FDCWD, of "sub", AT_REMOVEDIR },
    { AT_FDCWD, of "missing", 0 }, { AT_FDCWD, of "none", 0 }, { AT_FDCWD, of "f/", 0 },
    { AT_FDCWD, of "sub", 0 }, { AT_FDCWD, of "f", AT_REMOVEDIR }, { AT_FDCWD, of ".", AT_REMOVEDIR })
  for _, to in ipairs { "in", "ro", "out" } do
    each("linkat", { AT_FDCWD, of "f", AT_FDCWD, to .. "/new", 0 })
    each("renameat2", { AT_FDCWD, of "f", AT_FDCWD, to .. "/new", 0 },
      { AT_FDCWD, of "f", AT_FDCWD, to .. "/other", 0 },
      { AT_FDCWD, of "f", AT_FDCWD, to .. "/other", RENAME_EXCHANGE },
      { AT_FDCWD, of "f", AT_FDCWD, to .. "/other", RENAME_NOREPLACE },
      { AT_FDCWD, of "sub", AT_FDCWD, to .. "/moved", 0 })
  end
  each("execve", { of "run", 0, 0 }, { of "f", 0, 0 }, { of "missing", 0, 0 }, { name, 0, 0 })
  each("newfstatat", { AT_FDCWD, of "f", "-", 0 })
end
each("openat", { AT_FDCWD, "in/link", 0 }, { AT_FDCWD, "in/link", O_NOFOLLOW },
  { AT_FDCWD, "in/loop", 0 }, { AT_FDCWD, "out/link", 0 }, { AT_FDCWD, "out/link", O_WRONLY },
  { AT_FDCWD, "in/dangling", 0 }, { AT_FDCWD, "in/dangling", O_CREAT | O_WRONLY, 420 },
  { AT_FDCWD, "in/dangling", O_CREAT | O_EXCL | O_WRONLY, 420 }, { AT_FDCWD, "in/../out/f", 0 },
  { AT_FDCWD, "/proc/self/cwd/out/f", 0 }, { AT_FDCWD, "/proc/self/cwd/ro/f", 0 },
  { AT_FDCWD, "/proc/thread-self/cwd/out/f", O_WRONLY }, { AT_FDCWD, "/proc/self/status", 0 },
  { AT_FDCWD, "/proc/self/fd/1", 0 }, { AT_FDCWD, "/proc/mounts", 0 }, { AT_FDCWD, "", 0 },
  { AT_FDCWD, "/proc/self/exe", 0 }, { AT_FDCWD, "/proc/self/root/etc/passwd", 0 },
  { AT_FDCWD, "/etc/passwd", 0 }, { AT_FDCWD, "/etc/passwd", O_WRONLY },
  { AT_FDCWD, "/dev/null", O_WRONLY }, { AT_FDCWD, "out/fifo", O_RDWR },
  { AT_FDCWD, "out/locked/x", 0 }, { AT_FDCWD, "out/locked/x", O_CREAT, 420 }, { 99, "f", 0 },
  { AT_FDCWD, "/", 0 }, { AT_FDCWD, "..", 0 }, { AT_FDCWD, 0, 0 })
each("linkat", { AT_FDCWD, "in/link", AT_FDCWD, "in/new", AT_SYMLINK_FOLLOW },
  { AT_FDCWD, "in/link", AT_FDCWD, "in/new", 0 }, { AT_FDCWD, "in/f", AT_FDCWD, "in/other", 0 })
each("execveat", { AT_FDCWD, "out/run", 0, 0, 0 }, { AT_FDCWD, "ro/run", 0, 0, 0 })
if core.syscall_number "open" then
  each("open", { "out/f", 0 }, { "in/f", 0 })
  each("creat", { "out/new", 420 }, { "in/new", 420 }, { "out/f", 420 })
  each("unlink", { "out/f" }, { "in/f" })
  each("rmdir", { "out/sub" }, { "in/sub" })
  each("rename", { "in/f", "out/f" }, { "in/f", "in/g" })
  each("mkdir", { "out/d", 493 })
  each("link", { "ro/f", "in/g" })
  each("symlink", { "x", "out/s" })
  each("mknod", { "out/p", S_IFIFO | 420 })
end

describe("what explain says of", function()
  local dir = helper.scratch()
  os.execute(("chmod 777 %s"):format(dir:path()))
  teardown(function() dir:__close() end)

  -- Refused by the rules: what the program gets with them and would not get without.
  local function check(call)
    local words = {}
    for i, word in ipairs(call) do words[i] = tostring(word) end
    local name = table.concat(words, " ")
    local confined = try(dir, call, settings(dir))
    local seen, denials = try(dir, call, settings(dir, { explain = true }))
    assert.equal(confined, seen, name)
    local free = confined	-- rules give no other errno than these
    if confined == "EACCES" or confined == "EXDEV" then
      free = try(dir, call, { cwd = dir:path(), log = false })
    end
    if free == confined then
      assert.same({}, denials, name)
      return 0
    end
    assert(#denials > 0, ("%s: %s instead of %s, and not a word"):format(name, confined, free))
    local more = {}
    for _, denial in ipairs(denials) do
      assert.equal(call[1], denial.syscall, name)
      assert.equal(confined, denial.errno, name)
      assert.equal(1, denial.count, name)
      for field, list in pairs(parse(denial.rule)) do
        more[field] = table.move(list, 1, #list, #(more[field] or {}) + 1, more[field] or {})
      end
    end
    assert.equal(free, (try(dir, call, settings(dir, more))), name .. " with the rules")
    return 1
  end

  it("every operation is what the program got, and its rule would allow it", function()
    helper.needs("Landlock ABI 3", pending)
    local refused = 0
    for _, call in ipairs(operations) do refused = refused + check(call) end
    assert(refused > 80, refused)
    assert(refused < #operations - 80, refused)
  end)

  it("what a deny rule carves out is that rule", function()
    local denied = { explain = true, deny = { dir:path "in/other" } }
    local function rules(call, how)
      local _, list = try(dir, call, settings(dir, how))
      for i, denial in ipairs(list) do list[i] = denial.rule end
      return list
    end
    local by = { ('not deny = { "%s" }'):format(dir:path "in/other") }
    assert.same(by, rules({ "openat", AT_FDCWD, "in/other", 0 }, denied))
    assert.same(by, rules({ "mkdirat", AT_FDCWD, "in/new", 493 }, denied))
    assert.same(by, rules({ "renameat2", AT_FDCWD, "in/f", AT_FDCWD, "in/g", 0 }, denied))
    assert.same({}, rules({ "openat", AT_FDCWD, "in/f", O_WRONLY }, denied))
    assert.same({}, rules({ "mkdirat", AT_FDCWD, "in/sub/new", 493 }, denied))
    assert.same({ ('read = { "%s" }'):format(dir:path "out/f") },
      rules({ "openat", AT_FDCWD, "out/f", 0 }, denied))
  end)

  it("a device node is that no rule allows it", function()
    local _, denials = try(dir, { "mknodat", AT_FDCWD, "in/null", S_IFCHR | 438, 259 },
      settings(dir, { explain = true }))
    assert.equal("none: device nodes cannot be made", denials[1].rule)
  end)

  it("execve is also its interpreter and that one's loader", function()
    local how = { explain = true, log = false, read = { dir:write("script", "#!/bin/sh\n") } }
    os.execute("chmod 755 " .. dir:path "script")
    local result, message, errno = demilune.sandbox(how):run { dir:path "script" }
    assert.is_nil(result)
    assert.equal(core.errno "EACCES", errno)
    assert.matches('execve: Permission denied; what would allow it: read = { "/usr/bin/%a+" } '
      .. 'and read = { "/usr/lib', message)
  end)

  it("a path with strange bytes is a string of Lua", function()
    os.execute(("echo >%s/'a\"b\27[1mc'"):format(dir:path()))
    local _, denials = try(dir, { "openat", AT_FDCWD, 'a"b\27[1mc', 0 },
      settings(dir, { explain = true }))
    assert.same({ dir:path 'a"b\27[1mc' }, parse(denials[1].rule).read)
    assert.not_matches("\27", denials[1].rule, 1, true)
  end)
end)
