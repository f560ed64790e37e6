/* Proves that an object is granted to the program, without its Landlock domain. */
#include "beneath.h"

#include "../kernel.h"
#include "../util.h"

#include <errno.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>

struct directory {
	int fd;			/* O_PATH: the rule is about it, whatever it is called now */
	char *text;
	dev_t device;
	ino_t inode;
	bool may_write;
};

struct beneath {
	size_t n;
	struct directory all[];
};

void beneath_free(struct beneath *beneath)
{
	for (size_t i = 0; beneath && i < beneath->n; i++) {
		fd_close(&beneath->all[i].fd);
		free(beneath->all[i].text);
	}
	free(beneath);
}

static int add(struct beneath *beneath, const struct place *place, unsigned int access)
{
	struct directory *dir = &beneath->all[beneath->n++];

	*dir = (struct directory){
		.fd = fcntl(place->fd, F_DUPFD_CLOEXEC, 3), .text = strdup(place->text),
		.device = place->st.st_dev, .inode = place->st.st_ino, .may_write = access & LANDLOCK_WRITE,
	};
	return dir->fd < 0 ? -errno : dir->text ? 0 : -ENOMEM;
}

int beneath_new(const struct grants *grants, struct beneath **out)
{
	int rc = 0;

	*out = NULL;
	if (!grants->masks.fs)
		return 0;
	struct beneath *beneath = calloc(1, sizeof *beneath +
					 grants->n * sizeof beneath->all[0]);
	if (!beneath)
		return -ENOMEM;
	for (size_t i = 0; i < grants->n && rc == 0; i++) {
		const struct place *place = &grants->places.all[grants->all[i].place];
		if (grants->all[i].is_whole && S_ISDIR(place->st.st_mode))
			rc = add(beneath, place, grants->all[i].access);
	}
	if (rc < 0)
		beneath_free(beneath);
	else
		*out = beneath;
	return rc;
}

/* The nearest directory above path that is granted as it has to be. */
static const struct directory *above(const struct beneath *beneath, const char *path,
				     bool writes)
{
	const struct directory *nearest = NULL;

	for (size_t i = 0; i < beneath->n; i++) {
		const struct directory *dir = &beneath->all[i];
		bool is_above = place_is_beneath(path, dir->text) || strcmp(path, dir->text) == 0;
		if (is_above && dir->may_write >= writes &&
		    (!nearest || strlen(dir->text) > strlen(nearest->text)))
			nearest = dir;
	}
	return nearest;
}

static const char *behind(const char *path, const struct directory *dir)
{
	const char *rest = path + strlen(dir->text);

	rest += strspn(rest, "/");
	return *rest ? rest : ".";
}

int beneath_enter(const struct beneath *beneath, const char *path, bool writes,
		  const char **rest)
{
	const struct directory *dir = above(beneath, path, writes);
	struct stat st;

	if (!dir || fstatat(AT_FDCWD, dir->text, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_dev != dir->device || st.st_ino != dir->inode)
		return -1;
	*rest = behind(path, dir);
	return dir->fd;
}

bool beneath_grants(const struct beneath *beneath, int own_fds, int fd,
		    const struct stat *st, bool writes)
{
	static const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_CACHED,
	};
	char name[16], path[PATH_MAX];
	struct stat found;

	snprintf(name, sizeof name, "%d", fd);
	ssize_t len = readlinkat(own_fds, name, path, sizeof path - 1);
	if (len < 0)
		return false;
	path[len] = 0;
	const struct directory *dir = above(beneath, path, writes);
	if (!dir)
		return false;
	AUTO_FD again = kernel_openat2(dir->fd, behind(path, dir), &how);
	return again >= 0 && fstat(again, &found) == 0 && found.st_dev == st->st_dev &&
	       found.st_ino == st->st_ino;
}
