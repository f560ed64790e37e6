/*
 * paths SCENE: prepares one awkward way to name a file in the working directory, where
 * "dir" and "file" are, and names it in one call with the flag O_NOATIME, or in the
 * call that the scene is about.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MARK (O_RDONLY | O_NOATIME)

static void name(int dirfd, const char *path)
{
	syscall(SYS_openat, dirfd, path, MARK);
}

/* a path whose NUL is the last byte before a page that is not there; or no NUL at all */
static char *at_page_end(const char *text, int with_nul)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = strlen(text) + (with_nul ? 1 : 0);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (two == MAP_FAILED || munmap(two + page, page) < 0)
		err(1, "mmap");
	return memcpy(two + page - len, text, len);
}

static char *of_length(size_t len)
{
	char *path = malloc(len + 1);

	if (!path)
		err(1, "malloc");
	memset(path, 'x', len);
	for (size_t i = 0; i < len; i += 100)
		path[i] = '/';
	path[len] = 0;
	return path;
}

static int opened(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void in_removed_directory(void)
{
	if (mkdir("gone", 0755) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
		err(1, "gone");
	name(AT_FDCWD, "x");
}

static void in_directory_named_deleted(void)
{
	if (mkdir("d (deleted)", 0755) < 0 || chdir("d (deleted)") < 0)
		err(1, "deleted");
	name(AT_FDCWD, "x");
}

static void *in_thread(void *unused)
{
	if (unshare(CLONE_FS) < 0 || chdir("dir") < 0)
		err(1, "thread");
	name(AT_FDCWD, "x");
	return unused;
}

static void from_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, NULL))
		errx(1, "pthread_create");
	pthread_join(thread, NULL);
}

static void rooted(const char *path, unsigned long long resolve)
{
	struct open_how how = { .flags = MARK, .resolve = resolve };

	syscall(SYS_openat2, opened("dir", O_PATH), path, &how, sizeof how);
}

static void awkward_half(void)
{
	/* AT_FDCWD in the lower half of a register, anything in the upper */
	syscall(SYS_openat, 0x5555555500000000UL | (unsigned int)AT_FDCWD, "file", MARK);
}

static void plain(const char *scene)
{
	if (!strcmp(scene, "relative")) name(AT_FDCWD, "dir/../file");
	if (!strcmp(scene, "dots")) name(AT_FDCWD, "/a//b/./c/../../d/");
	if (!strcmp(scene, "above_root")) name(AT_FDCWD, "/../../x/..");
	if (!strcmp(scene, "dirfd")) name(opened("dir", O_RDONLY), "../file");
	if (!strcmp(scene, "o_path")) name(opened("dir", O_PATH), "x");
	if (!strcmp(scene, "not_a_directory")) name(opened("file", O_RDONLY), "x");
	if (!strcmp(scene, "not_open")) name(99, "x");
	if (!strcmp(scene, "absolute_with_bad_dirfd")) name(99, "/x");
	if (!strcmp(scene, "pipe")) { int p[2]; if (!pipe(p)) name(p[0], "x"); }
	if (!strcmp(scene, "empty")) name(AT_FDCWD, "");
	if (!strcmp(scene, "null")) name(AT_FDCWD, NULL);
	if (!strcmp(scene, "bytes")) name(AT_FDCWD, "/\377\n\001");
	if (!strcmp(scene, "page_end")) name(AT_FDCWD, at_page_end("/x/y", 1));
	if (!strcmp(scene, "no_nul")) name(AT_FDCWD, at_page_end("/x/y", 0));
	if (!strcmp(scene, "longest")) name(AT_FDCWD, of_length(4095));
	if (!strcmp(scene, "too_long")) name(AT_FDCWD, of_length(5000));
}

int main(int argc, char **argv)
{
	const char *scene = argc > 1 ? argv[1] : "";
	struct stat st;

	plain(scene);
	if (!strcmp(scene, "removed")) in_removed_directory();
	if (!strcmp(scene, "unreadable")) { prctl(PR_SET_DUMPABLE, 0); name(AT_FDCWD, "file"); }
	if (!strcmp(scene, "named_deleted")) in_directory_named_deleted();
	if (!strcmp(scene, "thread")) from_thread();
	if (!strcmp(scene, "half")) awkward_half();
	if (!strcmp(scene, "in_root")) rooted("/../../x", RESOLVE_IN_ROOT);
	if (!strcmp(scene, "not_in_root")) rooted("/x", 0);
	if (!strcmp(scene, "empty_path"))
		syscall(SYS_newfstatat, opened("file", O_PATH), "", &st,
			AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
	if (!strcmp(scene, "no_name")) {
		int fd = opened("file", O_RDONLY);
		unlink("file");
		syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
	}
	if (!strcmp(scene, "futimens")) syscall(SYS_utimensat, opened("file", O_RDONLY), NULL, NULL, 0);
	if (!strcmp(scene, "two")) syscall(SYS_renameat, AT_FDCWD, "file", opened("dir", O_PATH), "new");
	if (!strcmp(scene, "symlink")) syscall(SYS_symlinkat, "to", AT_FDCWD, "dir/link");
	return 0;
}
