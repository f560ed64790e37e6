/*
 * racer ALLOWED DENIED COUNT [NAME OTHER] - opens COUNT times by a path that another thread flips
 *
 *   or, with two more arguments, by a path with a name that another thread exchanges
 *
 * The names have the same length. Prints how often the open failed, how often the
 * first byte of the file was the one of ALLOWED ("a"), and how often any other.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile char path[4096];
static size_t at;
static char one, other;
static char **swapped;
static _Atomic int is_over;

/* One byte tells the names apart: there is no moment with neither of them. */
static void *flip(void *unused)
{
	(void)unused;
	while (!is_over && *swapped)
		renameat2(AT_FDCWD, swapped[0], AT_FDCWD, swapped[1], RENAME_EXCHANGE);
	while (!is_over) {
		path[at] = other;
		path[at] = one;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long failed = 0, allowed = 0, denied = 0;
	pthread_t thread;

	if (argc != 4 && argc != 6)
		return 2;
	swapped = argv + 4;
	strcpy((char *)path, argv[1]);
	while (argv[1][at] == argv[2][at])
		at++;
	one = argv[1][at];
	other = argv[2][at];
	pthread_create(&thread, NULL, flip, NULL);
	for (long i = strtol(argv[3], NULL, 0); i > 0; i--) {
		char byte = 0;
		int fd = open((char *)path, O_RDONLY);
		if (fd < 0) {
			failed++;
			continue;
		}
		if (read(fd, &byte, 1) == 1 && byte == 'a')
			allowed++;
		else
			denied++;
		close(fd);
	}
	is_over = 1;
	pthread_join(thread, NULL);
	printf("%ld %ld %ld\n", failed, allowed, denied);
	return 0;
}
