/*
 * More setters of struct demi_sandbox: whom the program runs as, what it starts with
 * and how much it may use up.
 */
#include "sandbox.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>

int demi_sandbox_set_ids(struct demi_sandbox *sb, uid_t uid, gid_t gid)
{
	if (uid == (uid_t)-1 || gid == (gid_t)-1)	/* "unchanged", setresuid(2) */
		return fail(&sb->why, -EINVAL, "uid and gid -1");
	sb->has_ids = true;
	sb->uid = uid;
	sb->gid = gid;
	return 0;
}

void demi_sandbox_drop_privileges(struct demi_sandbox *sb)
{
	sb->drops_privileges = true;
}

int demi_sandbox_set_limit(struct demi_sandbox *sb, enum demi_limit which, uint64_t most)
{
	uint64_t *const limits[] = {
		[DEMI_LIMIT_PROCESSES] = &sb->limits.processes,
		[DEMI_LIMIT_MEMORY] = &sb->limits.memory,
		[DEMI_LIMIT_OPEN_FILES] = &sb->limits.open_files,
		[DEMI_LIMIT_FILE_SIZE] = &sb->limits.file_size,
		[DEMI_LIMIT_CPU] = &sb->limits.cpu,
		[DEMI_LIMIT_OUTPUT] = &sb->output_limit,
	};

	if ((int)which < DEMI_LIMIT_PROCESSES || which > DEMI_LIMIT_OUTPUT)
		return fail(&sb->why, -EINVAL, "limit %d", (int)which);
	/* above this, arithmetic on it (and RLIM_INFINITY) would be near */
	if (most > INT64_MAX / 2)
		return fail(&sb->why, -EINVAL, "limit %d: too large", (int)which);
	*limits[which] = most || which != DEMI_LIMIT_OUTPUT ? most : UINT64_MAX;
	return 0;
}

int demi_sandbox_set_umask(struct demi_sandbox *sb, mode_t mask)
{
	if (mask > 0777)
		return fail(&sb->why, -EINVAL, "umask 0%o", mask);
	sb->has_umask = true;
	sb->umask = mask;
	return 0;
}

int demi_sandbox_keep_fd(struct demi_sandbox *sb, int fd)
{
	if (fd < 3)
		return fail(&sb->why, -EINVAL, "descriptor %d: 0, 1 and 2 are the stdio", fd);
	if (fcntl(fd, F_GETFD) < 0)
		return fail(&sb->why, -errno, "descriptor %d", fd);
	int *fds = reallocarray(sb->kept_fds, sb->n_kept_fds + 1, sizeof *fds);
	if (!fds)
		return fail(&sb->why, -ENOMEM, "descriptor %d", fd);
	sb->kept_fds = fds;
	fds[sb->n_kept_fds++] = fd;
	return 0;
}

void demi_sandbox_keep_terminal(struct demi_sandbox *sb)
{
	sb->keeps_terminal = true;
}
