/*
 * fileops SEED COUNT - makes COUNT random file operations beneath the current directory
 *
 * Prints one line for each: the call, its result or errno, and what it told. The same
 * seed on an empty directory gives the same lines and leaves the same tree.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define FDS 8

static uint64_t state;
static int fds[FDS];
static int root;

static unsigned int pick(unsigned int n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(state >> 33) % n;
}

/* A path of up to four names from a small set, so that they meet. */
static const char *any_path(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", ".", "..", "a", "b" };
	static const char *const starts[] = {
		"/proc/self/cwd/", "/proc/thread-self/cwd/", "/proc/self/fd/7/", "./", "",
	};
	static const char *const wholes[] = {
		"/proc/self/fd/20", "/proc/self/fd/23", "/proc/thread-self/fd/27", "/dev/fd/22",
		"/proc/self/fd/99", "/proc/self/nothing", "/proc/self/fd/25/",
	};
	static char buffers[4][512];
	static unsigned int turn;
	char *path = buffers[turn++ % 4];
	unsigned int n = 1 + pick(3);

	path[0] = 0;
	if (pick(12) == 0)
		strcat(path, starts[pick(LENGTH(starts))]);
	if (pick(40) == 0)
		return wholes[pick(LENGTH(wholes))];
	if (pick(200) == 0)
		return path;
	if (pick(200) == 0)
		memset(path + strlen(path), 'n', 300), path[300] = 0;
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			strcat(path, pick(10) ? "/" : "//");
		strcat(path, names[pick(LENGTH(names))]);
	}
	if (pick(15) == 0)
		strcat(path, "/");
	return path;
}

/* For calls that change names: /proc/self/fd refuses others with another errno. */
static const char *any_name(void)
{
	const char *path = any_path();

	return strstr(path, "/fd/2") ? "d" : path;
}

static int any_dir(void)
{
	static const int others[] = { 99, -1 };
	unsigned int n = pick(10);

	if (n < 6)
		return AT_FDCWD;
	return n == 9 ? others[pick(2)] : fds[pick(FDS)];
}

static long show(const char *name, long result)
{
	printf("%s %s", name, result < 0 ? strerrorname_np(errno) : "ok");
	return result;
}

static void keep(long fd)
{
	unsigned int i = pick(FDS);
	struct stat st;

	if (fd < 0)
		return;
	printf(" %x %x", (unsigned int)fcntl((int)fd, F_GETFL) & ~(unsigned int)(O_NOFOLLOW | O_NOCTTY),
	       (unsigned int)fcntl((int)fd, F_GETFD));
	if (fstat((int)fd, &st) == 0 && S_ISREG(st.st_mode) && pick(2))
		printf(" wrote %zd", write((int)fd, "0123456789", pick(10)));
	if (fds[i] > 2)
		close(fds[i]);
	/* a number that both runs agree on */
	fds[i] = fcntl((int)fd, F_DUPFD_CLOEXEC, 20 + (int)i);
	close((int)fd);
}

static int any_flags(void)
{
	static const int more[] = {
		O_CREAT, O_CREAT, O_CREAT | O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY,
		O_NOFOLLOW, O_CREAT | O_TRUNC, O_CLOEXEC, O_NOFOLLOW | O_DIRECTORY,
		O_CREAT | O_NOFOLLOW, O_CREAT | O_DIRECTORY, 0, 0,
	};

	return (int)pick(3) | more[pick(LENGTH(more))] | O_NONBLOCK;
}

static void op_open(void)
{
	struct open_how how = { 0 };
	static const uint64_t rules[] = { 0, 0, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
					  RESOLVE_NO_MAGICLINKS, RESOLVE_IN_ROOT, 1 << 20 };

	switch (pick(5)) {
	case 0:
		keep(show("openat", syscall(SYS_openat, any_dir(), any_path(), any_flags(),
					    (int)pick(010000))));
		break;
	case 1:
		how.flags = (unsigned int)any_flags();
		how.mode = how.flags & O_CREAT ? pick(01000) : pick(20) == 0 ? 1U : 0U;
		how.resolve = rules[pick(LENGTH(rules))];
		/* into /proc these are refused, as the manual says */
		const char *path = any_path();
		if (how.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) && strstr(path, "proc"))
			how.resolve = 0;
		keep(show("openat2", syscall(SYS_openat2, any_dir(), path, &how, sizeof how)));
		break;
	case 2:
		keep(show("tmpfile", openat(any_dir(), any_path(), O_TMPFILE | (int)pick(3), 0600)));
		break;
	default:
		keep(show("open", open(any_path(), any_flags(), pick(01000))));
	}
}

static void show_stat(const struct stat *st)
{
	printf(" %o %lu %u %u", st->st_mode, (unsigned long)st->st_nlink, st->st_uid, st->st_gid);
	if (!S_ISDIR(st->st_mode))
		printf(" %ld", (long)st->st_size);
}

static void op_look(void)
{
	static const int stat_flags[] = { 0, 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, 0x40000000 };
	char text[64];
	struct stat st;
	struct statx stx;

	switch (pick(5)) {
	case 0:
		if (show("newfstatat", syscall(SYS_newfstatat, any_dir(), any_path(), &st,
					       stat_flags[pick(5)])) == 0)
			show_stat(&st);
		break;
	case 1:
		if (show("statx", syscall(SYS_statx, any_dir(), any_path(), stat_flags[pick(5)],
					  STATX_BASIC_STATS, &stx)) == 0)
			printf(" %o %u %x", stx.stx_mode, stx.stx_nlink, stx.stx_mask);
		break;
	case 2:
		show("faccessat", syscall(SYS_faccessat, any_dir(), any_path(), (int)pick(9)));
		break;
	case 3:
		show("faccessat2", syscall(SYS_faccessat2, any_dir(), any_path(), (int)pick(8),
					   (int)pick(2) * AT_EACCESS |
					   (int)pick(2) * AT_SYMLINK_NOFOLLOW));
		break;
	default: {
		const char *path = any_path();
		long n = show("readlinkat", readlinkat(any_dir(), path, text, pick(sizeof text)));
		if (n > 0 && !strstr(path, "proc") && !memchr(text, '#', (size_t)n))
			printf(" %.*s", (int)n, text);
	}
	}
}

static void op_entry(void)
{
	static const unsigned int kinds[] = { S_IFREG, S_IFIFO, S_IFSOCK, 0, S_IFCHR, S_IFDIR };
	int dir = any_dir(), other = any_dir();

	switch (pick(9)) {
	case 0:
		show("unlinkat", unlinkat(dir, any_name(), 0));
		break;
	case 1:
		show("rmdir", unlinkat(dir, any_name(), pick(9) ? AT_REMOVEDIR : 0x1000000));
		break;
	case 2: case 3:
		show("mkdirat", mkdirat(dir, any_name(), pick(010000)));
		break;
	case 4:
		show("mknodat", syscall(SYS_mknodat, dir, any_name(),
					kinds[pick(LENGTH(kinds))] | pick(01000), makedev(1, 3)));
		break;
	case 5:
		show("renameat2", syscall(SYS_renameat2, dir, any_name(), other, any_name(), pick(5)));
		break;
	case 6:
		show("linkat", linkat(dir, any_name(), other, any_name(),
				      pick(3) ? 0 : AT_SYMLINK_FOLLOW));
		break;
	default:
		show("symlinkat", symlinkat(pick(3) ? any_name() : "a", other, any_name()));
	}
}

static void op_attribute(void)
{
	struct timespec times[2] = { { (time_t)pick(1000), 0 },
				     { (time_t)pick(1000), pick(2) ? 0 : UTIME_OMIT } };

	switch (pick(5)) {
	case 0:
		show("fchmodat", syscall(SYS_fchmodat, any_dir(), any_path(), pick(010000) | 0700));
		break;
	case 1:
		show("fchownat", fchownat(any_dir(), any_path(), pick(2) ? (uid_t)-1 : geteuid(),
					  pick(2) ? (gid_t)-1 : getegid() + pick(2),
					  pick(3) ? 0 : AT_SYMLINK_NOFOLLOW));
		break;
	case 2:
		show("truncate", truncate(any_path(), (off_t)pick(100) - 2));
		break;
	case 3:
		show("utimensat", utimensat(any_dir(), any_path(), times,
					    pick(2) ? 0 : AT_SYMLINK_NOFOLLOW));
		break;
	default:
		show("futimens", syscall(SYS_utimensat, fds[pick(FDS)], NULL, times, 0));
	}
}

static void op_place(void)
{
	switch (pick(3)) {
	case 0:
		umask(pick(01000) & 0477);
		break;
	case 1:
		show("chdir", chdir(any_path()));
		break;
	default:
		show("fchdir", fchdir(root));
	}
}

int main(int argc, char **argv)
{
	static void (*const ops[])(void) = {
		op_open, op_open, op_open, op_look, op_look, op_look, op_entry, op_entry,
		op_entry, op_entry, op_attribute, op_place,
	};

	if (argc < 3)
		return 2;
	state = strtoull(argv[1], NULL, 0);
	root = open(".", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < FDS; i++)
		fds[i] = dup(root);
	for (long i = strtol(argv[2], NULL, 0); i > 0; i--) {
		ops[pick(LENGTH(ops))]();
		putchar('\n');
	}
	return 0;
}
