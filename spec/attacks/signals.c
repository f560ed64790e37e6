/*
 * signals SUPERVISOR SIBLING - signals whom it must not: its parent, and two
 * processes by number; and whom it may. SIGCONT does no harm to those that run.
 */
#include "attack.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	pid_t supervisor = atoi(argv[1]), sibling = atoi(argv[2]);

	tell("parent", kill(getppid(), SIGCONT));
	tell("supervisor", kill(supervisor, SIGCONT));
	tell("sibling", kill(sibling, SIGCONT));
	tell("sibling by tgkill", syscall(SYS_tgkill, sibling, sibling, SIGCONT));
	long fd = syscall(SYS_pidfd_open, sibling, 0);
	tell("sibling by pidfd", syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0));

	pid_t child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	tell("child", kill(child, SIGKILL));
	waitpid(child, NULL, 0);
	tell("itself", kill(getpid(), SIGCONT));
	return 0;
}
