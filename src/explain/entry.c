/*
 * What calls need that give a name to something, or take it: rights on the directory.
 * Landlock is asked for them before the permission bits of that directory are.
 */
#include "look.h"

#include "explain.h"

#include "../compat.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* How many mode bits it has, by its type: what it takes to make such a file. */
static uint64_t right_to_make(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return LANDLOCK_ACCESS_FS_MAKE_SYM;
	case S_IFDIR:
		return LANDLOCK_ACCESS_FS_MAKE_DIR;
	case S_IFCHR:
		return LANDLOCK_ACCESS_FS_MAKE_CHAR;
	case S_IFBLK:
		return LANDLOCK_ACCESS_FS_MAKE_BLOCK;
	case S_IFIFO:
		return LANDLOCK_ACCESS_FS_MAKE_FIFO;
	case S_IFSOCK:
		return LANDLOCK_ACCESS_FS_MAKE_SOCK;
	default:	/* 0, too: mknod(2) */
		return LANDLOCK_ACCESS_FS_MAKE_REG;
	}
}

static uint64_t right_to_remove(const struct walk *at)
{
	if (at->object < 0)
		return 0;
	return S_ISDIR(at->st.st_mode) ? LANDLOCK_ACCESS_FS_REMOVE_DIR
				       : LANDLOCK_ACCESS_FS_REMOVE_FILE;
}

int entry_make(struct look *l)
{
	uint64_t rights = l->rights;
	mode_t mode = (mode_t)look_argument(l, "mode");

	/* mknod(2) of what it does not make */
	if (!rights && (S_ISDIR(mode) || S_ISLNK(mode)))
		return 0;
	if (!rights)
		rights = right_to_make(mode);
	if (look_up(l, 0, false, false) < 0 || !look_can_make(&l->at[0]) ||
	    (l->at[0].has_slash && rights != LANDLOCK_ACCESS_FS_MAKE_DIR))
		return 0;
	return look_need_parent(&l->needs[0], &l->at[0], rights);
}

/* There is something that can lose its name. */
static bool can_unlink(const struct walk *at)
{
	return at->object >= 0 && at->name[0] && !look_mount_has(at->parent, ST_RDONLY);
}

int entry_remove(struct look *l)
{
	uint64_t rights = l->rights, flags = rights ? 0 : look_argument(l, "flags");

	if (!rights)
		rights = flags & AT_REMOVEDIR ? LANDLOCK_ACCESS_FS_REMOVE_DIR
					      : LANDLOCK_ACCESS_FS_REMOVE_FILE;
	if (flags & ~(uint64_t)AT_REMOVEDIR || look_up(l, 0, false, false) < 0 ||
	    !can_unlink(&l->at[0]) ||
	    (l->at[0].has_slash && rights == LANDLOCK_ACCESS_FS_REMOVE_FILE))
		return 0;
	return look_need_parent(&l->needs[0], &l->at[0], rights);
}

/* Two directories: of one and the same, all rights are asked at once, without REFER. */
static int need_both(struct look *l, uint64_t from, uint64_t to)
{
	struct stat a, b;
	struct statx x, y;

	if (fstat(l->at[0].parent, &a) < 0 || fstat(l->at[1].parent, &b) < 0 ||
	    statx(l->at[0].parent, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) < 0 ||
	    statx(l->at[1].parent, "", AT_EMPTY_PATH, STATX_MNT_ID, &y) < 0)
		return 0;
	if (x.stx_mnt_id != y.stx_mnt_id)	/* EXDEV before Landlock */
		return 0;
	if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return look_need_parent(&l->needs[0], &l->at[1], from | to);
	return look_need_parent(&l->needs[0], &l->at[0], from | LANDLOCK_ACCESS_FS_REFER) &&
	       look_need_parent(&l->needs[1], &l->at[1], to | LANDLOCK_ACCESS_FS_REFER) ? 2 : 0;
}

int entry_rename(struct look *l)
{
	const struct walk *old = &l->at[0], *new = &l->at[1];
	uint64_t flags = look_is_call(l, "renameat2") ? look_argument(l, "flags") : 0;
	bool exchanges = flags & RENAME_EXCHANGE;

	if (look_up(l, 0, false, false) < 0 || look_up(l, 1, false, false) < 0 ||
	    !can_unlink(old) || !new->name[0])
		return 0;
	bool is_there = new->object >= 0;
	if (exchanges ? !is_there : is_there && flags & RENAME_NOREPLACE)
		return 0;
	if (!S_ISDIR(old->st.st_mode) && (old->has_slash || new->has_slash))
		return 0;
	uint64_t from = right_to_remove(old) | (exchanges ? right_to_make(new->st.st_mode) : 0);
	return need_both(l, from, right_to_make(old->st.st_mode) | right_to_remove(new));
}

/* fs.protected_hardlinks, proc_sys_fs(5), which is asked before Landlock */
static bool may_link(const struct look *l)
{
	const struct stat *st = &l->at[0].st;

	return st->st_uid == l->who->uid ||
	       (S_ISREG(st->st_mode) && walk_may(l->who, st, R_OK | W_OK));
}

int entry_link(struct look *l)
{
	uint64_t flags = look_is_call(l, "linkat") ? look_argument(l, "flags") : 0;

	if (flags & ~(uint64_t)AT_SYMLINK_FOLLOW ||
	    look_up(l, 0, flags & AT_SYMLINK_FOLLOW, false) < 0 ||
	    look_up(l, 1, false, false) < 0 || !can_unlink(&l->at[0]) || !look_can_make(&l->at[1]) ||
	    l->at[1].has_slash || !may_link(l))
		return 0;
	return need_both(l, 0, right_to_make(l->at[0].st.st_mode));
}

/* A UNIX socket with a path is made at bind(2). */
int entry_bind(struct look *l)
{
	const struct walk_how how = { .tid = (int)l->call->notif->pid, .dirfd = AT_FDCWD };
	char path[PATH_MAX];

	if (!l->call->run->sb->access.confines_files || !need_address(l->call, path) ||
	    walk(l->who, &how, path, &l->at[0]) < 0 || !look_can_make(&l->at[0]) ||
	    l->at[0].has_slash)
		return 0;
	return look_need_parent(&l->needs[0], &l->at[0], LANDLOCK_ACCESS_FS_MAKE_SOCK);
}

