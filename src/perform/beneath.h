/*
 * What the program's Landlock rules grant, for a server that no ruleset binds. A file
 * counts as granted only if the kernel found it beneath a directory that is granted as
 * a whole, in one walk that cannot leave it, RESOLVE_BENEATH of openat2(2): the program
 * could have opened it by that name.
 */
#ifndef DEMI_PERFORM_BENEATH_H
#define DEMI_PERFORM_BENEATH_H

#include "../grants.h"

struct beneath;

/*
 * beneath_new - the directories of grants, whose descriptors are copied
 *
 * out  NULL where no rule is about files
 *
 * Returns 0 or -errno. Owner: beneath_free(), which takes NULL, too.
 */
int beneath_new(const struct grants *grants, struct beneath **out);
void beneath_free(struct beneath *beneath);

/*
 * beneath_grants - whether the program may open what fd stands for
 *
 * own_fds  O_PATH of our own /proc/self/fd
 * st       of fd: a regular file or a directory. Of a device Landlock would also say
 *          which ioctl(2) the descriptor is good for
 *
 * Returns false where that is not proved, which does not mean that it may not.
 */
bool beneath_grants(const struct beneath *beneath, int own_fds, int fd,
		    const struct stat *st, bool writes);

/*
 * beneath_enter - a path as it goes on from a granted directory
 *
 * Returns the directory, which stays ours, with *rest behind its name; -1 if the text
 * does not begin with one, or its name means another directory by now. Whoever opens the
 * rest with RESOLVE_BENEATH opens only what is granted.
 */
int beneath_enter(const struct beneath *beneath, const char *path, bool writes,
		  const char **rest);

#endif
