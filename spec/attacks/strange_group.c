/* strange_group PID - go to the process group of PID, then call umask(2) */
#include "verdict.h"

#include <sys/stat.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	verdict(setpgid(0, atoi(argv[1])));
	fflush(stdout);
	umask(0);
	return 0;
}
