/* pidfd_getfd PID FD - take a descriptor out of a process */
#include "verdict.h"

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	long pidfd = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
	return verdict(pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, atoi(argv[2]), 0));
}
