/*
 * calls N CALL [PATH] - makes a call N times and prints the nanoseconds of one
 *
 * CALL is getppid, or one that takes (AT_FDCWD, PATH, 0).
 */
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	long n = atol(argv[1]);
	int nr = seccomp_syscall_resolve_name(argv[2]);
	const char *path = argc > 3 ? argv[3] : NULL;
	int64_t start = now_ns();

	for (long i = 0; i < n; i++) {
		long fd = syscall(nr, AT_FDCWD, path, 0);
		if (fd > 2 && argc > 4)	/* an open: give the descriptor back */
			close((int)fd);
	}
	printf("%ld\n", (long)((now_ns() - start) / n));
	return 0;
}
