/*
 * threads - 50 threads that open, write, read, sleep and end; prints how many got
 * everything right
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define THREADS 50
#define ROUNDS 5

static pthread_barrier_t together;

static int one_round(int value)
{
	int ends[2], got = -1;

	if (pipe(ends) < 0)
		return 0;
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
	int is_right = zero >= 0 && page != MAP_FAILED &&
		       write(ends[1], &value, sizeof value) == sizeof value &&
		       read(ends[0], &got, sizeof got) == sizeof got && got == value;
	nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
	munmap(page, 4096);
	close(zero);
	close(ends[0]);
	close(ends[1]);
	return is_right;
}

static void *work(void *number)
{
	int right = 0;

	pthread_barrier_wait(&together);
	for (int i = 0; i < ROUNDS; i++)
		right += one_round((int)(intptr_t)number + i);
	return (void *)(intptr_t)(right == ROUNDS);
}

int main(void)
{
	pthread_t threads[THREADS];
	intptr_t right = 0;
	void *result;

	alarm(60);
	pthread_barrier_init(&together, NULL, THREADS);
	for (intptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		right += (intptr_t)result;
	}
	printf("%d of %d threads\n", (int)right, THREADS);
	return right != THREADS;
}
