/*
 * Names and numbers of the system calls of this architecture, by libseccomp, and
 * what a notification has to know about a call. No number is written here.
 */
#include <demilune.h>

#include <errno.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdlib.h>

/*
 * Calls that never give EINTR, or whose callers do not repeat them: a signal
 * before the receive makes them fail all the same, seccomp_unotify(2).
 */
static const char *const fragile_calls[] = {
	"arch_prctl", "brk", "clone", "clone3", "close", "close_range", "dup", "dup2",
	"dup3", "exit", "exit_group", "fork", "madvise", "mmap", "mprotect", "mremap",
	"munmap", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"set_robust_list", "set_tid_address", "sigaltstack", "vfork",
};

/* Which arguments are paths: bit i is argument i, from 0. */
static const struct {
	const char *name;
	unsigned char paths;
} path_calls[] = {
	{ "access", 1 }, { "acct", 1 }, { "chdir", 1 }, { "chmod", 1 }, { "chown", 1 },
	{ "chroot", 1 }, { "creat", 1 }, { "execve", 1 }, { "execveat", 2 },
	{ "faccessat", 2 }, { "faccessat2", 2 }, { "fchmodat", 2 }, { "fchmodat2", 2 },
	{ "fchownat", 2 }, { "fspick", 2 }, { "futimesat", 2 }, { "getxattr", 1 },
	{ "inotify_add_watch", 2 }, { "lchown", 1 }, { "lgetxattr", 1 }, { "link", 3 },
	{ "linkat", 10 }, { "listxattr", 1 }, { "llistxattr", 1 }, { "lremovexattr", 1 },
	{ "lsetxattr", 1 }, { "lstat", 1 }, { "mkdir", 1 }, { "mkdirat", 2 },
	{ "mknod", 1 }, { "mknodat", 2 }, { "mount", 3 }, { "name_to_handle_at", 2 },
	{ "newfstatat", 2 }, { "open", 1 }, { "open_tree", 2 }, { "openat", 2 },
	{ "openat2", 2 }, { "pivot_root", 3 }, { "readlink", 1 }, { "readlinkat", 2 },
	{ "removexattr", 1 }, { "rename", 3 }, { "renameat", 10 }, { "renameat2", 10 },
	{ "rmdir", 1 }, { "setxattr", 1 }, { "stat", 1 }, { "statfs", 1 },
	{ "statx", 2 }, { "swapoff", 1 }, { "swapon", 1 }, { "symlink", 3 },
	{ "symlinkat", 5 }, { "truncate", 1 }, { "umount2", 1 }, { "unlink", 1 },
	{ "unlinkat", 2 }, { "utime", 1 }, { "utimensat", 2 }, { "utimes", 1 },
};

static struct {
	const char *name;
	unsigned char paths;
	unsigned char fragile;
} calls[DEMI_SYSCALL_END];
static pthread_once_t calls_once = PTHREAD_ONCE_INIT;

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Numbers below 0 are libseccomp's for calls that do not exist here. */
static int number(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return 0 <= nr && nr < DEMI_SYSCALL_END ? nr : -ENOENT;
}

static void fill(void)
{
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++)
		calls[nr].name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	for (size_t i = 0; i < LENGTH(fragile_calls); i++) {
		int nr = number(fragile_calls[i]);
		if (nr >= 0)
			calls[nr].fragile = 1;
	}
	for (size_t i = 0; i < LENGTH(path_calls); i++) {
		int nr = number(path_calls[i].name);
		if (nr >= 0)
			calls[nr].paths = path_calls[i].paths;
	}
}

static int known(int nr)
{
	pthread_once(&calls_once, fill);
	return 0 <= nr && nr < DEMI_SYSCALL_END;
}

int demi_syscall_number(const char *name)
{
	return number(name);
}

const char *demi_syscall_name(int nr)
{
	return known(nr) ? calls[nr].name : NULL;
}

int demi_syscall_fragile(int nr)
{
	return known(nr) ? calls[nr].fragile : 0;
}

unsigned int demi_syscall_paths(int nr)
{
	return known(nr) ? calls[nr].paths : 0;
}
