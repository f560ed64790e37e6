/*
 * While a run lasts nobody of the same user may read our memory or take our
 * descriptors: ptrace(2), pidfd_getfd(2). Counted: runs may overlap.
 */
#include "dumpable.h"

#include <pthread.h>
#include <sys/prctl.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int n_runs;
static int was_dumpable;

void dumpable_forbid(void)
{
	pthread_mutex_lock(&lock);
	if (n_runs++ == 0) {
		was_dumpable = prctl(PR_GET_DUMPABLE);
		prctl(PR_SET_DUMPABLE, 0);
	}
	pthread_mutex_unlock(&lock);
}

void dumpable_allow(void)
{
	pthread_mutex_lock(&lock);
	if (--n_runs == 0 && was_dumpable == 1)
		prctl(PR_SET_DUMPABLE, 1);
	pthread_mutex_unlock(&lock);
}
