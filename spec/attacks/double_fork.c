/* double_fork NAME - leave a process behind that has a session of its own */
#include "verdict.h"

#include <sys/prctl.h>

int main(int argc, char **argv)
{
	(void)argv;
	if (argc != 2)
		return 2;
	if (fork() == 0) {
		setsid();
		if (fork() > 0)
			_exit(0);
		for (int fd = 0; fd < 3; fd++)	/* nobody must wait for our end of a pipe */
			close(fd);
		sleep(5);
		_exit(0);
	}
	usleep(50000);
	return verdict(0);
}
