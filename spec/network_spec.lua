--- Rules about addresses on real connections.
local attack = require "spec.attack"
local demilune = require "demilune"
local helper = require "spec.helper"

describe("a program under rules about addresses", function()
  local server, port, has_v6

  setup(function()
    server = assert(demilune.sandbox { log = false }:popen(attack.words("addresses", "-")))
    port = math.tointeger(tonumber(server.stdout:read "l"))
    has_v6 = attack.free("addresses", "tcp", port, "::1")["::1"] == "got"
  end)

  teardown(function() server:close() end)

  local every = { "127.0.0.1", "127.0.0.2", "::ffff:127.0.0.1", "::ffff:127.0.0.2", "0.0.0.0" }

  -- What can be reached, by a way, under net = { connect = { rule } }.
  local function reached(how, rule, net, handlers, list)
    net = net or {}
    net.connect = type(rule) == "table" and rule or { rule }
    local settings = { log = false, net = net, script = { time = "30s" } }
    local result = assert(demilune.sandbox(settings):run_with_handlers(
      attack.words("addresses", how, port, table.unpack(list or every)), handlers or {}))
    return attack.got(attack.parse(result.stdout .. result.stderr)), result
  end

  it("reaches what they name, and nothing else", function()
    helper.needs("tcp", pending)
    assert.equal("127.0.0.1, ::ffff:127.0.0.1", reached("tcp", "127.0.0.1:" .. port))
    assert.equal("127.0.0.1, 127.0.0.2, ::ffff:127.0.0.1, ::ffff:127.0.0.2",
      reached("tcp", "127.0.0.0/8:" .. port))
    assert.equal("", reached("tcp", "127.0.0.1:1"))
    assert.equal("127.0.0.2, ::ffff:127.0.0.2", reached("tcp", "127.0.0.2:*"))
    assert.equal("127.0.0.1, ::ffff:127.0.0.1", reached("tcp", ("127.0.0.1:%d-%d"):format(port, port)))
  end)

  it("is what is refused: a rule about the port alone lets it go everywhere", function()
    helper.needs("tcp", pending)
    assert.equal("0.0.0.0, 127.0.0.1, 127.0.0.2, ::ffff:127.0.0.1, ::ffff:127.0.0.2",
      reached("tcp", port))
    assert.equal("0.0.0.0, 127.0.0.1, 127.0.0.2, ::ffff:127.0.0.1, ::ffff:127.0.0.2",
      reached("tcp", { "127.0.0.9:1", port }))
  end)

  it("reaches IPv6", function()
    helper.needs("tcp", pending)
    if not has_v6 then return pending "this machine has no ::1" end
    local both = { "::1", "127.0.0.1" }
    assert.equal("::1", reached("tcp", "[::1]:" .. port, nil, nil, both))
    assert.equal("127.0.0.1", reached("tcp", "127.0.0.1:" .. port, nil, nil, both))
  end)

  it("reaches a host by its name", function()
    helper.needs("tcp", pending)
    assert.matches("127.0.0.1", reached("tcp", "localhost:" .. port), 1, true)
    local result, message = demilune.sandbox { log = false,
      net = { connect = { "no.such.host.invalid:1" } } }:run { "true" }
    assert.is_nil(result)
    assert.matches('connect to no.such.host.invalid: it cannot be looked up: ', message, 1, true)
  end)

  it("sends datagrams there only, where it may send any", function()
    helper.needs("tcp", pending)
    for _, how in ipairs { "udp", "sendto", "sendmsg" } do
      assert.equal("127.0.0.1, ::ffff:127.0.0.1", reached(how, "127.0.0.1:" .. port, { udp = true }))
    end
    for _, how in ipairs { "sendmmsg", "unspec" } do
      assert.equal("", reached(how, "127.0.0.1:" .. port, { udp = true }))
    end
    assert.equal("", reached("udp", "127.0.0.1:" .. port))
    for _, how in ipairs { "udp", "sendto", "sendmsg", "sendmmsg" } do
      assert.equal("", attack.refused(attack.free("addresses", how, port, "127.0.0.2")))
    end
  end)

  it("asks the handlers about what they grant, and nobody about what they refuse", function()
    helper.needs("tcp", pending)
    local asked, last = {}, demilune.continue()
    local handlers = { { "connect", { handle = function(ctx)
      asked[#asked + 1] = ctx:sockaddr().address
      return last
    end, on_exception = "continue" } } }
    local two = { "127.0.0.1", "127.0.0.2" }
    local got, result = reached("tcp", "127.0.0.1:" .. port, nil, handlers, two)
    assert.equal("127.0.0.1", got)
    assert.same({ "127.0.0.1" }, asked)
    assert.same({}, result.unsafe)	-- what continues is performed
    last = nil	-- a handler that fails, and whose policy is to continue
    assert.equal("127.0.0.1", (reached("tcp", "127.0.0.1:" .. port, nil, handlers, two)))
    last = demilune.deny "ECONNREFUSED"
    assert.equal("", (reached("tcp", "127.0.0.1:" .. port, nil, handlers, two)))
    last = demilune.perform()
    assert.equal("127.0.0.1", (reached("tcp", "127.0.0.1:" .. port, nil, handlers, two)))
  end)

  it("cannot turn an address into another one after it was judged", function()
    helper.needs("tcp", pending)
    local two = { "127.0.0.1", "127.0.0.2" }
    assert.equal("", (reached("flip", "127.0.0.1:" .. port, { udp = true }, nil, two)))
  end)

  it("could where a handler judges and continues, so the try is worth something", function()
    helper.needs("tcp", pending)
    local seen = attack.confined({ net = { connect = { port }, udp = true } }, "addresses", "flip",
      port, "127.0.0.1", "127.0.0.2")
    assert.equal("got", seen.flip)
    local result = assert(demilune.sandbox { log = false, script = { time = "30s" } }
      :run_with_handlers(attack.words("addresses", "flip", port, "127.0.0.1", "127.0.0.2"), {
        { "connect", function(ctx)
          local to = ctx:sockaddr()
          return to.address == "127.0.0.1" and demilune.continue() or demilune.deny "EACCES"
        end } }))
    if attack.parse(result.stdout).flip ~= "got" then
      return pending "the other thread was never quick enough on this machine"
    end
  end)

  it("cannot have packets led to another address by the socket's options", function()
    local alone = attack.free "route"
    if alone["routing header"] ~= "got" then pending "no IPv6, or no segment routing" end
    assert.equal("", attack.refused(alone))
    local seen = attack.confined({ net = { connect = { "[::1]:" .. port } } }, "route")
    assert.same({ ["routing header"] = "EPERM", ["flow label"] = "EPERM" }, seen)
  end)

  it("has UNIX sockets as before", function()
    helper.needs("tcp", pending)
    local dir <close> = helper.scratch()
    local result = demilune.sandbox { log = false,
      net = { connect = { "127.0.0.1:" .. port }, bind = { "*" } } }
      :run { "python3", "-c", ([[
import socket
s = socket.socket(socket.AF_UNIX); s.bind("%s"); s.listen()
c = socket.socket(socket.AF_UNIX); c.connect("%s"); a, _ = s.accept()
c.send(b"x"); print(a.recv(1))]]):format(dir:path "s", dir:path "s") }
    assert.equal("b'x'\n", result.stdout, result.stderr)
  end)

  it("cannot be led elsewhere by a handler that performs", function()
    helper.needs("tcp", pending)
    local other = string.pack("=I2>I2BBBB", 2, port, 127, 0, 0, 2)
    for _, settle in ipairs { demilune.perform, demilune.continue } do
      local got, result = reached("tcp", "127.0.0.1:" .. port, nil, { { "connect", function(ctx)
        assert(ctx:write(ctx.args[2], other))
        return settle()
      end } }, { "127.0.0.1" })
      assert.equal("", got)
      assert.matches("EACCES", result.stdout, 1, true)
    end
  end)

  it("reaches what a C program grants", function()
    local seen = helper.shell { helper.program "capi_net", "reach", "127.0.0.1:" .. port,
      table.unpack(attack.words("addresses", "tcp", port, "127.0.0.1", "127.0.0.2")) }
    assert.equal(0, seen.status)
    local _, n = seen.stdout:gsub("127%.0%.0%.1", "")
    assert.equal(2, n)
    assert.equal("127.0.0.1", attack.got(attack.parse(seen.stdout .. seen.stderr)))
  end)

  it("is checked without a name server, and with what a policy denies", function()
    local ran = helper.command("check", "-e", [[
sandbox { net = { connect = { "no.such.host.invalid:1" } }, syscalls = { deny = { "connect" } } }]])
    assert.equal("", ran.stderr)
    assert.equal(0, ran.status)
    assert.matches("net    connect to no.such.host.invalid:1\n", ran.stdout, 1, true)
  end)
end)

-- What goes on without the rules of net: a listener in a thread of the program itself.
describe("a call on a socket that a thread makes", function()
  local function threaded(before)
    return demilune.sandbox { log = false }:run_with_handlers({ "python3", "-c", ([[
import ctypes, os, socket, threading
s = socket.create_server(("127.0.0.1", 0)); c = socket.socket(); other = socket.socket()
def connect():
  %s
  try: c.connect(s.getsockname()); c.getpeername(); print("connected")
  except OSError as e: print(e.strerror)
t = threading.Thread(target=connect); t.start(); t.join()]]):format(before) },
      { { "connect", function() return demilune.perform() end } })
  end

  it("is performed on the thread's own descriptor", function()
    assert.equal("connected\n", threaded "pass".stdout)
  end)

  it("is never performed on the process's, where the thread has others", function()
    local CLONE_FILES = 0x400
    local seen = threaded(("ctypes.CDLL(None).unshare(%d); "
      .. "os.dup2(other.fileno(), c.fileno())"):format(CLONE_FILES))
    local may = { ["connected\n"] = true, ["Permission denied\n"] = true }	-- before Linux 6.9
    assert.is_true(may[seen.stdout])
  end)
end)
