/*
 * wake_reader DIR FIFO - a path in DIR leads to a plain file at first, and then to a FIFO:
 * a reader who waits there sees whoever opens it come and go
 */
#include "attack.h"


int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	char *link = join(argv[1], "link"), *plain = join(argv[1], "plain");

	for (int i = 0; i < 3; i++) {
		unlink(link);
		close(creat(plain, 0600));
		if (symlink(plain, link) < 0)
			return 2;
		close(open(link, O_WRONLY));
		unlink(link);
		if (symlink(argv[2], link) < 0)
			return 2;
		int fd = open(link, O_WRONLY | O_NONBLOCK);
		if (i == 2)
			tell("fifo", fd);
		close(fd);
	}
	return 0;
}
