local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

-- What spec/attacks/tricks.c expects; everybody may do everything here.
local function tree()
  local root = helper.scratch()
  os.execute(("cd %s && mkdir priv dark open && echo '#!/bin/sh' > priv/secret && "
    .. "echo s > dark/s && ln -s priv/secret sym && chmod 755 priv/secret"):format(root.root))
  return root
end

local function denied(root)
  return { root:path "priv/secret", root:path "dark", root:path "none" }
end

local function run(settings, script)
  settings.log, settings.read = false, settings.read or attack.base
  return assert(demilune.sandbox(settings):run { "/bin/sh", "-c", script })
end

describe("a denied path in a granted directory", function()
  it("cannot be reached by any other name, or moved to one", function()
    local root <close> = tree()
    local seen = attack.confined({ read = attack.base, write = { root.root },
      deny = denied(root) }, "tricks", root.root)
    assert.equal("", attack.got(seen))
  end)

  it("is what the attacks can reach without it", function()
    helper.needs("Landlock ABI 3", pending)
    local root <close> = tree()
    local seen = attack.confined({ read = attack.base, write = { root.root } }, "tricks",
      root.root)
    assert.equal("", attack.refused(seen))
  end)
end)

describe("what stands beside a denied path", function()
  it("keeps its grant, below its own directory also for writing", function()
    local root <close> = tree()
    local result = run({ write = { root.root }, deny = { root:path "priv/secret" } },
      ("cd %s; cat dark/s; echo new > dark/new && cat dark/new; ls priv"):format(root.root))
    assert.equal("s\nnew\nsecret\n", result.stdout)
    assert.equal("", result.stderr)
  end)

  it("cannot be added to or removed from in the directories above it", function()
    local root <close> = tree()
    root:write("priv/beside", "")
    local result = run({ write = { root.root }, deny = { root:path "priv/secret" } },
      ("cd %s; echo > new; echo > priv/new; rm priv/beside; echo kept > priv/beside; "
        .. "cat priv/beside"):format(root.root))
    assert.equal("kept\n", result.stdout)
    local _, refusals = result.stderr:gsub("Permission denied", "")
    assert.equal(3, refusals)
  end)

  it("cannot be listed above a denied directory, which could be listed, too", function()
    local root <close> = tree()
    local result = run({ read = attack.also(root.root), deny = { root:path "dark" } },
      ("cd %s; ls; ls dark; ls priv; cat priv/secret"):format(root.root))
    assert.equal("secret\n#!/bin/sh\n", result.stdout)
    local _, refusals = result.stderr:gsub("cannot open directory", "")
    assert.equal(2, refusals)
  end)

  it("is not granted when others put it there later", function()
    local root <close> = tree()
    local process <close> = assert(demilune.sandbox {
      read = attack.also(root.root), deny = { root:path "none" }, log = false,
      stdio = { stdin = "pipe", stdout = "pipe", stderr = "null" },
    }:popen { "/bin/sh", "-c", ("read line; cat %s/late; cat %s/open/late"):format(
      root.root, root.root) })
    root:write("late", "late\n")
    root:write("open/late", "inside\n")
    process.stdin:write "go\n"
    process.stdin:flush()
    assert.equal("inside\n", process.stdout:read "a")
  end)
end)

describe("a denied path with another name", function()
  it("is denied with the symbolic link that was named", function()
    local root <close> = tree()
    os.execute(("ln -s ../priv/secret %s/open/link"):format(root.root))
    local result = run({ write = { root.root }, deny = { root:path "open/link" } },
      ("cd %s; cat open/link; cat priv/secret; rm open/link; echo > dark/new && echo beside")
        :format(root.root))
    assert.equal("beside\n", result.stdout)
    local _, refusals = result.stderr:gsub("Permission denied", "")
    assert.equal(3, refusals)
  end)

  it("is denied at each place where it is mounted", function()
    local root <close> = tree()
    os.execute(("cd %s && mkdir again alone && touch alone/file"):format(root.root))
    local result = helper.shell { "unshare", "-Urm", "sh", "-c", ([[
      cd $0 && mount --bind priv again && mount --bind dark/s alone/file || exit 99
      %s/%s run -e 'sandbox { read = { "/" }, deny = { "priv/secret", "dark" },
        on_missing = { devices = "degrade" } }' -- sh -c '
        cat again/secret alone/file; echo $?; cat sym; mkdir new' ]]):format(
        os.getenv "PWD", helper.demilune), root.root }
    if result.status == 99 then pending "no user namespaces with mounts for us"; return end
    assert.equal("1\n", result.stdout)
    local _, refusals = result.stderr:gsub("Permission denied", "")
    assert.equal(4, refusals)
  end)

  it("is an error if it has a second hard link, which would stay open", function()
    local root <close> = tree()
    os.execute(("ln %s/priv/secret %s/open/other"):format(root.root, root.root))
    local _, message = demilune.sandbox { read = { root.root },
      deny = { root:path "priv/secret" } }:run { "true" }
    assert.matches("secret: it has 2 hard links, of which others would stay open", message, 1,
      true)
  end)

  it("is not looked for if it is a hard link into a denied directory", function()
    local root <close> = tree()
    os.execute(("ln %s/dark/s %s/open/other"):format(root.root, root.root))
    local result = run({ read = attack.also(root.root), deny = { root:path "dark" } },
      ("cat %s/open/other"):format(root.root))
    assert.equal("s\n", result.stdout)
  end)
end)

describe("a rule that denies", function()
  local function refusal(root, settings)
    settings.log = false
    local result, message = demilune.sandbox(settings):run { "true" }
    assert.is_nil(result)
    return (message:gsub(root.root, "ROOT"))
  end

  it("needs something that it is carved from", function()
    local root <close> = tree()
    assert.matches("deny ROOT/dark: there is no read or write", refusal(root,
      { deny = { root:path "dark" } }), 1, true)
  end)

  it("must not have a grant beneath it, not by a symbolic link either", function()
    local root <close> = tree()
    for _, path in ipairs { "priv", "priv/secret", "sym" } do
      assert.matches("is granted, but ROOT/priv is denied", refusal(root,
        { read = { root.root, root:path(path) }, deny = { root:path "priv" } }), 1, true)
    end
  end)

  it("does not take a symbolic link that leads nowhere", function()
    local root <close> = tree()
    os.execute(("ln -s nowhere %s/dangling"):format(root.root))
    assert.matches("deny ROOT/dangling: No such file", refusal(root,
      { read = { root.root }, deny = { root:path "dangling" } }), 1, true)
  end)

  it("does not take what has no last name", function()
    local root <close> = tree()
    assert.matches("the last part is no name", refusal(root,
      { read = { root.root }, deny = { root:path "none/.." } }), 1, true)
  end)
end)
