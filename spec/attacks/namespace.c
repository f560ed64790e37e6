/* namespace unshare|clone|clone3|setns - get into another user namespace */
#include "verdict.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/wait.h>

static long use_clone3(void)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };

	return syscall(SYS_clone3, &args, sizeof args);
}

int main(int argc, char **argv)
{
	const char *way = argc == 2 ? argv[1] : "";
	long pid = -1;

	if (strcmp(way, "unshare") == 0)
		return verdict(unshare(CLONE_NEWUSER));
	if (strcmp(way, "setns") == 0)	/* into our own: EINVAL is the kernel's word on that */
		return verdict(setns(open("/proc/self/ns/user", O_RDONLY), 0) < 0 && errno != EINVAL ? -1 : 0);
	if (strcmp(way, "clone") == 0)
		pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0L, 0L, 0L, 0L);
	else if (strcmp(way, "clone3") == 0)
		pid = use_clone3();
	else
		return 2;
	if (pid == 0)
		_exit(0);
	return verdict(pid);
}
