/* proc_mem PID ADDRESS - write into the memory of a process through /proc */
#include "verdict.h"

#include <fcntl.h>

int main(int argc, char **argv)
{
	char path[64];

	if (argc != 3)
		return 2;
	snprintf(path, sizeof path, "/proc/%s/mem", argv[1]);
	int fd = open(path, O_RDWR);
	return verdict(fd < 0 ? -1 : pwrite(fd, "x", 1, (off_t)strtoul(argv[2], NULL, 16)));
}
