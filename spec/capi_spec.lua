local helper = require "spec.helper"

-- Each is a function of spec/capi.c, which also counts descriptors and children.
local promises = {
  layout = "has a notification of 80 bytes and the documented numbers",
  setters = "refuses what the kernel would misread when an action is made",
  injections = "closes a descriptor and drops ud once, also of an action it refuses",
  ud_drop = "drops the ud of a handler exactly once, registration failures included",
  decisions = "lets a handler answer, deny, continue and kill",
  injected = "injects a descriptor, tells its number, and fails without continuing",
  performed = "makes a call for the program, tells what came of it, and fails without continuing",
  memory = "reads and writes the memory of the program, and says what it cannot",
  chain = "asks watchers first and stops at the first answer",
  errors = "lists distinct failures once, counted, with traceback and outcome",
  stepped = "serves two runs from one poll(2)",
  released = "holds a call until it is released, or out of time",
  refusals = "refuses bad commands and settings, with a line of text",
  endings = "says why a run ended, and leaves nothing of one that is freed",
  stdio = "gives a pipe once and keeps what was captured",
  again_and_again = "runs fifty programs without losing a descriptor or a child",
}

describe("the C library", function()
  for name, promise in pairs(promises) do
    it(promise, function()
      local seen = helper.shell { helper.program "capi", name }
      assert.equal("", seen.stdout)
      assert.equal(0, seen.status or 1)
    end)
  end
end)

describe("a rule about addresses of the C library", function()
  it("is refused with a line of text, when it is set or when it cannot be looked up", function()
    local seen = helper.shell { helper.program "capi_net", "rules" }
    assert.equal("", seen.stdout)
    assert.equal(0, seen.status or 1)
  end)
end)

describe("the installed library #plain", function()
  local place, prefix = helper.scratch(), "/opt/demilune"
  local cc = os.getenv "CC" or "cc"

  local function sh(script)
    return helper.shell { "sh", "-ec", ("root=%s; prefix=%s; cc='%s'; %s"):format(
      place:path(), prefix, cc, script) }
  end

  local function build_and_run(flags, name)
    local built = sh(([[
      export PKG_CONFIG_PATH=$root$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
      $cc %s examples/embed.c $(pkg-config --cflags --libs %s demilune) -o $root/%s
    ]]):format(flags, flags == "-static" and "--static" or "", name))
    assert.equal(0, built.status)	-- a static libcap-ng makes ld warn of its initgroups
    return sh(("LD_LIBRARY_PATH=$root$prefix/lib $root/%s cat /etc/hostname /etc/passwd")
      :format(name))
  end

  setup(function()
    -- flags of the make that runs these specs must not reach this one
    local made = sh(("env -u MAKEFLAGS -u MFLAGS make -s install B=%s DESTDIR=$root PREFIX=$prefix")
      :format(helper.build))
    assert(made.status == true or made.status == 0, made.stderr)
  end)

  teardown(function() place:__close() end)

  for flags, name in pairs { [""] = "shared", ["-static"] = "static" } do
    it("is found by pkg-config, and embed.c runs with it " .. name, function()
      local seen = build_and_run(flags, name)
      assert.equal(1, seen.status)
      assert.matches("cat: /etc/passwd: Permission denied", seen.stderr, 1, true)
      assert.matches("embed: denied 1 of %d+ calls", seen.stderr)
    end)
  end

  it("has a soname, and only the public functions are visible", function()
    local seen = sh [[
      readelf -d $root$prefix/lib/libdemilune.so | grep -c 'soname: .libdemilune.so.0'
      nm -D --defined-only $root$prefix/lib/libdemilune.so | grep -vc ' T demi_' || true
    ]]
    assert.equal("1\n0\n", seen.stdout)
  end)

  it("has a header that C++ and ISO C compilers take", function()
    local seen = sh [[
      cd $root$prefix/include
      printf '#include <demilune.h>\nint main() { return 0; }\n' >$root/try.cc
      cp $root/try.cc $root/try.c
      c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. $root/try.cc
      $cc -std=c99 -Wall -Wextra -Werror -fsyntax-only -I. -D_POSIX_C_SOURCE=200809L $root/try.c
    ]]
    assert.equal("", seen.stderr)
  end)

  it("documents each function under its own name, right above it", function()
    local header <close> = assert(io.open "include/demilune.h")
    local documented, declared = {}, {}
    local code = header:read "a":gsub("/%*.-%*/", function(comment)
      local name = comment:match "^/%*[%s*]*(demi_[a-z_]+) %- "
      return name and "@" .. name .. "@" or ""
    end)
    for doc, line in code:gmatch "([^\n]*)\n([a-z][^\n]*)" do
      local name = line:match "(demi_[a-z_]+)%("
      if name then
        declared[#declared + 1] = name
        documented[#documented + 1] = doc:match "^@(.*)@$" or "undocumented"
      end
    end
    assert.is_true(#declared > 40)
    assert.same(declared, documented)
  end)
end)
