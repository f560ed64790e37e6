/*
 * stopped [async] - stop oneself, and with that the shell's job, while a child goes on;
 * with async it is made to go on by what comes from stdin, even if it is stopped
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void run_on(int by_signal, int ready)
{
	char bytes[4096];

	if (by_signal) {
		fcntl(0, F_SETOWN, getpid());
		fcntl(0, F_SETSIG, SIGCONT);
		fcntl(0, F_SETFL, O_ASYNC | O_NONBLOCK);
	}
	close(ready);
	for (;;)
		if (by_signal)
			(void)!read(0, bytes, sizeof bytes);
}

static int is_stopped(pid_t pid)
{
	char name[64], text[256] = "";

	snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
	int fd = open(name, O_RDONLY);
	(void)!read(fd, text, sizeof text - 1);
	close(fd);
	const char *state = strrchr(text, ')');
	return state && state[2] == 'T';
}

int main(int argc, char **argv)
{
	int ready[2];
	char end;

	(void)argv;
	if (pipe(ready) < 0)
		return 2;
	pid_t child = fork();
	if (child == 0)
		run_on(argc > 1, ready[1]);
	close(ready[1]);
	while (read(ready[0], &end, 1) > 0)
		;
	printf("child %d\n", (int)child);
	fflush(stdout);
	raise(SIGSTOP);
	while (is_stopped(child))	/* it goes on after us */
		;
	fprintf(stderr, "on\n");
	pause();
	return 0;
}
