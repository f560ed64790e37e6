--- Privilege: what the program has left, and what demilune itself keeps.
local demilune = require "demilune"
local helper = require "spec.helper"

local is_root = os.execute "test $(id -u) = 0"

-- The fields of /proc/self/status as the program sees them.
local function status(settings)
  local seen = assert(demilune.sandbox(settings or {}):run { "cat", "/proc/self/status" })
  return function(name) return seen.stdout:match(name .. ":%s*([^\n]*)") end
end

describe("a program", function()
  it("has no new privileges and no capability", function()
    local of = status()
    assert.equal("1", of "NoNewPrivs")
    for _, set in ipairs { "CapInh", "CapPrm", "CapEff", "CapAmb" } do
      assert.equal("0000000000000000", of(set), set)
    end
  end)

  it("has an empty bounding set, where it can be emptied", function()
    if not is_root then pending "an ordinary user may not drop from the bounding set" return end
    assert.equal("0000000000000000", status() "CapBnd")
  end)

  it("of root obeys the modes of files", function()
    if not is_root then pending "needs root" return end
    local dir <close> = helper.scratch()
    local path = dir:write("closed", "x")
    os.execute(("chown 65534 %s && chmod 600 %s"):format(path, path))
    assert.matches("Permission denied", demilune.sandbox({}):run({ "cat", path }).stderr)
  end)

  it("runs as the uid and gid that were asked for, without other groups", function()
    if not is_root then pending "needs root" return end
    local seen = helper.shell { "setpriv", "--groups=4,24", "env", "DEMILUNE=" .. helper.demilune,
      "sh", "-c", "$DEMILUNE -e 'sandbox { uid = 65534, gid = 65533 }' -- cat /proc/self/status" }
    assert.matches("Uid:\t65534\t65534\t65534\t65534\nGid:\t65533\t65533\t65533\t65533\n",
      seen.stdout)
    assert.matches("\nGroups:%s*\n", seen.stdout)
  end)

  it("that cannot have them is not started", function()
    if is_root then pending "root can have any" return end
    local result, message = demilune.sandbox({ uid = 1, gid = 1 }):run { "true" }
    assert.is_nil(result)
    assert.matches("changing to uid and gid: Operation not permitted", message)
  end)

  it("needs both uid and gid", function()
    assert.error_matches(function() demilune.sandbox { uid = 65534 } end, "uid and gid, or neither")
  end)
end)

describe("the command", function()
  it("keeps what it supervises with, and nothing else", function()
    if not is_root then pending "needs root" return end
    local CAP_KILL, CAP_SYS_PTRACE, CAP_DAC_OVERRIDE = 1 << 5, 1 << 19, 1 << 1
    -- the parent of the program is the warden, whose parent is the command
    local seen = helper.command("run", "--", "sh", "-c", "warden=$PPID; "
      .. "ours=$(awk '/^PPid/ { print $2 }' /proc/$warden/status); "
      .. "awk '/^CapPrm/ { print $2 }' /proc/$ours/status /proc/$warden/status")
    local ours, warden = seen.stdout:match "(%x+)\n(%x+)\n"
    assert.equal(CAP_KILL | CAP_SYS_PTRACE, tonumber(ours, 16))
    assert.equal(CAP_KILL | CAP_DAC_OVERRIDE, tonumber(warden, 16))
  end)
end)

describe("a program of another user", function()
  it("is ended and read by the command that has dropped its privileges", function()
    if not is_root then pending "needs root" return end
    local seen = helper.command("run", "-t", "300ms", "-e", [[
      sandbox { uid = 65534, gid = 65534 }
      on("openat", function(ctx)
        local path = ctx:read_cstr(ctx.args[2], 4096)
        return path == "/etc/hostname" and deny "ENOSPC" or continue()
      end)]], "--", "sh", "-c", "cat /etc/hostname; sleep 5 & sleep 5")
    assert.matches("No space left", seen.stderr)
    assert.equal(124, seen.status)
  end)
end)
