local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

-- A directory with a file "f" that can be executed and a directory "d".
local function outside()
  local dir = helper.scratch()
  dir:write("f", "#!/bin/sh\n")
  os.execute(("chmod 755 %s/f && mkdir %s/d"):format(dir.root, dir.root))
  return dir
end

local function run(settings, ...)
  settings.log = false
  return assert(demilune.sandbox(settings):run { ... })
end

describe("a sandbox that names what may be read and written", function()
  it("refuses everything else", function()
    local dir <close> = outside()
    local inside <close> = helper.scratch()
    local seen = attack.confined({ read = attack.base, write = { inside.root } },
      "outside", dir.root, inside.root)
    assert.equal("", attack.got(seen))
  end)

  it("is what refuses: without it every attack works", function()
    local dir <close> = outside()
    local inside <close> = helper.scratch()
    assert.equal("", attack.refused(attack.free("outside", dir.root, inside.root)))
  end)

  it("grants reading, listing and executing, not writing", function()
    local dir <close> = outside()
    local inside <close> = helper.scratch()
    local seen = attack.confined({ read = attack.also(dir.root), write = { inside.root } },
      "outside", dir.root, inside.root)
    assert.equal("execute, list, read", attack.got(seen))
  end)

  it("grants all that belongs to writing, links and renames between directories included",
    function()
      helper.needs("Landlock ABI 3", pending)
      local dir <close> = outside()
      local inside <close> = helper.scratch()
      local seen = attack.confined({ read = attack.base, write = { dir.root, inside.root } },
        "outside", dir.root, inside.root)
      assert.equal("", attack.refused(seen))
    end)

  it("refuses everything when the lists are empty, the program itself too", function()
    local result, message = demilune.sandbox { read = {}, log = false }:run { "/bin/true" }
    assert.is_nil(result)
    assert.equal("/bin/true (it, its interpreter and its libraries must be granted): "
      .. "Permission denied", message)
  end)

  it("leaves files as they are without a list", function()
    local dir <close> = outside()
    local inside <close> = helper.scratch()
    local seen = attack.confined({}, "outside", dir.root, inside.root)
    assert.equal("", attack.refused(seen))
  end)
end)

describe("a rule about a path", function()
  it("may name a single file, a device or a FIFO", function()
    local dir <close> = outside()
    os.execute(("mkfifo %s/fifo; echo beside > %s/g"):format(dir.root, dir.root))
    local result = run({ read = attack.also(dir:path "f"),
      write = { "/dev/null", dir:path "fifo" } }, "/bin/sh", "-c",
      ("cd %s; cat f; echo >/dev/null && echo device; true <>fifo && echo FIFO; cat g")
        :format(dir.root))
    assert.equal("#!/bin/sh\ndevice\nFIFO\n", result.stdout)
    assert.matches("g: Permission denied", result.stderr, 1, true)
  end)

  it("is an error that names the rule if the path does not exist", function()
    local result, message = demilune.sandbox { read = { "/usr", "/no/such" } }:run { "true" }
    assert.is_nil(result)
    assert.equal("read /no/such: No such file or directory", message)
  end)

  it("may be optional", function()
    for _, settings in ipairs {
      { read = attack.also "?/no/such" }, { read = attack.base, optional = { "/no/such" } },
      { read = attack.base, write = { "?/no/such" } },
    } do
      assert.is_true(run(settings, "/bin/true").success)
    end
  end)

  it("cannot name a process's own directory, which would be demilune's", function()
    local _, message = demilune.sandbox { read = { "/proc/self/fd" } }:run { "true" }
    assert.matches("read /proc/self/fd: it is of this process", message, 1, true)
  end)

  it("grants ioctl on a device for writing only", function()
    helper.needs("devices", pending)
    if not io.open("/dev/ptmx") then pending "no /dev/ptmx for us"; return end
    local reading = attack.confined({ read = attack.also "/dev/ptmx" }, "device", "/dev/ptmx")
    assert.same({ open = "got", ioctl = "EACCES" }, reading)
    local writing = attack.confined({ read = attack.base, write = { "/dev/ptmx" } }, "device",
      "/dev/ptmx")
    assert.same({ open = "got", ioctl = "got" }, writing)
  end)

  it("is refused when it is no path, with the field and the place in the list", function()
    for settings, message in pairs {
      [{ read = "/usr" }] = "sandbox read is a list, not a string",
      [{ read = { "/usr", 7 } }] = "sandbox read entry 2 is a path, not a number",
      [{ write = { "" } }] = "sandbox write entry 1 is an empty path",
      [{ raed = {} }] = 'sandbox has no field "raed", did you mean "read"?',
    } do
      assert.error_matches(function() demilune.sandbox(settings) end, message, 1, true)
    end
  end)
end)

describe("what was open or current before the start", function()
  local line = 'cd %s && exec "$@" <%s 9<%s/f'

  it("gives no way out by the working directory or a directory on stdin", function()
    local dir <close> = outside()
    local script, here = line:format(dir.root, dir.root, dir.root), os.getenv "PWD" .. "/"
    local program = attack.program "inherited"
    local free = helper.shell { "sh", "-c", script, "sh", program, "f" }
    assert.equal("", attack.refused(attack.parse(free.stdout)))
    local confined = helper.shell { "sh", "-c", script, "sh", here .. helper.demilune, "run",
      "-r", "/usr", "-r", "/lib", "-r", "?/lib64", "-r", here .. helper.build, "--", program, "f" }
    assert.same({ ["working directory"] = "EACCES", ["standard input"] = "EACCES",
      ["descriptor 9"] = "EBADF" }, attack.parse(confined.stdout))
  end)
end)

describe("a program that is in memory only", function()
  it("cannot be made where files are confined", function()
    assert.same({ make = "ENOSYS" }, attack.confined({ read = attack.base }, "memfd", "/bin/true"))
  end)

  it("can be made elsewhere, and where memfd_create is allowed by name", function()
    assert.equal("", attack.refused(attack.free("memfd", "/bin/true")))
    assert.equal("", attack.refused(attack.confined({}, "memfd", "/bin/true")))
    assert.equal("", attack.refused(attack.confined({ read = attack.base,
      syscalls = { allow = { "memfd_create" } } }, "memfd", "/bin/true")))
  end)
end)

describe("mode, owner, times and attributes of a file", function()
  -- Not in /tmp: tmpfs knows no flags.
  local function file()
    local name = ("%s/build/attributes.%d"):format(os.getenv "PWD", math.random(1 << 30))
    io.open(name, "w"):close()
    return name
  end

  it("cannot be changed where nothing may be written to", function()
    local name = file()
    local seen = attack.confined({ read = attack.also(name), write = { "/dev/null" } },
      "attributes", name)
    local free = attack.free("attributes", name)
    os.remove(name)
    assert.equal("", attack.got(seen))
    assert.equal("", attack.refused(free))
  end)

  it("can where something may be, anywhere: Landlock does not judge them", function()
    local name = file()
    local dir <close> = helper.scratch()
    local seen = attack.confined({ read = attack.base, write = { dir.root } }, "attributes", name)
    os.remove(name)
    assert.equal("got", seen.chmod)
  end)
end)

describe("a sandbox in a sandbox", function()
  it("can tighten, not loosen", function()
    helper.needs("devices", pending)
    local dir <close> = outside()
    local function nested(...)
      return run({ read = attack.also "/proc", write = { "/dev/null" } }, helper.demilune,
        "run", ...)
    end
    local loosened = nested("-r", "/", "--", "/bin/cat", dir:path "f")
    assert.equal("", loosened.stdout)
    assert.matches("f: Permission denied", loosened.stderr, 1, true)
    assert.equal("here\n", nested("-r", "/", "--", "/bin/echo", "here").stdout)
  end)
end)
