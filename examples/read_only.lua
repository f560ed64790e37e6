-- The program reads what it likes and changes no file; what it tried is said at the end.
-- With no more to write to than devices, chmod and its like are refused, too.
-- Before Linux 6.10 ioctl on devices that the program may read is not kept from it.
sandbox {
  read = { "/" }, write = { "/dev/null", "?/dev/tty" }, on_missing = { devices = "degrade" },
}

local tried = count()
local changes = { "%remove", "mkdir*", "mknod*", "link*", "symlink*", "truncate", "creat" }

watch({ "open", "openat" }, { when = { flags = { any = "O_WRONLY|O_RDWR|O_CREAT" } } }, function(ctx)
  tried:add(ctx:path())
end)

watch(changes, function(ctx) tried:add(tostring(ctx)) end)

at_exit(function() tried:print { top = 10 } end)
