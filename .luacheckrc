std = "lua54"
files["spec"] = { std = "+busted" }
files["examples"] = { -- policies
  read_globals = {
    "on", "watch", "at_exit", "sandbox", "printf", "continue", "deny", "returns", "inject_fd",
    "inject_bytes", "hold", "kill", "perform",
  },
}
