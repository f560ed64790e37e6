/* memfd PROGRAM - executes a copy of PROGRAM that is in memory only. */
#include "attack.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

static void attempt(const char *name, int fd, int by_path)
{
	char *const argv[] = { (char *)"in memory", NULL };
	char path[32];
	int status;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	pid_t child = fork();
	if (child == 0) {
		if (by_path)
			execve(path, argv, environ);
		else
			syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		_exit(errno);
	}
	waitpid(child, &status, 0);
	errno = WEXITSTATUS(status);
	tell(name, errno ? -1 : 0);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	int from = open(argv[1], O_RDONLY), fd = memfd_create("copy", MFD_CLOEXEC);

	tell("make", fd);
	if (fd < 0 || sendfile(fd, from, NULL, 1 << 30) < 0)
		return 0;
	attempt("execveat", fd, 0);
	attempt("execve", fd, 1);
	return 0;
}
