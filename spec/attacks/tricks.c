/*
 * tricks ROOT - reaches for ROOT/priv/secret and ROOT/dark/s, which are denied,
 * where the rest of ROOT is granted: ROOT/open is an empty directory, ROOT/sym is a
 * symbolic link to priv/secret, ROOT/none does not exist and is denied.
 */
#include "attack.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char *root, *secret, *playground;

static long open2(const char *path)
{
	struct open_how how = { .flags = O_RDONLY };

	return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* The same file in other words. */
static void rephrase(void)
{
	char path[4096];

	tell("directly", read_at(AT_FDCWD, secret));
	tell("by openat2", open2(secret));
	tell("by ..", read_at(AT_FDCWD, join(playground, "../priv/secret")));
	snprintf(path, sizeof path, "/proc/self/root%s", secret);
	tell("by /proc/self/root", read_at(AT_FDCWD, path));
	if (chdir(join(root, "priv")) == 0) {
		tell("by the working directory", read_at(AT_FDCWD, "secret"));
		tell("by /proc/self/cwd", read_at(AT_FDCWD, "/proc/self/cwd/secret"));
	}
	int dir = open(join(root, "priv"), O_PATH | O_DIRECTORY);
	tell("by a directory's descriptor", read_at(dir, "secret"));
	snprintf(path, sizeof path, "/proc/self/fd/%d/secret", dir);
	tell("by /proc/self/fd", read_at(AT_FDCWD, path));
	snprintf(path, sizeof path, "/proc/self/fd/%d", open(secret, O_PATH));
	tell("by an O_PATH descriptor", read_at(AT_FDCWD, path));
	tell("by a symbolic link that was there", read_at(AT_FDCWD, join(root, "sym")));
	tell("by a new symbolic link", symlink(secret, join(playground, "link")) < 0 ? -1 :
	     read_at(AT_FDCWD, join(playground, "link")));
}

static long open_and_close(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	return fd < 0 ? -1 : close(fd);
}

/* Renames, and back, so that the next try finds it where it was. */
static long swap(const char *from, const char *to)
{
	return rename(from, to) < 0 ? -1 : rename(to, from);
}

/* Other things to do with it than to read. */
static void use(void)
{
	const char *none = join(root, "none"), *own = join(playground, "own");

	tell("execute", execute(secret));
	tell("write", open_and_close(secret, O_WRONLY));
	tell("creat", open_and_close(secret, O_CREAT | O_WRONLY | O_TRUNC));
	tell("truncate", truncate(secret, 10));
	tell("list a denied directory", opendir(join(root, "dark")) ? 0 : -1);
	tell("read in a denied directory", read_at(AT_FDCWD, join(root, "dark/s")));
	tell("create in a denied directory",
	     open_and_close(join(root, "dark/new"), O_CREAT | O_WRONLY));
	tell("create what is not there",
	     open_and_close(none, O_CREAT | O_RDWR) < 0 ? -1 : unlink(none));
	tell("make a directory of it", mkdir(none, 0700) < 0 ? -1 : rmdir(none));
	open_and_close(own, O_CREAT | O_WRONLY);
	tell("move something there", swap(own, none));
	tell("link something there", link(own, none));
	tell("replace it", rename(own, secret));
}

/* Make it another file's name, or its directory another directory. */
static void move(void)
{
	char path[4096];

	tell("hard link", link(secret, join(playground, "hard")));
	snprintf(path, sizeof path, "/proc/self/fd/%d", open(secret, O_PATH));
	tell("hard link of a descriptor", linkat(AT_FDCWD, path, AT_FDCWD,
						 join(playground, "hard2"), AT_SYMLINK_FOLLOW));
	tell("move it", swap(secret, join(playground, "moved")));
	tell("move its directory", swap(join(root, "priv"), join(playground, "priv")));
	tell("move a denied directory", swap(join(root, "dark"), join(playground, "dark")));
	tell("exchange", renameat2(AT_FDCWD, join(root, "priv"), AT_FDCWD, playground,
				   RENAME_EXCHANGE) < 0 ? -1 :
	     renameat2(AT_FDCWD, join(root, "priv"), AT_FDCWD, playground, RENAME_EXCHANGE));
	tell("remove", unlink(secret));
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	root = argv[1];
	secret = join(root, "priv/secret");
	playground = join(root, "open");
	rephrase();
	use();
	move();
	return 0;
}
