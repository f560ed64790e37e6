/* core - raise the limit of core dumps and die of SIGABRT */
#include "verdict.h"

#include <sys/resource.h>

int main(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
	abort();
}
