/* limit PID - give a process of the same user a limit of CPU time, which could be none */
#include "verdict.h"

#include <sys/resource.h>

int main(int argc, char **argv)
{
	const struct rlimit hour = { 3600, 3600 };

	if (argc != 2)
		return 2;
	return verdict(prlimit(atoi(argv[1]), RLIMIT_CPU, &hour, NULL));
}
