/*
 * tricks NAME ROOT - tries one way to a file that a policy denies
 *
 * In ROOT, which is the working directory, are secret/key, an executable script that
 * starts with #, an empty directory secret/empty, open/plain, and two programs,
 * secret/prog, which prints its argument, and secreT/prog. Prints "reached", or the errno of the call that failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *root;
static char text[8192];

/* whether a descriptor gives the secret, or an error that came before */
static int reads(int fd)
{
	char byte;

	return fd < 0 ? -1 : read(fd, &byte, 1) == 1 && byte == '#' ? 0 : (errno = ENODATA, -1);
}

static int at(int dir, const char *path) { return reads(openat(dir, path, O_RDONLY)); }
static int plain(const char *path) { return at(AT_FDCWD, path); }

static const char *beneath(const char *before, const char *after)
{
	snprintf(text, sizeof text, "%s%s%s", before, root, after);
	return text;
}

/* a path of len bytes to the secret */
static const char *padded(size_t len)
{
	const char *end = "/secret/key";

	text[0] = '.';
	for (size_t i = 1; i < len - strlen(end); i += 2)
		memcpy(text + i, "/.", 2);
	strcpy(text + len - strlen(end), end);
	return text;
}

static char *at_page_end(const char *path, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(two + page, page);
	return memcpy(two + page - len, path, len);
}

static int run(int dir, const char *path)
{
	char *words[] = { (char *)path, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (dir == AT_FDCWD)
			execve(path, words, words + 1);
		else
			syscall(SYS_execveat, dir, path, words, words + 1, 0);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static volatile char raced[] = "secret/prog";

static void *flip(void *unused)
{
	for (;;) {
		raced[5] = 'T';
		raced[5] = 't';
	}
	return unused;
}

/* "reached" if one of many programs that start from a name in a race says so itself */
static int run_in_race(void)
{
	char *words[] = { (char *)raced, "ran", NULL };
	int out[2];
	char byte;

	if (pipe(out) < 0)
		return -1;
	for (int i = 0; i < 150; i++) {
		pthread_t thread;
		pid_t pid = fork();
		if (pid == 0) {
			alarm(10);
			dup2(out[1], 1);
			pthread_create(&thread, NULL, flip, NULL);
			execve((char *)raced, words, words + 2);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
	close(out[1]);
	return read(out[0], &byte, 1) == 1 ? 0 : (errno = EPERM, -1);
}

static int dir_fd(const char *path) { return open(path, O_RDONLY | O_DIRECTORY); }

static int by_fd_of_proc(void)
{
	snprintf(text, sizeof text, "/proc/self/fd/%d/key", dir_fd("secret"));
	return plain(text);
}

static int by_openat2(const char *path, unsigned long long resolve)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };

	return reads((int)syscall(SYS_openat2, dir_fd("."), path, &how, sizeof how));
}

static int by_link(const char *to, const char *path)
{
	return symlink(to, "open/link") < 0 ? -1 : plain(path);
}

static int creates_by_link(void)
{
	return symlink("../secret/new", "open/link") < 0 ? -1
	       : open("open/link", O_CREAT | O_WRONLY, 0600);
}

static int moved(int rc, const char *path) { return rc < 0 ? -1 : plain(path); }

static int in_other_directory(void)
{
	return chdir("secret") < 0 || plain("key") < 0 ? -1 : 0;
}

/* to a socket that we bound ourselves, by another name for it */
static int connects(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX, .sun_path = "secret/socket" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(server, (struct sockaddr *)&here, sizeof here) < 0 || listen(server, 1) < 0)
		return -1;
	strcpy(here.sun_path, "open/../secret/socket");
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&here, sizeof here);
}

#define NAMED(label, call) if (!strcmp(name, label)) return call

static int reading(const char *name)
{
	NAMED("relative", plain("secret/key"));
	NAMED("dots", plain("open/../open/./../secret/key"));
	NAMED("slashes", plain(beneath("//", "///secret//key")));
	NAMED("dirfd", at(dir_fd("open"), "../secret/key"));
	NAMED("dirfd inside", at(dir_fd("secret"), "key"));
	NAMED("o_path dirfd", at(open("secret", O_PATH), "key"));
	NAMED("chdir", in_other_directory());
	NAMED("symlink", by_link("../secret/key", "open/link"));
	NAMED("symlink of a directory", by_link("../secret", "open/link/key"));
	NAMED("proc root", plain(beneath("/proc/self/root", "/secret/key")));
	NAMED("proc cwd", plain("/proc/thread-self/cwd/secret/key"));
	NAMED("proc fd", by_fd_of_proc());
	NAMED("openat2", by_openat2("secret/key", 0));
	NAMED("openat2 in root", by_openat2("/../secret/key", RESOLVE_IN_ROOT));
	NAMED("openat2 beneath", by_openat2("open/../secret/key", RESOLVE_BENEATH));
	NAMED("bytes", reads(open("secret/\377\n\001", O_RDWR)));
	NAMED("page end", plain(at_page_end("secret/key", 11)));
	NAMED("no nul", plain(at_page_end("secret/key", 10)));
	NAMED("4,095 bytes", plain(padded(4095)));
	NAMED("5,001 bytes", plain(padded(5001)));
#ifdef SYS_open
	NAMED("legacy open", reads((int)syscall(SYS_open, "secret/key", O_RDONLY)));
#endif
	return -2;
}

static int naming(const char *name)
{
	NAMED("rename away", moved(rename("secret/key", "open/key"), "open/key"));
	NAMED("rename onto", rename("open/plain", "secret/new"));
	NAMED("rename the directory", moved(rename("secret", "other"), "other/key"));
	NAMED("rename by descriptor", renameat(dir_fd("secret"), "key", dir_fd("open"), "key"));
	NAMED("exchange", moved(renameat2(AT_FDCWD, "open", AT_FDCWD, "secret", RENAME_EXCHANGE),
				"open/key"));
	NAMED("link away", moved(link("secret/key", "open/key"), "open/key"));
	NAMED("link onto", link("open/plain", "secret/new"));
	NAMED("symlink inside", symlink("x", "secret/new"));
	NAMED("mkdir", mkdir("secret/new", 0700));
	NAMED("mknod", mknod("secret/new", S_IFIFO | 0600, 0));
	NAMED("unlink", unlink("secret/key"));
	NAMED("rmdir", rmdir("secret/empty"));
	NAMED("create", open("secret/new", O_CREAT | O_WRONLY, 0600));
	NAMED("create by a link", creates_by_link());
	NAMED("rename with a slash", moved(rename("secret/", "other/"), "other/key"));
	NAMED("unnamed", open("secret/empty", O_TMPFILE | O_RDWR, 0600));
#ifdef SYS_creat
	NAMED("legacy creat", (int)syscall(SYS_creat, "secret/key", 0600));
#endif
	return -2;
}

static int looking(const char *name)
{
	struct statx more;
	struct stat st;
	struct statfs fs;

	NAMED("stat", fstatat(AT_FDCWD, "secret/key", &st, 0));
	NAMED("statx", statx(AT_FDCWD, "secret/key", 0, STATX_ALL, &more));
	NAMED("statfs", statfs("secret/key", &fs));
	NAMED("access", faccessat(AT_FDCWD, "secret/key", R_OK, 0));
	NAMED("connect", connects());
	NAMED("readlink", (int)readlink("secret/link", text, sizeof text));
	NAMED("chmod", fchmodat(AT_FDCWD, "secret/key", 0777, 0));
	NAMED("chown", fchownat(AT_FDCWD, "secret/key", (uid_t)-1, (gid_t)-1, 0));
	NAMED("truncate", truncate("secret/key", 1));
	NAMED("utimensat", utimensat(AT_FDCWD, "secret/key", NULL, 0));
	NAMED("chdir alone", chdir("secret/empty"));
	NAMED("execve", run(AT_FDCWD, "secret/key"));
	NAMED("execveat", run(dir_fd("secret"), "key"));
	NAMED("execve in a race", run_in_race());
	NAMED("listxattr", (int)listxattr("secret/key", text, sizeof text));
	NAMED("inotify", inotify_add_watch(inotify_init1(0), "secret", IN_OPEN));
#ifdef SYS_stat
	NAMED("legacy stat", (int)syscall(SYS_stat, "secret/key", &st));
	NAMED("legacy utime", (int)syscall(SYS_utime, "secret/key", NULL));
#endif
	return -2;
}

int main(int argc, char **argv)
{
	int rc = -2;

	if (argc != 3)
		return 2;
	root = argv[2];
	errno = 0;
	if (rc == -2)
		rc = reading(argv[1]);
	if (rc == -2)
		rc = naming(argv[1]);
	if (rc == -2)
		rc = looking(argv[1]);
	puts(rc >= 0 ? "reached" : rc == -2 ? "unknown" : strerrorname_np(errno));
	return 0;
}
