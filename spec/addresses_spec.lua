--- Rules about addresses as text, and their verdicts, by spec/addresses.c.
local core = require "demilune.core"
local demilune = require "demilune"
local helper = require "spec.helper"

local function inet(a, b, c, d, port)
  return string.pack("=I2>I2BBBBI8", 2, port, a, b, c, d, 0)
end

local function inet6(port, ...)
  return string.pack("=I2>I2I4", 10, port, 0) .. string.pack(">I2I2I2I2I2I2I2I2", ...)
    .. ("\0"):rep(4)
end

-- "granted", the name of an errno, or what is wrong with a rule.
local function judge(how, sockaddr, ...)
  local hex = sockaddr:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  return helper.shell { helper.program "addresses", how, hex, ... }.stdout:match "^(.*)\n$"
end

-- Whether a rule grants an address.
local function grants(rule, sockaddr)
  local verdict = judge("connect", sockaddr, rule)
  assert(verdict == "granted" or verdict == "EACCES", verdict)
  return verdict == "granted"
end

describe("a rule about addresses", function()
  it("grants what its prefix covers, on its ports", function()
    assert.is_true(grants("10.0.0.0/8:443", inet(10, 255, 1, 2, 443)))
    assert.is_false(grants("10.0.0.0/8:443", inet(11, 0, 0, 0, 443)))
    assert.is_false(grants("10.0.0.0/8:443", inet(10, 0, 0, 0, 444)))
    assert.is_true(grants("10.128.0.0/9:1-3", inet(10, 200, 0, 0, 3)))
    assert.is_false(grants("10.128.0.0/9:1-3", inet(10, 127, 0, 0, 3)))
    assert.is_true(grants("1.2.3.4:*", inet(1, 2, 3, 4, 65535)))
    assert.is_false(grants("1.2.3.4:*", inet(1, 2, 3, 5, 1)))
    assert.is_true(grants("0.0.0.0/0:1", inet(9, 9, 9, 9, 1)))
  end)

  it("does so for IPv6, with the prefix inside or after the brackets", function()
    assert.is_true(grants("[::1]:8080", inet6(8080, 0, 0, 0, 0, 0, 0, 0, 1)))
    assert.is_false(grants("[::1]:8080", inet6(8080, 0, 0, 0, 0, 0, 0, 0, 2)))
    for _, rule in ipairs { "[2001:db8::]/33:1", "[2001:db8::/33]:1", "[2001:DB8:0:0::0]/33:1" } do
      assert.is_true(grants(rule, inet6(1, 0x2001, 0xdb8, 0x7fff, 1, 2, 3, 4, 5)))
      assert.is_false(grants(rule, inet6(1, 0x2001, 0xdb8, 0x8000, 1, 2, 3, 4, 5)))
    end
  end)

  it("takes a mapped address for one of IPv4, on both sides", function()
    local mapped = inet6(443, 0, 0, 0, 0, 0, 0xffff, 0x0a01, 0x0203)
    assert.is_true(grants("10.0.0.0/8:443", mapped))
    assert.is_true(grants("[::ffff:10.0.0.0]/104:443", mapped))
    assert.is_true(grants("[::ffff:10.0.0.0]/104:443", inet(10, 9, 9, 9, 443)))
    assert.is_false(grants("[::]/0:443", mapped))
    assert.is_false(grants("[::]/0:443", inet(10, 9, 9, 9, 443)))
    assert.is_false(grants("0.0.0.0/0:443", inet6(443, 0, 0, 0, 0, 0, 0, 0, 1)))
  end)

  it("says what is wrong with it", function()
    for rule, message in pairs {
      ["10.0.0.0/8"] = "has no port: write", ["10.0.0.1:"] = "has no port", ["::1:80"] = '"[::1]:8080"',
      ["[::1]"] = "has no port", ["10.0.0.0/33:1"] = "prefix is at most 32",
      ["[::]/129:1"] = "prefix is at most 128", ["10.1.0.0/8:1"] = "bits beyond its prefix of 8",
      ["10.0.0:1"] = "neither an address nor the name", ["10.0.0.256:1"] = "neither an address",
      ["010.0.0.1:1"] = "neither", ["0x7f.1:1"] = "neither", ["0x7f000001:1"] = "neither",
      ["a.b/8:1"] = "neither", ["[::1::2]:1"] = "neither", ["[1:2]:1"] = "neither",
      ["[1:2:3:4:5:6:7:8::]:1"] = "neither", ["[::g]:1"] = "neither",
      ["host:http"] = 'has no port but "http"', ["host:0"] = 'no port but "0"',
      ["host:9-1"] = 'no port but "9-1"', ["host:65536"] = "no port but", ["]:1"] = "is no address",
    } do
      local parsed, why = core.parse_address(rule)
      assert.is_nil(parsed, rule)
      assert.matches(message, why, 1, true)
    end
    assert.error_matches(function()
      demilune.sandbox { net = { connect = { 80, "10.1.0.0/8:1" } } }
    end, 'net connect entry 2 is wrong: "10.1.0.0/8:1" has bits beyond', 1, true)
  end)

  it("judges addresses as the kernel takes them", function()
    local rule = "1.2.3.4:5"
    assert.equal("EACCES", judge("connect", inet(1, 2, 3, 4, 6), rule))
    assert.equal("EINVAL", judge("connect", inet(1, 2, 3, 4, 5):sub(1, 15), rule))
    assert.equal("EINVAL", judge("connect", inet6(5, 0, 0, 0, 0, 0, 0, 0, 0):sub(1, 23), rule))
    assert.equal("EAFNOSUPPORT", judge("sent", "\0\0" .. inet(1, 2, 3, 4, 5):sub(3), rule))
    -- no address, a UNIX socket, and what ends a connection
    for _, bytes in ipairs { "", "\1", "\1\0/run/x", "\0\0" .. ("\0"):rep(14) } do
      assert.equal("granted", judge("connect", bytes, rule))
    end
  end)

  it("is one of several, and a name alone grants nothing", function()
    assert.equal("granted", judge("connect", inet(1, 2, 3, 4, 5), "9.9.9.9:5", "1.2.3.4:5", "[::1]:5"))
    assert.equal("EACCES", judge("connect", inet(0, 0, 0, 0, 443), "Example.org:443"))
    assert.same({ 443, 443 }, { core.parse_address "Example.org.:443" })
    assert.same({ 0, 65535 }, { core.parse_address "a-b.c_d:*" })
  end)
end)
