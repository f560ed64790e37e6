local names = require "demilune.names"

local known = { print = true, on = true, ipairs = true }

local function unknown(text)
  local found = {}
  for i, one in ipairs(names.unknown(text, function(name) return known[name] end)) do
    found[i] = ("%s:%d"):format(one.name, one.line)
  end
  return table.concat(found, " ")
end

describe("the names that nobody declared", function()
  it("are found with the line where they are first read", function()
    assert.equal("foo:2 bar:3", unknown "print(1)\nfoo()\nreturn bar + foo")
    assert.equal("deep:1", unknown "on('x', function() return function() deep() end end)")
    assert.equal("made:1", unknown "function made() end")
  end)

  it("are not locals, parameters, loop variables, attribs, labels, fields or methods", function()
    for _, text in ipairs {
      "local a, b <close>, c <const> = 1; print(a, b, c)",
      "local function f(x, ...) return f, x, ... end",
      "on('x', function(ctx) return ctx.y.z, ctx:w() end)",
      "for i, v in ipairs{} do print(i, v) end for n = 1, 2 do print(n) end",
      "goto done ::done:: print(1)",
      "print { key = 1, other = 2; third = 3, ['x'] = 4 }",
      "local t = {} function t.a.b:c(d) return self, d end",
      "return 0xff + 1e5 + 0x.8p1 .. 'x' and nil or not true",
    } do
      assert.equal("", unknown(text), text)
    end
  end)

  it("are not words in strings and comments", function()
    for _, text in ipairs {
      "-- foo\nprint(1) --[[ bar\nbaz ]] print(2) --[==[ ]] x ]==]",
      [==[print("it's foo \" bar", 'say "foo" \\', [[ foo
        bar ]], [=[ ]] x ]=])]==],
    } do
      assert.equal("", unknown(text), text)
    end
    assert.equal("foo:3", unknown "print [[\n\n]] foo()")
    assert.equal("foo:1 bar:1", unknown "print(foo..bar)")
  end)
end)
