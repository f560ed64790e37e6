/* device PATH - opens a terminal master for reading and asks it by ioctl(2). */
#include "attack.h"

#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	unsigned int number;

	if (argc != 2)
		return 2;
	int fd = open(argv[1], O_RDONLY | O_NOCTTY);
	tell("open", fd);
	tell("ioctl", ioctl(fd, TIOCGPTN, &number));
	return 0;
}
