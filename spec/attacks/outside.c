/*
 * outside DIR INSIDE - reads and writes where nothing was granted. DIR has a file
 * "f", a directory "d" and nothing else; INSIDE may be written to.
 */
#include "attack.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static long bind_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	const char *dir = argv[1], *inside = argv[2], *file = join(dir, "f");

	close(open(join(inside, "x"), O_CREAT | O_WRONLY, 0600));
	tell("read", read_at(AT_FDCWD, file));
	tell("list", opendir(dir) ? 0 : -1);
	tell("execute", execute(file));
	tell("write", open(file, O_WRONLY));
	tell("append", open(file, O_WRONLY | O_APPEND));
	tell("truncate", truncate(file, 1000));
	tell("open and truncate", open(file, O_RDONLY | O_TRUNC));
	tell("create", open(join(dir, "new"), O_CREAT | O_WRONLY | O_EXCL, 0600));
	tell("make a directory", mkdir(join(dir, "newdir"), 0700));
	tell("make a FIFO", mkfifo(join(dir, "fifo"), 0600));
	tell("make a socket", bind_at(join(dir, "sock")));
	tell("make a symbolic link", symlink("f", join(dir, "sym")));
	tell("link in", link(file, join(inside, "linked")));
	tell("link out", link(join(inside, "x"), join(dir, "linked")));
	tell("rename in", rename(join(dir, "f"), join(inside, "stolen")));
	tell("rename out", rename(join(inside, "x"), join(dir, "planted")));
	tell("remove a directory", rmdir(join(dir, "d")));
	tell("make a temporary file", open(dir, O_TMPFILE | O_RDWR, 0600));
	return 0;
}
