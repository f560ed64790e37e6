/* memory_bomb MEGABYTES [PROCESSES] - have so much memory, in so many processes */
#include "verdict.h"

#include <sys/mman.h>
#include <sys/wait.h>

static int take(size_t bytes)
{
	for (size_t had = 0; had < bytes; had += 1 << 20) {
		char *more = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (more == MAP_FAILED)
			return -1;
		memset(more, 1, 1 << 20);
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) << 20;
	int n = argc > 2 ? atoi(argv[2]) : 1, status, worst = 0;

	if (n == 1)
		return verdict(take(bytes));
	for (int i = 0; i < n; i++)
		if (fork() == 0) {
			int rc = take(bytes / (size_t)n);
			usleep(300000);		/* all at a time */
			_exit(rc < 0);
		}
	while (wait(&status) > 0)
		worst |= status;
	errno = ENOMEM;
	return verdict(worst ? -1 : 0);
}
