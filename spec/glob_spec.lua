local glob = require "demilune.glob"

local function matches(pattern, path)
  return assert(glob.matcher(pattern))(path)
end

describe("a path pattern", function()
  it("matches a path and all beneath it", function()
    assert.is_true(matches("/etc/ssh", "/etc/ssh"))
    assert.is_true(matches("/etc/ssh", "/etc/ssh/keys/a"))
    assert.is_true(matches("/etc/ssh/", "/etc/ssh/a"))
    assert.is_false(matches("/etc/ssh", "/etc/sshd"))
    assert.is_false(matches("/etc/ssh", "/etc"))
    assert.is_true(matches("/", "/anything"))
  end)

  it("lets * and ? stop at a slash, and ** go on", function()
    assert.is_true(matches("/home/*/.ssh", "/home/ann/.ssh/id"))
    assert.is_false(matches("/home/*/.ssh", "/home/ann/x/.ssh"))
    assert.is_true(matches("/home/**/.ssh", "/home/ann/x/.ssh"))
    assert.is_true(matches("/tmp/?", "/tmp/a"))
    assert.is_false(matches("/tmp?a", "/tmp/a"))
  end)

  it("takes sets, and everything else as it is", function()
    assert.is_true(matches("/tmp/[a-c]", "/tmp/b"))
    assert.is_false(matches("/tmp/[!a-c]", "/tmp/b"))
    assert.is_false(matches("/tmp/x[!a]y", "/tmp/x/y"))
    assert.is_true(matches("/a.b-c+%d(1)", "/a.b-c+%d(1)"))
    assert.is_false(matches("/a.b", "/aXb"))
    assert.is_true(matches("/a\\*b", "/a*b"))
    assert.is_false(matches("/a\\*b", "/aXb"))
    assert.is_true(matches("/a[b", "/a[b"))
    assert.is_true(matches("/[]]", "/]"))
  end)

  it("works on bytes that are not UTF-8", function()
    assert.is_true(matches("/tmp/\xff*", "/tmp/\xff\xfe"))
  end)

  it("is refused if it is no pattern", function()
    assert.same({ nil, "pattern 2 is a number, not a path pattern" },
      { glob.matcher { "/a", 2 } })
    assert.same({ nil, "no patterns" }, { glob.matcher {} })
    assert.same({ nil, "pattern 1 is empty, not a path pattern" }, { glob.matcher "" })
  end)
end)

describe("glob.keeper", function()
  it("says whether a directory may be renamed without loss", function()
    local keeps = glob.keeper { "/home/*/.ssh/**", "**/*.pem", "/srv/[a-c]/key" }
    for pair, expected in pairs {
      ["/tmp/a /tmp/b"] = true, ["/home /h"] = false, ["/home/ann /home/bob"] = true,
      ["/home/ann /tmp/ann"] = false, ["/home/ann/x /tmp/x"] = true, ["/tmp/x /home/y"] = true,
      ["/srv/a /srv/b"] = true, ["/srv/a /srv/d"] = false, ["/srv/d /srv/a"] = true,
      ["/tmp/x /tmp/x.pem"] = true, ["/tmp/x.pem /tmp/x"] = false,
    } do
      assert.equal(expected, keeps(pair:match "%S+", pair:match " (.*)"), pair)
    end
  end)
end)

describe("a pattern with many stars", function()
  it("is matched in a moment, whatever path a program makes for it", function()
    local path = ("/a"):rep(2000)
    local before = os.clock()
    for _, pattern in ipairs { "**/a/**/a/**/b", "**/*a*a*a*b", "**/*a*/**/*b*/**/c" } do
      local judge = glob.matcher(pattern)
      assert.is_false(judge(path))
      assert.is_false(judge("/x/" .. ("a"):rep(255)))
      assert.is_true(judge(path .. "/" .. pattern:gsub("%*", "") .. "/d"))
    end
    assert.is_true(os.clock() - before < 2)
  end)
end)

describe("glob.resolve", function()
  local function real_path(path)
    local links = { ["/var/run"] = "/run", ["/bin"] = "/usr/bin", [""] = "/" }
    return links[path:match "^(.-)/*$"]
  end

  it("follows what is there of the plain start", function()
    for pattern, expected in pairs {
      ["/var/run/docker.sock"] = "/run/docker.sock", ["/bin/**"] = "/usr/bin/**",
      ["/nowhere/*"] = "/nowhere/*", ["**/x"] = "**/x", ["/var/run"] = "/run",
    } do
      assert.equal(expected, glob.resolve(pattern, real_path))
    end
  end)
end)
