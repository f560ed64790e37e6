/* own_domain PATH - deny oneself all files by Landlock, then read one of them */
#include "attack.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int main(int argc, char **argv)
{
	struct landlock_ruleset_attr rules = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE,
	};

	if (argc != 2)
		return 2;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	long rc = fd < 0 ? -1 : syscall(SYS_landlock_restrict_self, fd, 0);
	tell("domain", rc);
	if (rc == 0)
		tell("file", read_at(AT_FDCWD, argv[1]));
	return 0;
}
