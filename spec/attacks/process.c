/*
 * process PID FILE - reaches through /proc/PID for the memory, the root, the working
 * directory and the descriptors of another process; FILE is seen from its root.
 */
#include "attack.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
	static const char *const names[] = { "mem", "environ", "maps", "fd/0", "cwd/.", "root/." };
	char path[4096];
	struct stat st;

	if (argc != 3)
		return 2;
	const char *dir = join("/proc", argv[1]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int fd = open(join(dir, names[i]), O_RDONLY);
		/* opening maps is allowed, reading it is not */
		tell(names[i], fd >= 0 && i == 2 ? read(fd, path, 1) : fd);
	}
	snprintf(path, sizeof path, "%s/root%s", dir, argv[2]);
	tell("its file", stat(path, &st));
	return 0;
}
