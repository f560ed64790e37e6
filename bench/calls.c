/*
 * calls [-p THREADS] N CALL [PATH] - makes a call N times and prints the nanoseconds of one
 *
 * CALL is getppid, or one that takes (AT_FDCWD, PATH, 0).
 *
 *   -p  so many threads have made the call with 1 as its first argument, and wait for
 *       an answer that does not come
 */
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int nr;

static void *park(void *unused)
{
	syscall(nr, 1L);
	return unused;
}

static void park_threads(int n)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < n; i++)
		if (pthread_create(&thread, &attr, park, NULL) != 0)
			exit(1);
	usleep(500000);	/* until all of them wait */
}

int main(int argc, char **argv)
{
	int parked = argc > 2 && strcmp(argv[1], "-p") == 0 ? atoi(argv[2]) : 0;

	argc -= parked ? 2 : 0;
	argv += parked ? 2 : 0;
	if (argc < 3)
		return 2;
	long n = atol(argv[1]);
	nr = seccomp_syscall_resolve_name(argv[2]);
	const char *path = argc > 3 ? argv[3] : NULL;
	if (parked)
		park_threads(parked);
	int64_t start = now_ns();

	for (long i = 0; i < n; i++) {
		long fd = syscall(nr, AT_FDCWD, path, 0);
		if (fd > 2 && argc > 4)	/* an open: give the descriptor back */
			close((int)fd);
	}
	printf("%ld\n", (long)((now_ns() - start) / n));
	fflush(stdout);
	_exit(0);
}
