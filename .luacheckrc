std = "lua54"
files["spec"] = { std = "+busted" }
-- what a policy has in scope besides Lua's own
local policy = { "sandbox", "on", "watch", "at_exit", "release", "fault", "demilune", "continue",
  "deny", "returns", "inject_fd", "inject_bytes", "hold", "kill", "perform", "presets", "use", "printf", "count", "sum",
  "avg", "min", "max", "hist", "lhist", "event", "line", "follow", "observer",
  "tool" }
files["examples"] = { read_globals = policy }
files["examples/policy_test.lua"] = { std = "+busted" }
files["lua/demilune/tools"] = { read_globals = policy }
