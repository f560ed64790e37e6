local helper = require "spec.helper"

describe("the rock #plain", function()
  it("is made without a network, and its module and command work from their place", function()
    if helper.shell({ "sh", "-c", "command -v luarocks" }).stdout == "" then
      return pending "luarocks is not installed"
    end
    local tree <close> = helper.scratch()
    local made = helper.shell { "sh", "-c", [[
      env -u MAKEFLAGS -u MFLAGS luarocks --lua-version 5.4 --only-server=/none --tree ]]
      .. tree:path() .. " make demilune-scm-1.rockspec" }
    assert.matches("demilune scm-1 is now installed", made.stdout, 1, true)
    local seen = helper.shell { "sh", "-c", ([[
      cd / && export LUA_PATH='%s/share/lua/5.4/?.lua;%s/share/lua/5.4/?/init.lua'
      export LUA_CPATH='%s/lib/lua/5.4/?.so'
      lua5.4 -e 'io.write(require "demilune".sandbox {}:run { "echo", "module" }.stdout)'
      %s/bin/demilune run -- echo command
    ]]):gsub("%%s", tree:path()) }
    assert.equal("module\ncommand\n", seen.stdout)
  end)
end)
