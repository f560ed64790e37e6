--- Attacks on the processes that make calls for a program. Each must work on a victim of
-- the same user that is nobody's performer.
local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

local is_root = os.execute "test $(id -u) = 0"

local function performed() return demilune.perform() end

describe("a program whose calls are performed", function()
  it("has nobody open for it what /proc shows of that process itself", function()
    local victim = assert(demilune.sandbox({ log = false }):popen { helper.program "attacks/victim" })
    victim.stdout:read "l"
    assert.equal("", attack.refused(attack.free("performer", "victim")))
    victim:close()
    local result = demilune.sandbox({ log = false }):run_with_handlers(
      attack.words("performer", "demi-performer"), { { { "openat", "open" }, performed } })
    assert.equal("", attack.got(attack.parse(result.stdout)))
    assert.same({}, result.errors)
  end)

  it("is not led by somebody else's link in a directory like /tmp", function()
    if not is_root then pending "only root can make a link for another user" return end
    local dir <close> = helper.scratch()
    assert(os.execute(("cd %s && mkdir sticky && chmod 1777 sticky && ln -s ../made sticky/link"
      .. " && chown -h 65534 sticky/link"):format(dir.root)))
    local words = attack.words("sticky_link", dir:path "sticky/link")
    local result = demilune.sandbox({ log = false }):run_with_handlers(words,
      { { { "openat", "open" }, function(ctx)
        local path, _, errno = ctx:real_path()
        return path and demilune.perform() or demilune.deny(errno)
      end } })
    assert.same({ made = "EACCES" }, attack.parse(result.stdout))
    assert(os.execute("chown -h 0 " .. dir:path "sticky/link"))
    assert.same({ made = "got" }, attack.free("sticky_link", dir:path "sticky/link"))
  end)

  it("does not get from it what it denied itself by Landlock", function()
    if attack.free("own_domain", "/etc/passwd").domain ~= "got" then pending "no Landlock" end
    assert.same({ domain = "got", file = "EACCES" }, attack.free("own_domain", "/etc/passwd"))
    assert.same({ domain = "got", file = "EACCES" }, attack.confined({}, "own_domain", "/etc/passwd"))
    local result = demilune.sandbox({ log = false }):run_with_handlers(
      attack.words("own_domain", "/etc/passwd"), { { { "openat", "open" }, performed } })
    assert.same({ domain = "EOPNOTSUPP" }, attack.parse(result.stdout))
  end)

  it("does not wake who reads from a FIFO that it may not open", function()
    local dir <close> = helper.scratch()
    assert(os.execute(("cd %s && mkdir w && mkfifo fifo"):format(dir.root)))
    local function try(settings, handlers)
      os.remove(dir:path "done")
      local reader <close> = io.popen(("cd %s && exec python3 -c '%s'"):format(dir.root, [[if True:
        import os, select, time
        poll = select.poll(); poll.register(os.open("fifo", os.O_RDONLY | os.O_NONBLOCK), 0)
        print("ready", flush=True)
        for i in range(3000):
          if os.path.exists("done"): break
          time.sleep(.01)
        print("woken" if poll.poll(0) else "asleep")]]))
      reader:read "l"
      local result = demilune.sandbox(settings):run_with_handlers(
        attack.words("wake_reader", dir:path "w", dir:path "fifo"), handlers)
      dir:write("done", "")
      return attack.parse(result.stdout).fifo, reader:read "l"
    end
    local opens = { { { "openat", "open" }, performed } }
    local rules = { read = attack.base, write = { dir:path "w" }, log = false }
    assert.same({ "got", "woken" }, { try({ log = false }, {}) })
    assert.same({ "EACCES", "asleep" }, { try(rules, opens) })
  end)
end)
