rockspec_format = "3.0"
package = "demilune"
version = "scm-1"
source = { url = "." }
description = {
  summary = "Run a program and decide its system calls in Lua",
  detailed = [[
    A sandbox runner for Linux: the kernel enforces what is fixed, a Lua function
    decides the rest, call by call. Needs the headers of Lua 5.4, libseccomp and
    libcap-ng.]],
  license = "MIT",
}
supported_platforms = { "linux" }
dependencies = { "lua ~> 5.4" }
build = {
  type = "make",
  install_target = "install-lua",
  install_variables = { BINDIR = "$(BINDIR)", LUADIR = "$(LUADIR)", LUALIBDIR = "$(LIBDIR)" },
}
test = { type = "command", command = "make check" }
