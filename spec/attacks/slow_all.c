/* slow_all priority|io - of all processes of a user who has none here */
#include "verdict.h"

#include <linux/ioprio.h>
#include <sys/resource.h>

#define NOBODY_HERE 1999999999

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "priority") == 0)
		return verdict(setpriority(PRIO_USER, NOBODY_HERE, 19));
	if (argc == 2 && strcmp(argv[1], "io") == 0)
		return verdict(syscall(SYS_ioprio_set, IOPRIO_WHO_USER, NOBODY_HERE,
				       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)));
	return 2;
}
