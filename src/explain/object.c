/* What calls need that open a file, or work on it by its path: rights on the file. */
#include "look.h"

#include "../compat.h"
#include "../util.h"

#include <elf.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

static int find_flags(const struct look *l, uint64_t *flags)
{
	const struct demi_notif *notif = l->call->notif;
	struct open_how how;

	*flags = look_argument(l, "flags");
	if (look_is_call(l, "creat"))
		*flags = O_CREAT | O_WRONLY | O_TRUNC;
	if (!look_is_call(l, "openat2"))
		return 0;
	ssize_t n = demi_mem_read(l->call->mem, notif->args[2], &how, sizeof how);
	if (n != sizeof how)
		return n < 0 ? (int)n : -EFAULT;
	*flags = how.flags;
	/* with others it can fail where we would not */
	return how.resolve & ~(uint64_t)RESOLVE_CACHED ? -EOPNOTSUPP : 0;
}

/* What the permission bits must grant first; false: open(2) fails by itself. */
static bool may_open(const struct look *l, uint64_t flags)
{
	const struct walk *at = &l->at[0];
	mode_t mode = at->st.st_mode;
	uint64_t way = flags & O_ACCMODE;
	bool writes = way != O_RDONLY || flags & O_TRUNC, is_dir = S_ISDIR(mode);
	unsigned int wanted = (way == O_WRONLY ? 0U : R_OK) | (writes ? W_OK : 0U);

	if (S_ISLNK(mode) || (flags & O_CREAT && flags & O_EXCL))
		return false;
	if (is_dir ? way != O_RDONLY || flags & O_CREAT : flags & O_DIRECTORY || at->has_slash)
		return false;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && look_mount_has(at->object, ST_NODEV))
		return false;
	if (writes && (S_ISREG(mode) || is_dir) && look_mount_has(at->object, ST_RDONLY))
		return false;
	return walk_may(l->who, &at->st, wanted);
}

/* O_TMPFILE has no name: what it asks for is asked of the directory. */
static int need_tmpfile(struct look *l, uint64_t flags)
{
	struct walk *at = &l->at[0];
	uint64_t rights = LANDLOCK_ACCESS_FS_WRITE_FILE;

	if ((flags & O_ACCMODE) == O_RDWR)
		rights |= LANDLOCK_ACCESS_FS_READ_FILE;
	if ((flags & O_ACCMODE) == O_RDONLY || at->object < 0 || !S_ISDIR(at->st.st_mode) ||
	    look_mount_has(at->object, ST_RDONLY) ||
	    !walk_may(l->who, &at->st, W_OK | X_OK))
		return 0;
	return look_need_object(&l->needs[0], &l->at[0], rights);
}

int object_open(struct look *l)
{
	static const uint64_t by_way[] = {
		[O_RDONLY] = LANDLOCK_ACCESS_FS_READ_FILE,
		[O_WRONLY] = LANDLOCK_ACCESS_FS_WRITE_FILE,
		[O_RDWR] = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE,
		[O_ACCMODE] = 0,	/* neither: for ioctl(2) only, open(2) */
	};
	struct walk *at = &l->at[0];
	uint64_t flags;
	int rc = find_flags(l, &flags);

	if (rc < 0 || flags & O_PATH)	/* Landlock does not ask for O_PATH */
		return 0;
	bool follows = !(flags & O_NOFOLLOW) && !(flags & O_CREAT && flags & O_EXCL);
	if (look_up(l, 0, follows, false) < 0)
		return 0;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return need_tmpfile(l, flags);
	uint64_t rights = by_way[flags & O_ACCMODE];
	if (at->object < 0)
		return flags & O_CREAT && !at->has_slash && look_can_make(at)
			? look_need_parent(&l->needs[0], &l->at[0], rights | LANDLOCK_ACCESS_FS_MAKE_REG) : 0;
	if (!may_open(l, flags))
		return 0;
	if (S_ISDIR(at->st.st_mode))
		rights = LANDLOCK_ACCESS_FS_READ_DIR;
	if (flags & O_TRUNC && S_ISREG(at->st.st_mode))
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return look_need_object(&l->needs[0], &l->at[0], rights);
}

int object_truncate(struct look *l)
{
	const struct walk *at = &l->at[0];

	if (look_up(l, 0, true, false) < 0 || at->object < 0 || !S_ISREG(at->st.st_mode) ||
	    at->has_slash || (int64_t)look_argument(l, "length") < 0 ||
	    look_mount_has(at->object, ST_RDONLY) || !walk_may(l->who, &at->st, W_OK))
		return 0;
	return look_need_object(&l->needs[0], &l->at[0], LANDLOCK_ACCESS_FS_TRUNCATE);
}

static ssize_t read_at(int fd, void *dst, size_t len, uint64_t offset)
{
	ssize_t n = pread(fd, dst, len, (off_t)offset);

	return n < 0 ? 0 : n;
}

/* PT_INTERP, elf(5): the loader of what is linked dynamically. */
static bool find_loader(int fd, const Elf64_Ehdr *head, char path[PATH_MAX])
{
	Elf64_Phdr segment;

	for (unsigned int i = 0; i < head->e_phnum; i++) {
		uint64_t at = head->e_phoff + i * sizeof segment;
		if (read_at(fd, &segment, sizeof segment, at) != sizeof segment)
			return false;
		if (segment.p_type != PT_INTERP || segment.p_filesz >= PATH_MAX)
			continue;
		ssize_t n = read_at(fd, path, segment.p_filesz, segment.p_offset);
		path[n] = 0;
		return n > 0;
	}
	return false;
}

/* What execve(2) opens besides: of a script "#!", else the loader. */
static bool find_interpreter(int object, char path[PATH_MAX], bool *is_script)
{
	char name[sizeof "/proc/self/fd/" + 12];
	union {
		Elf64_Ehdr elf;
		char text[256];		/* BINPRM_BUF_SIZE of the kernel */
	} head = { 0 };

	snprintf(name, sizeof name, "/proc/self/fd/%d", object);
	AUTO_FD fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || read_at(fd, &head, sizeof head, 0) < 2)
		return false;
	*is_script = head.text[0] == '#' && head.text[1] == '!';
	if (!*is_script)
		return memcmp(head.text, ELFMAG, SELFMAG) == 0 &&
		       head.elf.e_ident[EI_CLASS] == ELFCLASS64 && find_loader(fd, &head.elf, path);
	const char *from = head.text + 2;
	from += strspn(from, " \t");
	size_t n = strcspn(from, " \t\n");
	if (!n || from + n >= head.text + sizeof head.text)
		return false;
	memcpy(path, from, n);
	path[n] = 0;
	return true;
}

static bool can_execute(const struct look *l)
{
	const struct walk *at = &l->at[0];

	return at->object >= 0 && S_ISREG(at->st.st_mode) && !at->has_slash &&
	       !look_mount_has(at->object, ST_NOEXEC) && walk_may(l->who, &at->st, X_OK);
}

int object_execute(struct look *l)
{
	const uint64_t rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
	const struct walk_how how = {
		.tid = (int)l->call->notif->pid, .dirfd = AT_FDCWD, .follows = true,
	};
	uint64_t flags = look_is_call(l, "execveat") ? look_argument(l, "flags") : 0;
	int rc = look_up(l, 0, !(flags & AT_SYMLINK_NOFOLLOW), flags & AT_EMPTY_PATH), n = 0;
	bool goes_on = true;
	char path[PATH_MAX];

	while (rc == 0 && n < NEEDS_MAX && can_execute(l)) {
		n += look_need_object(&l->needs[n], &l->at[0], rights);
		if (!goes_on || !find_interpreter(l->at[0].object, path, &goes_on))
			break;
		walk_close(&l->at[0]);
		l->at[0] = (struct walk)WALK_NONE;
		rc = walk(l->who, &how, path, &l->at[0]);
	}
	return n;
}
