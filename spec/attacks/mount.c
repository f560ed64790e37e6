/* mount old|new|handle - change what paths mean, by mount(2) or by fsopen(2) */
#include "verdict.h"

#include <sys/mount.h>

int main(int argc, char **argv)
{
	const char *way = argc == 2 ? argv[1] : "";

	gain_privilege(CLONE_NEWNS);
	if (strcmp(way, "old") == 0)
		return verdict(mount("none", "/tmp", "tmpfs", 0, NULL));
	if (strcmp(way, "new") == 0)
		return verdict(syscall(SYS_fsopen, "tmpfs", 0));
	return 2;
}
