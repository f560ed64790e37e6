/* Where a path of a rule leads to. */
#include "place.h"

#include "mounts.h"
#include "util.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

void places_free(struct places *places)
{
	for (size_t i = 0; i < places->n; i++) {
		fd_close(&places->all[i].fd);
		free(places->all[i].text);
	}
	free(places->all);
	*places = (struct places){ 0 };
}

bool place_is_beneath(const char *path, const char *root)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	return strncmp(path, root, len) == 0 && path[len] == '/' && path[len + 1];
}

bool place_is_same(const struct place *place, const struct stat *st)
{
	return place->fd >= 0 && place->st.st_dev == st->st_dev &&
	       place->st.st_ino == st->st_ino;
}

/* Takes fd and text over. */
static int append(struct places *places, int fd, char *text)
{
	struct place *all = reallocarray(places->all, places->n + 1, sizeof *all);
	AUTO_FREE char *kept_text = text;
	AUTO_FD kept_fd = fd;
	struct place place = { .fd = fd, .text = text };

	if (!all || !text)
		return -ENOMEM;
	places->all = all;
	if (fd >= 0 && fstat(fd, &place.st) < 0)
		return -errno;
	all[places->n++] = place;
	kept_text = NULL;
	fd_take(&kept_fd);
	return 0;
}

/* The name under which the kernel knows an open file: proc_pid_fd(5). */
static int name_of(int fd, char text[PATH_MAX])
{
	char link[sizeof "/proc/self/fd/" + 12];
	struct stat by_fd, by_name;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, text, PATH_MAX);
	if (n < 0)
		return -errno;
	if (n == PATH_MAX)
		return -ENAMETOOLONG;
	text[n] = 0;
	/* "pipe:[7]", "(unreachable)/x", "/x (deleted)" */
	if (text[0] != '/')
		return -EINVAL;
	if (fstat(fd, &by_fd) < 0 || lstat(text, &by_name) < 0)
		return -errno;
	return by_fd.st_dev == by_name.st_dev && by_fd.st_ino == by_name.st_ino ? 0 : -ESTALE;
}

/* /proc/self is this process to us, and another one to the program */
static bool is_our_own(const char *text)
{
	char own[sizeof "/proc/" + 12];

	snprintf(own, sizeof own, "/proc/%d", (int)getpid());
	return strcmp(text, own) == 0 || place_is_beneath(text, own);
}

int places_add(struct places *places, const char *verb, const char *path, struct why *why)
{
	AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
	char text[PATH_MAX];

	if (fd < 0)
		return fail(why, -errno, "%s %s", verb, path);
	int rc = name_of(fd, text);
	if (rc < 0)
		return fail(why, rc, "%s %s: it has no name in the file tree", verb, path);
	if (is_our_own(text))
		return fail(why, -EINVAL, "%s %s: it is of this process; only all of /proc can be "
			    "named", verb, path);
	rc = append(places, fd_take(&fd), strdup(text));
	return rc < 0 ? fail(why, rc, "%s %s", verb, path) : 0;
}

/* The name in each of the directories, which are one, seen through bind mounts. */
static int append_name(struct places *places, const struct places *dirs, const char *name)
{
	for (size_t i = 0; i < dirs->n; i++) {
		const struct place *dir = &dirs->all[i];
		char *text;
		if (i > 0 && !place_is_same(dir, &dirs->all[0].st))
			continue;
		if (asprintf(&text, "%s/%s", strcmp(dir->text, "/") == 0 ? "" : dir->text,
			     name) < 0)
			return -ENOMEM;
		int rc = append(places, -1, text);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The directory is looked up; whether the name exists in it does not matter. */
static int add_name(struct places *places, char *path, struct why *why)
{
	struct places dirs = { 0 };
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path, *dir = slash == path ? "/" : ".";

	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return fail(why, -EINVAL, "deny %s: the last part is no name", path);
	if (slash && slash > path) {
		*slash = 0;
		dir = path;
	}
	int rc = places_add_denied(&dirs, dir, why);
	if (rc == 0)
		rc = append_name(places, &dirs, name);
	places_free(&dirs);
	return rc;
}

struct alias {
	struct places *places;
	size_t denied;		/* of what */
};

static int add_alias(void *ud, const char *path)
{
	const struct alias *alias = ud;
	AUTO_FD fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)	/* hidden by another mount */
		return 0;
	/* something else lies over it, unless it is, or is inside, the same directory */
	if (st.st_dev != alias->places->all[alias->denied].st.st_dev)
		return 0;
	return append(alias->places, fd_take(&fd), strdup(path));
}

static int add_aliases(struct places *places, const char *path, struct why *why)
{
	struct alias alias = { places, places->n - 1 };
	const struct place *place = &places->all[alias.denied];

	if (!S_ISDIR(place->st.st_mode) && place->st.st_nlink > 1)
		return fail(why, -EMLINK, "deny %s: it has %lu hard links, of which others would "
			    "stay open", path, (unsigned long)place->st.st_nlink);
	int rc = mounts_each_alias(place->fd, place->text, add_alias, &alias);
	return rc < 0 ? fail(why, rc, "deny %s: the mounts it is in", path) : 0;
}

int places_add_denied(struct places *places, const char *path, struct why *why)
{
	AUTO_FREE char *copy = strdup(path);
	struct stat st;
	int rc;

	if (!copy)
		return fail(why, -ENOMEM, "%s", path);
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = 0;
	if (lstat(copy, &st) < 0 && errno == ENOENT)
		return add_name(places, copy, why);
	rc = places_add(places, "deny", copy, why);
	if (rc == 0)
		rc = add_aliases(places, path, why);
	/* who could replace the link would have the name */
	if (rc == 0 && S_ISLNK(st.st_mode))
		rc = add_name(places, copy, why);
	return rc;
}
