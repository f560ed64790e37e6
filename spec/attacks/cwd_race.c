/*
 * cwd_race ALLOWED DENIED - go to a directory while another thread changes the path of
 * chdir(2), then change its mode without a name of it
 */
#include "attack.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { TRIES = 20000 };

static const char *names[2];
static char shared[4096];
static _Atomic int is_over;

static void *swap(void *unused)
{
	for (unsigned int i = 0; !is_over; i++)
		strcpy(shared, names[i & 1]);
	return unused;
}

static int is_there(void)
{
	char cwd[4096];

	return getcwd(cwd, sizeof cwd) && strcmp(cwd, names[1]) == 0;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int got = 0;

	if (argc != 3)
		return 2;
	names[0] = argv[1];
	names[1] = argv[2];
	strcpy(shared, names[0]);
	tell("chmod", chmod(names[1], 0755));
	pthread_create(&thread, NULL, swap, NULL);
	for (int i = 0; i < TRIES && !got; i++)
		got = chdir(shared) == 0 && is_there();
	is_over = 1;
	pthread_join(thread, NULL);
	tell("arrival", got ? 0 : -1);
	tell("times of cwd", utimensat(AT_FDCWD, "", (struct timespec [2]){ { 1, 0 }, { 1, 0 } },
				      AT_EMPTY_PATH));
	tell("chown of cwd", fchownat(AT_FDCWD, "", getuid(), getgid(), AT_EMPTY_PATH));
	return 0;
}
