/*
 * noptrace COMMAND... - runs it without ptrace permission, as a default container does:
 * ptrace(2), pidfd_getfd(2), process_vm_*(2) and kcmp(2) fail with EPERM
 */
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char *const calls[] = {
		"ptrace", "pidfd_getfd", "process_vm_readv", "process_vm_writev", "kcmp",
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM),
				     seccomp_syscall_resolve_name(calls[i]), 0) < 0)
			return 125;
	if (argc < 2 || seccomp_load(ctx) < 0)
		return 125;
	execvp(argv[1], argv + 1);
	return 127;
}
