local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

-- Starts a server of spec/attacks; returns its process and the words that it printed.
local function server(name)
  local process = assert(demilune.sandbox { log = false }:popen(attack.words(name, "-")))
  local words = {}
  for word in process.stdout:read "l":gmatch "%S+" do words[#words + 1] = word end
  return process, words
end

-- A port that nobody has: it was free a moment ago.
local function free_port()
  local process, words = server "tcp"
  process:close()
  return tonumber(words[1])
end

describe("a sandbox with a net", function()
  it("refuses every TCP port that it does not name", function()
    local process <close>, words = server "tcp"
    local seen = attack.confined({ net = {} }, "tcp", words[1], free_port())
    assert.equal("", attack.got(seen))
    assert.is_truthy(process)
  end)

  it("is what refuses: without it every try works", function()
    local process <close>, words = server "tcp"
    assert.equal("", attack.refused(attack.free("tcp", words[1], free_port())))
    assert.is_truthy(process)
  end)

  it("grants the ports, ranges and ways that it names", function()
    helper.needs("tcp", pending)
    local process <close>, words = server "tcp"
    local port, free = math.tointeger(words[1]), free_port()
    local seen = attack.confined({ net = { connect = { ("%d-%d"):format(port, port) } } },
      "tcp", port, free)
    assert.same({ "got", "EACCES", "EACCES" }, { seen.connect, seen.bind, seen["bind to any"] })
    seen = attack.confined({ net = { bind = { free, 0 } } }, "tcp", port, free)
    assert.same({ "EACCES", "got", "got" }, { seen.connect, seen.bind, seen["bind to any"] })
    seen = attack.confined({ net = { connect = { "*" }, bind = { "*" } } }, "tcp", port, free)
    assert.same({ "got", "got", "got" }, { seen.connect, seen.bind, seen["bind to any"] })
    assert.is_truthy(process)
  end)

  it("lets nobody around its ports by another protocol, or without connect and bind", function()
    helper.needs("tcp", pending)
    local process <close>, words = server "tcp"
    local other = free_port()
    local seen = attack.confined({ net = { connect = { other } } }, "tcp", words[1], other)
    assert.equal("", attack.got(seen))
    assert.is_truthy(process)
  end)

  it("refuses UDP, ICMP and netlink, unless it names them", function()
    helper.needs("tcp", pending)
    assert.equal("UNIX", attack.got(attack.confined({ net = {} }, "sockets")))
    assert.equal("UDP, UDP by number, UNIX, netlink", attack.got(attack.confined(
      { net = { udp = true, netlink = true } }, "sockets")))
    local free = attack.free "sockets"
    free.ICMP = nil	-- ping_group_range, icmp(7)
    assert.equal("", attack.refused(free))
  end)

  it("refuses ports that are none, and says what may stand there", function()
    for net, message in pairs {
      [{ connect = { 65536 } }] = 'connect entry 1 "65536" is no port, "8000-8100" or "*"',
      [{ connect = { 0 } }] = '"0" is no port', [{ connect = { "9-1" } }] = '"9-1" is no port',
      [{ connect = { 1.5 } }] = '"1.5" is no port', [{ conect = {} }] = 'did you mean "connect"?',
      [{ bind = 80 }] = "bind is a list, not a number",
      [{ bind = { "10.0.0.1:443" } }] = 'is "10.0.0.1:443": only connect takes addresses',
    } do
      assert.error_matches(function() demilune.sandbox { net = net } end, message, 1, true)
    end
  end)

  it("takes 4,096 ports one by one, and every port as one", function()
    helper.needs("tcp", pending)
    local _, message = demilune.sandbox { log = false, net = { connect = { "1-4097" } } }
      :run { "true" }
    assert.matches("port 1 to 4097: more than 4096 ports", message, 1, true)
    assert.is_true(demilune.sandbox { net = { connect = { "1-4096" }, bind = { "0-65535" } } }
      :run { "true" }.success)
  end)
end)

describe("an abstract UNIX socket", function()
  it("of somebody outside cannot be reached from any sandbox", function()
    helper.needs("signals", pending)
    local process <close>, words = server "abstract"
    local outside = helper.shell { "sh", "-c", "exit 0" }
    assert.equal(0, outside.status)
    -- the server runs in a sandbox of its own, so this is also one sandbox to another
    local seen = attack.confined({}, "abstract", words[1], words[2])
    assert.same({ connect = "EPERM", send = "EPERM", ["its own"] = "got" }, seen)
    assert.equal("", attack.refused(attack.free("abstract", words[1], words[2])))
    assert.is_truthy(process)
  end)
end)
