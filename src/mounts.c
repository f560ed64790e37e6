/* The mounts of this process: proc_pid_mountinfo(5). */
#include "mounts.h"

#include "util.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct mount {
	unsigned long long id;
	unsigned int major, minor;	/* the filesystem */
	char root[PATH_MAX];		/* which of its directories is mounted */
	char point[PATH_MAX];		/* and where */
};

/* "\040" is a space */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		bool is_octal = s[0] == '\\' && s[1] && s[2] && s[3];
		*to = is_octal ? (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0') : *s;
		s += is_octal ? 3 : 0;
	}
	*to = 0;
}

/* "36 35 98:0 /root /point options ..."; false for a line that is none */
static bool parse(const char *line, struct mount *out)
{
	/* PATH_MAX - 1 */
	if (sscanf(line, "%llu %*u %u:%u %4095s %4095s", &out->id, &out->major, &out->minor,
		   out->root, out->point) != 5)
		return false;
	unescape(out->root);
	unescape(out->point);
	return true;
}

/* What follows the directory dir in path: "" if it is the same, NULL if it is not in it. */
static const char *after(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, len) != 0 || (path[len] && path[len] != '/'))
		return NULL;
	return path[len + (path[len] == '/')] ? path + len : "";
}

static int find(FILE *file, unsigned long long id, struct mount *out)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) >= 0)
		if (parse(line, out) && out->id == id)
			return 0;
	return -ENOENT;
}

/* Where path, a file of the same filesystem, is to be seen through a mount. */
static int tell(const struct mount *mount, const char *path,
		int (*fn)(void *ud, const char *path), void *ud)
{
	char alias[2 * PATH_MAX];
	const char *rest = after(path, mount->root);

	if (!rest)	/* a mount of something that is inside */
		return after(mount->root, path) ? fn(ud, mount->point) : 0;
	snprintf(alias, sizeof alias, "%s%s", strcmp(mount->point, "/") == 0 && *rest ? "" :
		 mount->point, rest);
	return fn(ud, alias);
}

static int walk(FILE *file, int fd, const char *text, int (*fn)(void *ud, const char *path),
		void *ud)
{
	AUTO_FREE char *line = NULL;
	struct mount own, other;
	char path[2 * PATH_MAX];
	struct statx stx;
	size_t room = 0;
	int rc = 0;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return -errno;
	const char *rest = find(file, stx.stx_mnt_id, &own) < 0 ? NULL : after(text, own.point);
	if (!rest)	/* a mount of another namespace: nothing to be known */
		return -EXDEV;
	snprintf(path, sizeof path, "%s%s", strcmp(own.root, "/") == 0 && *rest ? "" : own.root,
		 rest);
	rewind(file);
	while (rc == 0 && getline(&line, &room, file) >= 0)
		if (parse(line, &other) && other.id != own.id && other.major == own.major &&
		    other.minor == own.minor)
			rc = tell(&other, path, fn, ud);
	return rc;
}

int mounts_each_alias(int fd, const char *text, int (*fn)(void *ud, const char *path),
		      void *ud)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");

	if (!file)
		return -errno;
	int rc = walk(file, fd, text, fn, ud);
	fclose(file);
	return rc;
}
