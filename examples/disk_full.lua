-- The disk is full when a process of the program writes for the third time.
on({ "write", "writev", "pwrite64", "pwritev", "pwritev2" },
  fault.nth(3, deny "ENOSPC", { per = "process" }))
