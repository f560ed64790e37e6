--- What a program chose must neither steer the terminal nor look like a line of ours.
local helper = require "spec.helper"
local log = require "demilune.log"

describe("text for a terminal", function()
  it("has no control character, of eight bits or in UTF-8 either", function()
    assert.equal("a\\033[2J\tb\nc\\177", log.escape "a\27[2J\tb\nc\127")
    assert.equal("\\u009b2J é", log.escape "\xc2\x9b2J é")
    assert.equal("\\2332J \\303", log.escape "\x9b2J \xc3")
  end)

  it("does not turn the order of what is read around", function()
    assert.equal("\\u202egpj.exe\\u2066x", log.escape "\u{202e}gpj.exe\u{2066}x")
  end)

  it("can be one line", function()
    assert.equal("a\\nb\\tc", log.line "a\nb\tc")
  end)
end)

describe("an error that a program's path is part of", function()
  it("is one line on stderr, whatever the path is", function()
    local result = helper.shell { helper.demilune, "--on", "openat", "error(ctx:path())", "--",
      "cat", "/x\ndemilune: all good\u{9b}2J" }
    assert.matches("/x\\ndemilune: all good\\u009b2J\n", result.stderr, 1, true)
    assert.not_matches("\ndemilune: all good", result.stderr, 1, true)
  end)
end)
