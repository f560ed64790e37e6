/*
 * fork_bomb COUNT MS [group|relay|thread] - COUNT processes at a time, for MS
 * milliseconds; each in a session of its own, or each the child of one that has ended,
 * or all threads of one
 */
#include "verdict.h"

#include <pthread.h>
#include <sys/wait.h>

/* As long as it matters, should nobody end us. */
static void *wait_long(void *ud)
{
	sleep(3);
	return ud;
}

static long start_one(const char *way)
{
	pthread_t thread;

	if (strcmp(way, "thread") == 0) {
		errno = pthread_create(&thread, NULL, wait_long, NULL);
		return errno ? -1 : 0;
	}
	pid_t pid = fork(), second = 0;
	int status = 0;

	if (pid == 0 && strcmp(way, "relay") == 0)
		second = fork();
	if (second != 0)
		_exit(second < 0);
	if (pid == 0) {
		if (strcmp(way, "group") == 0)
			setsid();
		for (int fd = 0; fd < 3; fd++)	/* nobody must wait for our end of a pipe */
			close(fd);
		wait_long(NULL);
		_exit(0);
	}
	if (pid > 0 && strcmp(way, "relay") == 0)
		waitpid(pid, &status, 0);
	errno = status ? EAGAIN : errno;
	return status ? -1 : pid;
}

int main(int argc, char **argv)
{
	const char *way = argc > 3 ? argv[3] : "";
	int most = argc > 1 ? atoi(argv[1]) : 0;

	for (int i = 0; i < most; i++)
		if (start_one(way) < 0) {
			verdict(-1);
			return 0;
		}
	usleep(argc > 2 ? 1000 * (useconds_t)atoi(argv[2]) : 0);
	return verdict(0);
}
