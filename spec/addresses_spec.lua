--- Rules about addresses as text, and their verdicts.
local addresses = require "demilune.addresses"
local demilune = require "demilune"

local function inet(a, b, c, d, port)
  return string.pack("=I2>I2BBBBI8", 2, port, a, b, c, d, 0)
end

local function inet6(port, ...)
  return string.pack("=I2>I2I4", 10, port, 0) .. string.pack(">I2I2I2I2I2I2I2I2", ...)
    .. ("\0"):rep(4)
end

-- Whether a rule grants an address.
local function grants(rule, sockaddr)
  local parsed = assert(addresses.parse(rule))
  return addresses.judge({ parsed }, sockaddr) == true
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
      local parsed, why = addresses.parse(rule)
      assert.is_nil(parsed, rule)
      assert.matches(message, why, 1, true)
    end
    assert.error_matches(function()
      demilune.sandbox { net = { connect = { 80, "10.1.0.0/8:1" } } }
    end, 'net connect entry 2 is wrong: "10.1.0.0/8:1" has bits beyond', 1, true)
  end)

  it("judges addresses as the kernel takes them", function()
    local rules = { assert(addresses.parse "1.2.3.4:5") }
    for name, case in pairs {
      EINVAL = { inet(1, 2, 3, 4, 5):sub(1, 15) }, EACCES = { inet(1, 2, 3, 4, 6) },
      EAFNOSUPPORT = { "\0\0" .. inet(1, 2, 3, 4, 5):sub(3), true },
    } do
      local ok, errno = addresses.judge(rules, table.unpack(case))
      assert.is_nil(ok)
      assert.equal(name, errno)
    end
    assert.is_nil((addresses.judge(rules, inet6(5, 0, 0, 0, 0, 0, 0, 0, 0):sub(1, 23))))
    -- no address, a UNIX socket, and what ends a connection
    for _, bytes in ipairs { "", "\1\0/run/x", "\0\0" .. ("\0"):rep(14) } do
      assert.is_true(addresses.judge(rules, bytes))
    end
  end)

  it("with a name means what it leads to, as looked up once", function()
    local rule = assert(addresses.parse "Example.org:443")
    local asked = {}
    local rules = assert(addresses.resolve({ rule, { 80, 80 } }, function(name)
      asked[#asked + 1] = name
      return { "\1\2\3\4", inet6(0, 0, 0, 0, 0, 0, 0xffff, 0x0506, 0x0708):sub(9, 24) }
    end))
    assert.same({ "Example.org" }, asked)
    assert.is_true(addresses.judge(rules, inet(1, 2, 3, 4, 443)))
    assert.is_true(addresses.judge(rules, inet(5, 6, 7, 8, 443)))
    assert.is_true(addresses.judge(rules, inet(9, 9, 9, 9, 80)))
    assert.is_nil((addresses.judge(rules, inet(9, 9, 9, 9, 443))))
  end)
end)
