--- Every trick is tried under path_deny, where it must fail, and without it, where it
-- must work: else the spec could not fail.
local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

local presets = demilune.presets

-- A directory with what spec/tricks.c wants.
local function scene()
  local dir = helper.scratch()
  assert(os.execute(([[cd %s && mkdir -p secret/empty open secreT &&
    printf '#!/bin/true\n' > secret/key && printf '#' > "$(printf 'secret/\377\n\001')" &&
    chmod 755 secret/key && ln -s x secret/link && : > open/plain &&
    cp /bin/echo secret/prog && cp /bin/true secreT/prog]]):format(dir.root)))
  assert(os.execute(("cp %s %s"):format(helper.program "tricks", dir:path "tricks")))
  return dir
end

local function try(name, make)
  local dir <close> = scene()
  local box = demilune.sandbox { cwd = dir.root, log = false }
  local result = assert(box:run_with_handlers({ dir:path "tricks", name, dir.root },
    make and make(dir) or {}))
  return result.stdout:match "%S*", result
end

local function deny_secret(dir) return presets.path_deny(dir:path "secret/**") end

local denied = {
  "relative", "dots", "slashes", "dirfd", "dirfd inside", "o_path dirfd", "chdir", "symlink",
  "symlink of a directory", "proc root", "proc cwd", "proc fd", "openat2", "openat2 in root",
  "openat2 beneath", "bytes", "page end", "4,095 bytes", "legacy open", "rename away",
  "rename onto", "rename the directory", "rename by descriptor", "exchange", "link away",
  "link onto", "symlink inside", "mkdir", "mknod", "unlink", "rmdir", "create",
  "create by a link", "rename with a slash", "unnamed",
  "legacy creat", "stat", "statx", "statfs", "access", "connect", "readlink", "chmod", "chown",
  "truncate", "utimensat", "chdir alone", "execve", "execveat", "execve in a race", "legacy stat",
}

describe("path_deny", function()
  for _, name in ipairs(denied) do
    it("stops this way to a denied file: " .. name, function()
      local alone = try(name)
      if alone == "unknown" then return pending "this architecture has no such call" end
      assert.equal("reached", alone)
      local seen, result = try(name, deny_secret)
      assert.equal("EPERM", seen)
      assert.same({}, result.errors)
    end)
  end

  it("judges a directory without a name that chdir may have reached in a race", function()
    local dir <close> = scene()
    local words = attack.words("cwd_race", dir:path "open", dir:path "secret")
    local box = demilune.sandbox { log = false }
    local result = assert(box:run_with_handlers(words, presets.path_deny(dir:path "secret")))
    assert.same({ chmod = "EPERM", arrival = "got", ["times of cwd"] = "EPERM",
      ["chown of cwd"] = "EPERM" }, attack.parse(result.stdout))
    assert.equal("", attack.refused(attack.free("cwd_race", dir:path "open",
      dir:path "secret")))
  end)

  it("does not make the calls that cannot be made race-free", function()
    for name, errno in pairs { listxattr = "EOPNOTSUPP", ["legacy utime"] = "ENOSYS",
      inotify = "EPERM" } do
      local alone = try(name)
      if alone ~= "unknown" then
        assert.equal("reached", alone)
        assert.equal(errno, (try(name, deny_secret)))
      end
    end
  end)

  it("fails as the kernel does for a path that cannot be read", function()
    for name, errno in pairs { ["5,001 bytes"] = "ENAMETOOLONG", ["no nul"] = "EFAULT" } do
      assert.equal(errno, (try(name)))
      assert.equal(errno, (try(name, deny_secret)))
    end
  end)

  it("lets the rest pass, and renames that take nothing out of reach", function()
    local dir <close> = scene()
    local result = assert(demilune.sandbox { cwd = dir.root, log = false }:run_with_handlers(
      { "sh", "-c", "mkdir a; echo x > a/f; mv a b; cat b/f; ln b/f g; ls open; exec cat g" },
      presets.path_deny { dir:path "secret/**", "**/*.pem" }))
    assert.equal("x\nplain\nx\n", result.stdout)
    assert.equal("", result.stderr)
  end)

  it("looks up the links that a pattern starts with", function()
    local dir <close> = scene()
    os.execute(("ln -s secret %s/alias"):format(dir.root))
    for _, pattern in ipairs { "alias", "alias/k*" } do
      local result = assert(demilune.sandbox { cwd = dir.root, log = false }:run_with_handlers(
        { "cat", "secret/key" }, presets.path_deny(dir:path(pattern), "EIO")))
      assert.matches("Input/output error", result.stderr)
    end
  end)

  it("refuses patterns that can never match, and what is no errno", function()
    assert.error_matches(function() presets.path_deny { "etc/ssh" } end,
      "^path_deny: pattern 1, \"etc/ssh\", can never match")
    assert.error_matches(function() presets.path_deny {} end, "path_deny: no patterns")
    assert.error_matches(function() presets.path_deny("/x", "EPREM") end, 'did you mean "EPERM"')
  end)
end)

describe("path_allow", function()
  local system = { "/usr/**", "/bin/**", "/lib*/**", "/etc/ld.so*", "/dev/null", "/proc/**" }

  local function run(dir, script, ...)
    local globs = table.move(system, 1, #system, 2, { dir:path "open", ... })
    return assert(demilune.sandbox { cwd = dir.root, log = false }:run_with_handlers(
      { "sh", "-c", script }, presets.path_allow(globs)))
  end

  it("lets pass what leads to an allowed place, and nothing else", function()
    local dir <close> = scene()
    os.execute(("ln -s ../secret/key %s/open/out"):format(dir.root))
    local result = run(dir, "echo new > open/new; cat open/new; cat open/out; cat secret/key; "
      .. "mv open/new secreT/new; ln open/new secreT/new; echo x > secreT/new; cat open/new")
    assert.equal("new\nnew\n", result.stdout)
    local _, n = result.stderr:gsub("Permission denied", "")
    assert.equal(5, n, result.stderr)
  end)

  it("lets no program start from elsewhere", function()
    local dir <close> = scene()
    assert.matches("Permission denied", run(dir, "exec secreT/prog").stderr)
  end)
end)

describe("several presets", function()
  it("are all asked", function()
    local dir <close> = scene()
    local list = presets.path_allow { "**" }
    table.move(presets.path_deny(dir:path "secret/**"), 1, 1, 2, list)
    local result = assert(demilune.sandbox { cwd = dir.root, log = false }:run_with_handlers(
      { "cat", "open/plain", "secret/key" }, list))
    assert.matches("secret/key: Operation not permitted", result.stderr)
  end)
end)

describe("under path_deny", function()
  it("no denied file is read while another thread changes the path", function()
    local dir <close> = helper.scratch()
    local allowed, secret = dir:write("a", "allowed"), dir:write("d", "denied")
    local opens = tonumber(os.getenv "COUNT") or 5000
    local result = assert(demilune.sandbox { log = false }:run_with_handlers(
      { helper.program "racer", allowed, secret, tostring(opens) }, presets.path_deny(secret)))
    local failed, a, d = result.stdout:match "(%d+) (%d+) (%d+)"
    assert.is_true(tonumber(failed) > opens // 100 and tonumber(a) > opens // 100, result.stdout)
    assert.equal("0", d)
  end)

  it("no denied file is read while another thread swaps links", function()
    local dir <close> = helper.scratch()
    os.execute(("cd %s; mkdir good evil; printf a > good/f; printf d > evil/f; ln -s good x; "
      .. "ln -s evil y"):format(dir.root))
    local result = assert(demilune.sandbox { log = false }:run_with_handlers(
      { helper.program "racer", dir:path "x/f", dir:path "y/f", "2000", dir:path "x",
        dir:path "y" }, presets.path_deny(dir:path "evil/**")))
    local failed, a, d = result.stdout:match "(%d+) (%d+) (%d+)"
    assert.is_true(tonumber(failed) > 0 and tonumber(a) > 0, result.stdout)
    assert.equal("0", d)
  end)
end)

describe("audit_paths and log_syscalls", function()
  it("see where paths lead, and each call as text, and change nothing", function()
    local dir <close> = scene()
    os.execute(("ln -s open %s/link2"):format(dir.root))
    local paths, texts = {}, {}
    local list = presets.audit_paths(function(path) paths[path or "nil"] = true end)
    list[2] = presets.log_syscalls(function(text) texts[#texts + 1] = text end)[1]
    local result = assert(demilune.sandbox { cwd = dir.root, log = false }:run_with_handlers(
      { "cat", "link2/plain", "nowhere" }, list))
    assert.is_true(paths[dir:path "open/plain"] and paths[dir:path "nowhere"])
    assert.matches('openat%(AT_FDCWD, "link2/plain", O_RDONLY%)', table.concat(texts, "\n"))
    assert.equal(1, result.exit_code)
    assert.same({}, result.errors)
  end)
end)

describe("COMMON_PATH_SYSCALLS", function()
  it("names calls that can be handled", function()
    local names = " " .. table.concat(presets.COMMON_PATH_SYSCALLS, " ") .. " "
    for _, name in ipairs { "openat", "openat2", "statx", "renameat2", "execve", "truncate" } do
      assert.is_true(names:find(" " .. name .. " ", 1, true) ~= nil, name)
    end
    assert.is_true(demilune.sandbox { log = false }:run_with_handlers({ "true" },
      { { presets.COMMON_PATH_SYSCALLS, demilune.continue } }).success)
  end)
end)
