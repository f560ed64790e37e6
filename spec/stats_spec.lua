local stats = require "demilune.stats"

local function new(kind, ...)
  return stats.new(kind, function() end, ...)
end

-- { { key..., value }, ... } for a comparison at a glance.
local function flat(aggregate, top)
  local list = {}
  for i, row in ipairs(aggregate:rows(top)) do
    list[i] = table.move(row.key, 1, #row.key, 1, {})
    list[i][#list[i] + 1] = row.value
  end
  return list
end

describe("an aggregate", function()
  it("counts by a key, the greatest first", function()
    local c = new "count"
    for _, key in ipairs { "b", "a", "b", 7 } do c:add(key) end
    assert.same({ { "b", 2 }, { 7, 1 }, { "a", 1 } }, flat(c))
    assert.same({ { "b", 2 } }, flat(c, 1))
  end)

  it("keeps composite keys apart, whatever bytes they hold", function()
    local c = new "count"
    c:add("a\0b", "c")
    c:add("a", "b\0c")
    c:add("a", "b\0c")
    assert.same({ { "a", "b\0c", 2 }, { "a\0b", "c", 1 } }, flat(c))
  end)

  it("needs no key", function()
    local c, s = new "count", new "sum"
    c:add()
    c:add()
    s:add(40)
    s:add(2)
    assert.same({ { 2 } }, flat(c))
    assert.same({ { 42 } }, flat(s))
  end)

  it("knows sum, min, max and avg by key, in exact integers", function()
    local seen = {}
    for _, kind in ipairs { "sum", "min", "max", "avg" } do
      local one = new(kind)
      for _, value in ipairs { 3, -5, math.maxinteger - 10, 8 } do one:add("k", value) end
      seen[kind] = one:rows()[1].value
    end
    assert.equal(math.maxinteger - 4, seen.sum)
    assert.equal(-5, seen.min)
    assert.equal(math.maxinteger - 10, seen.max)
    assert.equal("float", math.type(seen.avg))
  end)

  it("takes the message as the key when a value could not be read", function()
    local c = new "count"
    c:add(nil, "path: Bad address", 14)
    c:add(nil)
    assert.same({ { "(path: Bad address)", 1 }, { "nil", 1 } }, flat(c))
  end)

  it("refuses what it cannot add up", function()
    local s = new "sum"
    for _, value in ipairs { "x", false, 0 / 0 } do
      assert.error_matches(function() s:add("k", value) end,
        "sum:add takes the value last: a number")
    end
    assert.error_matches(function() s:add() end, "not nothing")
  end)

  it("does not grow for ever: past 100,000 keys the rest is one", function()
    local c = new "count"
    for i = 1, 100010 do c:add(i) end
    local rows = c:rows(1)
    assert.same({ "(other)" }, rows[1].key)
    assert.equal(10, rows[1].value)
  end)
end)

describe("a histogram", function()
  local function buckets(aggregate)
    local list = {}
    for i, b in ipairs(aggregate:rows()[1].value) do
      list[i] = ("%s..%s=%d"):format(b.from or "", b.to or "", b.count)
    end
    return table.concat(list, " ")
  end

  it("has a bucket for each power of two", function()
    local h = new "hist"
    for _, value in ipairs { 0, 1, 2, 3, 4, 7, -1 } do h:add(value) end
    assert.equal("..0=1 0..1=1 1..2=1 2..4=2 4..8=2", buckets(h))
    h:add(math.maxinteger)
    assert.matches("4611686018427387904..=1$", buckets(h))
  end)

  it("has buckets of one width as lhist, and one on either side", function()
    local h = new("lhist", 0, 30, 10, "sizes")
    for _, value in ipairs { -1, 0, 9, 10, 29, 30, 1e9 } do h:add(value) end
    assert.equal("..0=1 0..10=2 10..20=1 20..30=1 30..=2", buckets(h))
    assert.equal("sizes", h:lines({})[1])
  end)

  it("is drawn", function()
    local h = new "hist"
    h:add("cat", 5)
    h:add("cat", 2)
    assert.same({ "cat", "[2, 4)  1  |" .. ("@"):rep(40) .. "|",
      "[4, 8)  1  |" .. ("@"):rep(40) .. "|" }, h:lines({}))
  end)

  it("refuses steps that make no buckets", function()
    assert.error_matches(function() new("lhist", 0, 10, 0) end, "first < last")
    assert.error_matches(function() new("lhist", 0, 1e9, 1) end, "at most 1000 steps")
    assert.error_matches(function() new("lhist", "a") end, "three numbers")
  end)
end)

describe("the table of an aggregate", function()
  it("is aligned, cut with a mark, and says what it leaves out", function()
    local c = new("count", "opened")
    for _ = 1, 12 do c:add("cat", "/etc/hostname") end
    c:add("a long name", "/x")
    c:add("sh", "/y")
    assert.same({ "opened", "12  cat          /e…", " 1  a long name  /x", "... and 1 more" },
      c:lines({ top = 2 }, 20))
  end)

  it("shows no byte that steers a terminal", function()
    local c = new "count"
    c:add "\27[2Jx\ny\xff\xc2\x9b"
    assert.equal("1  \\033[2Jx\\ny\\377\\302\\233", c:lines({})[1])
    local utf8 = new "count"
    utf8:add "é\u{9b}"
    assert.equal("1  é\\u009b", utf8:lines({})[1])
  end)
end)
