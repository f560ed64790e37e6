--- What a program starts with: environment, directory, umask, descriptors, terminal.
local demilune = require "demilune"
local helper = require "spec.helper"

local function says(settings, ...)
  settings.log = false
  return assert(demilune.sandbox(settings):run { ... }).stdout
end

describe("clean_env", function()
  it("keeps PATH, HOME, USER, TERM and LANG, and nothing else", function()
    local seen = helper.shell { "env", "-i", "PATH=" .. os.getenv "PATH", "HOME=/h", "USER=u",
      "TERM=t", "LANG=C", "SECRET=s", "PATHS=p", "LANGUAGE=l", helper.demilune, "-e",
      "sandbox { clean_env = true }", "--", "env" }
    assert.matches("PATH=", seen.stdout)
    for _, kept in ipairs { "HOME=/h", "USER=u", "TERM=t", "LANG=C" } do
      assert.matches(kept, seen.stdout)
    end
    assert.is_nil(seen.stdout:match "SECRET" or seen.stdout:match "PATHS"
      or seen.stdout:match "LANGUAGE")
  end)

  it("is the ground for env", function()
    assert.equal("hidden\n", says({ clean_env = true, env = { HIDDEN = "hidden" } },
      "sh", "-c", "echo $HIDDEN"))
    assert.equal("\n", says({ clean_env = true, env = { HOME = false } }, "sh", "-c", "echo $HOME"))
  end)
end)

describe("umask", function()
  it("is the program's own", function()
    assert.equal("0077\n", says({ umask = "077" }, "sh", "-c", "umask"))
  end)

  it("is octal text", function()
    assert.error_matches(function() demilune.sandbox { umask = 22 } end, 'octal, as a string: "022"')
    assert.error_matches(function() demilune.sandbox { umask = "09" } end, "octal")
  end)
end)

describe("a descriptor", function()
  local list = "exec ls /proc/self/fd"

  it("above 2 is closed unless it was given", function()
    -- ls itself opens the directory, as the lowest free number
    local redirect = { redirect = "7</etc 8</etc" }
    assert.equal("0\n1\n2\n3\n",
      helper.shell({ helper.demilune, "run", "--", "sh", "-c", list }, redirect).stdout)
    assert.equal("0\n1\n2\n3\n7\n", helper.shell({ helper.demilune, "-e",
      "sandbox { fds = { 7 } }", "--", "sh", "-c", list }, redirect).stdout)
  end)

  it("that is not open cannot be given", function()
    local result, message = demilune.sandbox({ fds = { 250 } }):run { "true" }
    assert.is_nil(result)
    assert.matches("descriptor 250: Bad file descriptor", message)
  end)
end)

describe("the controlling terminal", function()
  local open = { "sh", "-c", "(: </dev/tty) 2>/dev/null && echo has it || echo has none" }

  -- The command in a terminal of its own: python3 makes one.
  local function in_terminal(words)
    for i, word in ipairs(words) do words[i] = ("%q"):format(word) end
    return helper.shell({ "python3", "-c", "import pty; pty.spawn([" .. table.concat(words, ",")
      .. "])" }).stdout:gsub("\r", "")
  end


  it("stays with a program that reads from it", function()
    assert.matches("has it", in_terminal { helper.demilune, "run", "--", table.unpack(open) })
  end)

  it("is gone for one that does not", function()
    local words = helper.demilune .. " run -- " .. "sh -c '" .. open[3] .. "' </dev/null"
    assert.matches("has none", in_terminal { "sh", "-c", words })
    words = words:gsub("run", "-e 'sandbox { terminal = true }'", 1)
    assert.matches("has it", in_terminal { "sh", "-c", words })
  end)

  it("is never there for a captured run", function()
    assert.matches("has none", says({}, table.unpack(open)))
  end)

  it("sends its interrupt on to a program that does not have it", function()
    local script = "import pty, os, time, sys\npid, fd = pty.fork()\n"
      .. "if pid == 0: os.execvp('sh', ['sh', '-c', sys.argv[1]])\n"
      .. "os.read(fd, 100)\nos.write(fd, b'\\x03')\nprint(os.waitpid(pid, 0)[1])"
    local seen = helper.shell { "python3", "-c", script, "exec " .. helper.demilune
      .. " run -t 10s -- sh -c 'echo ready; exec sleep 8' </dev/null" }
    assert.equal(130 << 8, tonumber(seen.stdout))
  end)
end)
