/* crowd THREADS CALLS - so many threads make umask(2) so often, all at a time */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int calls;

static void *make_calls(void *ud)
{
	for (int i = 0; i < calls; i++)
		umask(022);
	return ud;
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[1]) : 0;
	pthread_t *threads = calloc((size_t)n + 1, sizeof *threads);
	pthread_attr_t small;

	if (!n || !threads)
		return 2;
	calls = atoi(argv[2]);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], &small, make_calls, NULL))
			return 1;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	puts("done");
	free(threads);
	return 0;
}
