local helper = require "spec.helper"

local flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
  .. "--disable-background-networking --disable-component-update --disable-sync "
  .. "--virtual-time-budget=60000"

-- The page as the browser has it after its script, and after this one.
local function open(path, script)
  if not os.execute "command -v chromium >/dev/null" then
    pending "chromium is not installed"
  end
  local dir <close> = helper.scratch()
  local file <close> = assert(io.open(path, "rb"))
  local page = dir:write("page.html", file:read "a"
    .. "<script>document.addEventListener('DOMContentLoaded', () => {"
    .. (script or "") .. "});</script>")
  local seen = helper.shell { "sh", "-c", ("HOME=%s chromium %s --user-data-dir=%s/profile "
    .. "--dump-dom file://%s"):format(dir.root, flags, dir.root, page) }
  return seen.stdout:gsub('<script type="application/json".-</script>', "")
end

-- The text of an element that holds only text and rows.
local function part(dom, id)
  local from = assert(dom:find('id="' .. id .. '"', 1, true), id)
  local text = dom:sub(from):match "^.->(.*)"
  local stop = text:find("<h2>", 1, true) or text:find('<div id="', 1, true) or #text
  return (text:sub(1, stop - 1):gsub("<[^>]*>", " "))
end

local policy = [[
on("openat", function(ctx)
  if ctx:path() == "/etc/shadow" then return deny "EACCES" end
  return continue()
end)
on("chdir", { on_exception = "continue" }, function() error "broken <b>" end)
local seen = count "opened"
watch("openat", function() seen:add() end)
]]

-- What a reader does; what the list shows then goes to the body as data-NAME.
local reader = [[
  const search = document.getElementById("search"), keep = name =>
    document.body.dataset[name] = document.getElementById("list").innerText;
  const type = text => { search.value = text; search.dispatchEvent(new Event("input")); };
  type("CAF"); keep("bytes");
  type("script b"); keep("markup");
  type("no such file"); keep("none"); type("");
  document.querySelector("[data-view=hosts]").click(); keep("hosts");
  document.querySelector("[data-view=files]").click();
  [...document.querySelectorAll("#tree .row")].find(r => r.textContent.includes("/bin/false"))
    .click();
  keep("program");
]]

describe("the page of --html", function()
  local dir, path, text, dom

  setup(function()
    dir = helper.scratch()
    path = dir:path "page.html"
    helper.command("run", "--html", path, dir:write("policy.lua", policy), "--", "sh", "-c", [[
      cat /etc/shadow; cd /; sh -c '/bin/false'; cat "/</script><b>x" /etc/hostname
      python3 -c 'import socket; socket.socket().connect_ex(("127.0.0.1", 1))
try: open(b"/caf\xe9")
except OSError: pass'; exit 4]])
    text = dir:read "page.html"
  end)

  teardown(function() dir:__close() end)

  it("needs nothing but itself", function()
    assert.matches("default%-src 'none'", text)
    assert.not_matches("https?://", text)
    assert.equal(2, select(2, text:gsub("</script>", "")))
  end)

  it("shows what was refused and what failed first", function()
    dom = dom or open(path, reader)
    local troubles = part(dom, "troubles")
    assert.matches('/etc/shadow.*deny%("EACCES"%)', troubles)
    assert.matches("policy.lua:5: broken &lt;b&gt; %(continue%)", troubles)
    assert.is_true(dom:find('id="troubles"', 1, true) < dom:find('id="tree"', 1, true))
    assert.matches("ended: exited with status 4", dom)
  end)

  it("shows the programs as a tree on a time axis", function()
    helper.needs("Linux 6.15", pending)
    dom = dom or open(path, reader)
    assert.matches("  sh %-c", part(dom, "tree"))
    assert.matches(" 1 +    /bin/false", part(dom, "tree"))
    local bars = dom:match 'id="tree"(.*)id="tools"'
    assert.is_true(select(2, bars:gsub("<i[^>]*left: [%d.]+%%; width: [%d.]+%%", "")) >= 5)
  end)

  it("is searched and filtered", function()
    dom = dom or open(path, reader)
    local function kept(name) return dom:match("data%-" .. name .. '="([^"]*)"') end
    assert.matches("/caf\\351", kept "bytes")
    assert.not_matches("/etc", kept "bytes")
    assert.matches("/<?[&lt;]*/script[&gt;>]*<?[&lt;]*b", kept "markup")
    assert.equal("", kept "none")
    assert.matches("connect%s+127.0.0.1:1", kept "hosts")
    assert.matches("/libc", kept "program")
    assert.not_matches("/etc/hostname", kept "program")
  end)

  it("opens with 100,000 events, and only the rows in sight exist", function()
    local html = require "demilune.html"
    local big = assert(html.open(require "demilune.core", dir:path "big.html",
      require "demilune.json".encode))
    for i = 1, 100000 do
      big:add { type = "call", time_ns = 1795557625921644950 + i, pid = i % 50, tgid = i % 50,
        comm = "sh", call = "openat", text = ("openat(AT_FDCWD, %q)"):format("/file/" .. i),
        files = { { "/file/" .. i, { "read" } } } }
    end
    big:close()
    local page = open(dir:path "big.html", [[const s = document.getElementById("search");
      document.querySelector("[data-view=events]").click();
      document.body.dataset.rows = document.querySelectorAll("#list .row").length;
      s.value = "file/99999"; s.dispatchEvent(new Event("input"));]])
    assert.matches('data%-ready="100000"', page)
    assert.is_true(tonumber(page:match 'data%-rows="(%d+)"') < 60)
    assert.matches("1 of 100,000", part(page, "shown"))
    assert.matches("the page was cut off", page)
  end)
end)
