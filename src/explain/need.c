/*
 * What calls about files need of Landlock. Whatever the kernel finds fault with before
 * it asks Landlock makes a call fail for another reason: then it needs nothing.
 */
#include "look.h"

#include "explain.h"

#include "../compat.h"
#include "../util.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static const struct about {
	const char *name;
	int (*find)(struct look *l);	/* NULL: connect(2), which is about no file */
	uint64_t rights;		/* 0: the arguments say it */
} abouts[] = {
	{ "open", object_open, 0 },
	{ "openat", object_open, 0 },
	{ "openat2", object_open, 0 },
	{ "creat", object_open, 0 },
	{ "truncate", object_truncate, 0 },
	{ "mkdir", entry_make, LANDLOCK_ACCESS_FS_MAKE_DIR },
	{ "mkdirat", entry_make, LANDLOCK_ACCESS_FS_MAKE_DIR },
	{ "symlink", entry_make, LANDLOCK_ACCESS_FS_MAKE_SYM },
	{ "symlinkat", entry_make, LANDLOCK_ACCESS_FS_MAKE_SYM },
	{ "mknod", entry_make, 0 },
	{ "mknodat", entry_make, 0 },
	{ "unlink", entry_remove, LANDLOCK_ACCESS_FS_REMOVE_FILE },
	{ "unlinkat", entry_remove, 0 },
	{ "rmdir", entry_remove, LANDLOCK_ACCESS_FS_REMOVE_DIR },
	{ "rename", entry_rename, 0 },
	{ "renameat", entry_rename, 0 },
	{ "renameat2", entry_rename, 0 },
	{ "link", entry_link, 0 },
	{ "linkat", entry_link, 0 },
	{ "execve", object_execute, 0 },
	{ "execveat", object_execute, 0 },
	{ "bind", entry_bind, 0 },
	{ "connect", NULL, 0 },
};

static const struct about *find_about(int nr)
{
	const char *name = demi_syscall_name(nr);

	for (size_t i = 0; name && i < sizeof abouts / sizeof *abouts; i++)
		if (strcmp(abouts[i].name, name) == 0)
			return &abouts[i];
	return NULL;
}

bool need_is_about(const struct demi_sandbox *sb, int nr)
{
	const struct about *about = find_about(nr);

	if (!about)
		return false;
	bool is_about_files = about->find, is_about_ports = !about->find || about->find == entry_bind;
	return (is_about_files && sb->access.confines_files) ||
	       (is_about_ports && sb->access.confines_net);
}

bool look_is_call(const struct look *l, const char *name)
{
	return strcmp(l->name, name) == 0;
}

uint64_t look_argument(const struct look *l, const char *name)
{
	size_t n;
	const struct demi_arg *list = demi_syscall_args(l->call->notif->syscall_nr, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return (uint64_t)demi_arg_value(list[i].type, l->call->notif->args[i]);
	return 0;
}

bool look_mount_has(int fd, unsigned long flag)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && fs.f_flag & flag;
}

bool look_can_make(const struct walk *at)
{
	return at->object < 0 && at->name[0] && !look_mount_has(at->parent, ST_RDONLY);
}

int look_up(struct look *l, unsigned int nth, bool follows, bool may_be_empty)
{
	const struct demi_notif *notif = l->call->notif;
	unsigned int paths = demi_syscall_paths(notif->syscall_nr), arg = 0;
	char path[PATH_MAX];
	size_t n;
	const struct demi_arg *list = demi_syscall_args(notif->syscall_nr, &n);

	for (unsigned int skip = nth; arg < n && (!(paths >> arg & 1) || skip-- > 0);)
		arg++;
	if (arg == n)
		return -EINVAL;
	int dirfd = list[arg].refs[0];
	const struct walk_how how = {
		.tid = (int)notif->pid, .follows = follows, .may_be_empty = may_be_empty,
		.dirfd = dirfd < 0 ? AT_FDCWD : (int)notif->args[dirfd],
	};
	ssize_t len = demi_mem_read_cstr(l->call->mem, notif->args[arg], path, sizeof path);
	if (len < 0)
		return (int)len;
	return walk(l->who, &how, path, &l->at[nth]);
}

bool look_need_object(struct need *need, struct walk *at, uint64_t rights)
{
	bool is_dir = S_ISDIR(at->st.st_mode);

	if (at->is_nameless || !rights || walk_name(at->object, need->path) < 0)
		return false;
	memcpy(need->grant, need->path, sizeof need->grant);
	need->rights = rights;
	need->has_object = !is_dir;
	need->object = at->st;
	need->dir = fd_take(is_dir ? &at->object : &at->parent);
	return true;
}

bool look_need_parent(struct need *need, const struct walk *at, uint64_t rights)
{
	const uint64_t devices = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;

	if (walk_name(at->parent, need->grant) < 0)
		return false;
	int n = snprintf(need->path, sizeof need->path, "%s/%s",
			 strcmp(need->grant, "/") == 0 ? "" : need->grant, at->name);
	if (n >= (int)sizeof need->path)
		return false;
	if (rights & devices)
		need->grant[0] = 0;
	need->rights = rights;
	need->dir = fcntl(at->parent, F_DUPFD_CLOEXEC, 3);
	return need->dir >= 0;
}

int need_find(const struct call_facts *call, struct need needs[NEEDS_MAX])
{
	const struct about *about = find_about(call->notif->syscall_nr);

	if (!about || !about->find)
		return 0;
	struct look l = {
		.call = call, .name = about->name, .rights = about->rights,
		.who = &call->run->explain->who, .needs = needs,
		.at = { WALK_NONE, WALK_NONE },
	};
	int n = about->find(&l);
	walk_close(&l.at[0]);
	walk_close(&l.at[1]);
	return n;
}

void need_free(struct need needs[NEEDS_MAX])
{
	for (size_t i = 0; i < NEEDS_MAX; i++)
		fd_close(&needs[i].dir);
}
