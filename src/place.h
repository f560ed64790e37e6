/* Where a path of a rule leads to: an open file, and its one absolute name. */
#ifndef DEMI_PLACE_H
#define DEMI_PLACE_H

#include "fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct place {
	int fd;			/* O_PATH; -1: nothing is there */
	char *text;		/* absolute, no symbolic link in it */
	struct stat st;		/* if fd >= 0 */
	bool is_met;		/* by whoever walks around it */
};

struct places {
	struct place *all;
	size_t n;
};

void places_free(struct places *places);

/*
 * places_add - look a path up, through symbolic links
 *
 * verb  of the rule, for the error
 *
 * Returns 0, or -ENOENT, -EACCES, ... of open(2); -EINVAL for what has no path (a
 * pipe behind /dev/stdin) or is of this process (/proc/self).
 */
int places_add(struct places *places, const char *verb, const char *path, struct why *why);

/*
 * places_add_denied - the same for a path that must stay unreachable
 *
 * What does not exist becomes the place where it would be. A symbolic link becomes
 * two places, its own and the one it leads to; each bind mount of the file another.
 */
int places_add_denied(struct places *places, const char *path, struct why *why);

/* Is path strictly below root? Both absolute, as struct place has them. */
bool place_is_beneath(const char *path, const char *root);

bool place_is_same(const struct place *place, const struct stat *st);

#endif
