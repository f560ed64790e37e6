--- Families of system calls, as data. Names that an architecture lacks are left out.

local families = {}

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

--- "%open" -> { "open", ... }
families.members = {
  ["%open"] = words "open openat openat2 creat open_by_handle_at",
  ["%stat"] = words [[stat lstat fstat newfstatat statx access faccessat faccessat2 readlink
    readlinkat statfs fstatfs]],
  ["%file"] = words [[open openat openat2 creat open_by_handle_at name_to_handle_at stat lstat
    newfstatat statx access faccessat faccessat2 readlink readlinkat statfs truncate chmod
    fchmodat fchmodat2 chown lchown fchownat utime utimes futimesat utimensat unlink unlinkat
    rmdir mkdir mkdirat mknod mknodat rename renameat renameat2 link linkat symlink symlinkat
    chdir chroot getxattr lgetxattr setxattr lsetxattr listxattr llistxattr removexattr
    lremovexattr getxattrat setxattrat listxattrat removexattrat file_getattr
    file_setattr execve execveat
    inotify_add_watch fanotify_mark mount umount2 pivot_root open_tree move_mount
    mount_setattr fspick acct swapon swapoff]],
  ["%remove"] = words "unlink unlinkat rmdir rename renameat renameat2",
  ["%exec"] = words "execve execveat",
  ["%process"] = words [[fork vfork clone clone3 execve execveat exit exit_group wait4 waitid
    kill tkill tgkill pidfd_open pidfd_getfd pidfd_send_signal rt_sigqueueinfo
    rt_tgsigqueueinfo ptrace process_vm_readv process_vm_writev unshare setns]],
  ["%net"] = words [[socket socketpair bind connect listen accept accept4 getsockname
    getpeername sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown setsockopt
    getsockopt]],
  ["%creds"] = words [[getuid geteuid getgid getegid setuid setgid setreuid setregid setresuid
    setresgid getresuid getresgid setfsuid setfsgid getgroups setgroups capget capset prctl
    umask]],
  ["%memory"] = words [[mmap munmap mprotect pkey_mprotect mremap madvise process_madvise msync
    mlock mlock2 munlock mlockall munlockall mincore remap_file_pages mbind set_mempolicy
    get_mempolicy migrate_pages move_pages pkey_alloc pkey_free brk memfd_create memfd_secret
    shmat shmdt mseal]],
  ["%desc"] = words [[read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2
    close close_range dup dup2 dup3 fcntl flock ioctl lseek pipe pipe2 fstat fstatfs ftruncate
    fallocate fadvise64 readahead fchmod fchown fchdir fsync fdatasync syncfs sync_file_range
    getdents getdents64 sendfile splice tee vmsplice copy_file_range poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
    signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime inotify_init
    inotify_init1 inotify_add_watch inotify_rm_watch memfd_create pidfd_getfd open openat
    openat2 creat]],
  ["%ipc"] = words [[shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd
    msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr]],
  ["%signal"] = words [[kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigsuspend
    rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn sigaltstack signalfd
    signalfd4 pause pidfd_send_signal]],
  ["%time"] = words [[clock_gettime clock_settime clock_getres clock_adjtime clock_nanosleep
    nanosleep gettimeofday settimeofday adjtimex time alarm getitimer setitimer timer_create
    timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime
    timerfd_gettime times]],
}

--- Calls that do the same thing to the same object: a policy that sees one and not
-- another has a hole.
families.siblings = {
  words "open openat openat2 creat",
  words "stat lstat newfstatat statx",
  words "access faccessat faccessat2",
  words "readlink readlinkat",
  words "unlink unlinkat rmdir",
  words "rename renameat renameat2",
  words "link linkat",
  words "symlink symlinkat",
  words "mkdir mkdirat",
  words "mknod mknodat",
  words "chmod fchmodat fchmodat2",
  words "chown lchown fchownat",
  words "utime utimes futimesat utimensat",
  words "execve execveat",
  words "truncate ftruncate",
  words "fork vfork clone clone3",
  words "kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo",
  words "sendto sendmsg sendmmsg",
  words "recvfrom recvmsg recvmmsg",
  words "accept accept4",
  words "read readv pread64 preadv preadv2",
  words "write writev pwrite64 pwritev pwritev2",
  words "dup dup2 dup3",
  words "getdents getdents64",
  words "pipe pipe2",
  words "setxattr lsetxattr setxattrat",
  words "getxattr lgetxattr getxattrat",
  words "removexattr lremovexattr removexattrat",
  words "setuid setreuid setresuid",
  words "setgid setregid setresgid",
  words "mprotect pkey_mprotect",
  words "nanosleep clock_nanosleep",
}

return families
