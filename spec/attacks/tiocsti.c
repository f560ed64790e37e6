/* tiocsti [wide] - type into our terminal; wide: with a bit that the kernel ignores */
#include "verdict.h"

#include <fcntl.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	unsigned long request = TIOCSTI;
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	(void)argv;
	if (fork() != 0) {	/* a session of our own takes a terminal on open */
		usleep(200000);
		return 0;
	}
	setsid();
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return 2;
	int terminal = open(ptsname(master), O_RDWR);
	if (argc == 2)
		request |= 1UL << 32;
	return verdict(terminal < 0 ? -1 : syscall(SYS_ioctl, terminal, request, "x"));
}
