/*
 * performer NAME - open what /proc shows of all processes of that name, by ways on which
 * the process that opens does not see whose it is
 */
#include "attack.h"

#include <dirent.h>
#include <sys/syscall.h>

enum { TIMES = 4 };	/* another one of them may take the next call */

static long by_directory(const char *dir, const char *name, int flags)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY);
	long fd = at < 0 ? -1 : openat(at, name, flags, 0600);

	return fd;
}

static long by_cwd(const char *dir, const char *name, int flags)
{
	return chdir(dir) < 0 ? -1 : open(name, flags, 0600);
}

/* The path names a file that was looked up before, and by nobody's number. */
static long by_magic_link(const char *dir, const char *name, int flags)
{
	char path[64];
	/* the call that a policy does not see finds it; that gives no right yet */
	long fd = syscall(SYS_openat2, AT_FDCWD, join(dir, name),
			  &(unsigned long [3]){ O_PATH }, 24);

	if (fd < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%ld", fd);
	return open(path, flags, 0600);
}

static int is_named(const char *dir, const char *name)
{
	char comm[32] = "";
	FILE *file = fopen(join(dir, "comm"), "r");

	if (!file)
		return 0;
	int is_it = fgets(comm, sizeof comm, file) && !strncmp(comm, name, strlen(name));
	fclose(file);
	return is_it;
}

typedef long open_way(const char *dir, const char *name, int flags);

static void try(const char *what, open_way *way, const char *of, const char *name, int flags)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	long got = -1;
	int error = ENOENT;

	while (got < 0 && (entry = readdir(proc))) {
		char *dir = join("/proc", entry->d_name);
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !is_named(dir, of))
			continue;
		for (int i = 0; got < 0 && i < TIMES; i++)
			got = way(dir, name, flags);
		error = got < 0 && errno != ENOENT ? errno : error;
	}
	closedir(proc);
	errno = error;
	tell(what, got);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	try("mem by directory", by_directory, argv[1], "mem", O_RDWR);
	try("mem to be made", by_directory, argv[1], "mem", O_RDWR | O_CREAT);
	try("mem by cwd", by_cwd, argv[1], "mem", O_RDWR);
	try("mem by magic link", by_magic_link, argv[1], "mem", O_RDWR);
	try("environ", by_cwd, argv[1], "environ", O_RDONLY);
	try("maps", by_directory, argv[1], "maps", O_RDONLY);
	try("root", by_directory, argv[1], "root/etc", O_RDONLY | O_DIRECTORY);
	return 0;
}
