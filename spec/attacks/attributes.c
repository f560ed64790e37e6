/* attributes FILE - changes what belongs to a file and is not its content */
#include "attack.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <utime.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	const char *file = argv[1];
	int fd = open(file, O_RDONLY), flags = 0;

	tell("chmod", chmod(file, 0600));
	tell("fchmod", fchmod(fd, 0600));
	tell("fchmodat", fchmodat(AT_FDCWD, file, 0600, 0));
	tell("chown", chown(file, getuid(), getgid()));
	tell("fchown", fchown(fd, getuid(), getgid()));
	tell("utime", utime(file, NULL));
	tell("utimensat", utimensat(AT_FDCWD, file, NULL, 0));
	tell("setxattr", setxattr(file, "user.x", "y", 1, 0));
	tell("fsetxattr", fsetxattr(fd, "user.x", "y", 1, 0));
	tell("removexattr", removexattr(file, "user.x"));
	tell("flags", ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ? -1 :
	     ioctl(fd, FS_IOC_SETFLAGS, &flags));
	return 0;
}
