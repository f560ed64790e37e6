-- The program reads another /etc/hostname, and no password file at all.
on("%open", function(ctx)
  local path = ctx:read_path()
  if path == "/etc/hostname" then return inject_bytes "moonlight\n" end
  if path == "/etc/passwd" then return deny "EACCES" end
  return perform()
end)

local opened = 0
watch("%open", function() opened = opened + 1 end)
at_exit(function(result)
  printf("exit status %d, %d files opened\n", result.exit_code, opened)
end)
