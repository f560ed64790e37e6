/* inherited_fd NAME - open a file beneath a directory that somebody left open */
#include "verdict.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	for (int fd = 3; fd < 256; fd++)
		if (openat(fd, argv[1], O_RDONLY) >= 0)
			return verdict(0);
	return verdict(-1);
}
