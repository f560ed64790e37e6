/* struct demi_action: setters that check. What each sends stands in answer.c. */
#include "util.h"

#include <demilune.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

/* libc takes these results for an errno; an errno above is a plain number */
#define ERRNO_MAX 4095

static void drop_ud(void (*ud_drop)(void *), void *ud)
{
	if (ud_drop)
		ud_drop(ud);
}

void demi_action_drop(struct demi_action *act)
{
	if (act->kind == DEMI_ACTION_INJECT_FD_SEND ||
	    act->kind == DEMI_ACTION_INJECT_FD_SEND_TRACKED ||
	    act->kind == DEMI_ACTION_HOLD)
		fd_close(&act->fd);
	free(act->path);
	drop_ud(act->ud_drop, act->ud);
	*act = (struct demi_action){ .fd = -1 };
}

static void become(struct demi_action *act, struct demi_action with)
{
	demi_action_drop(act);
	*act = with;
}

void demi_action_set_continue(struct demi_action *act)
{
	become(act, (struct demi_action){ .kind = DEMI_ACTION_CONTINUE, .fd = -1 });
}

int demi_action_set_errno(struct demi_action *act, int error)
{
	if (error < 1 || error > ERRNO_MAX)
		return -EINVAL;
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_ERRNO, .error = error, .fd = -1 });
	return 0;
}

int demi_action_set_value(struct demi_action *act, int64_t value)
{
	if (-ERRNO_MAX <= value && value <= -1)
		return -EINVAL;
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_RETURN_VALUE, .value = value, .fd = -1 });
	return 0;
}

static int check_fd(int fd, unsigned int fd_flags)
{
	if (fd < 0)
		return -EBADF;
	return fd_flags & ~(unsigned int)O_CLOEXEC ? -EINVAL : 0;
}

int demi_action_set_inject_fd(struct demi_action *act, int fd, unsigned int fd_flags)
{
	int rc = check_fd(fd, fd_flags);

	if (rc < 0) {
		fd_close(&fd);
		return rc;
	}
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_INJECT_FD_SEND, .fd = fd, .fd_flags = fd_flags });
	return 0;
}

int demi_action_set_inject_fd_tracked(struct demi_action *act, int fd,
				      unsigned int fd_flags,
				      int (*on_injected)(void *ud, struct demi_mem *mem,
							 int newfd),
				      void *ud, void (*ud_drop)(void *ud))
{
	int rc = on_injected ? check_fd(fd, fd_flags) : -EINVAL;

	if (rc < 0) {
		fd_close(&fd);
		drop_ud(ud_drop, ud);
		return rc;
	}
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_INJECT_FD_SEND_TRACKED, .fd = fd,
		.fd_flags = fd_flags, .on_injected = on_injected, .ud = ud,
		.ud_drop = ud_drop });
	return 0;
}

int demi_action_set_perform(struct demi_action *act, const char *path,
			    int (*on_performed)(void *ud, struct demi_mem *mem,
						int64_t result),
			    void *ud, void (*ud_drop)(void *ud))
{
	char *copy = path ? strdup(path) : NULL;
	int rc = path && strlen(path) >= PATH_MAX ? -ENAMETOOLONG
		 : path && !copy ? -ENOMEM : 0;

	if (rc < 0) {
		free(copy);
		drop_ud(ud_drop, ud);
		return rc;
	}
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_PERFORM, .fd = -1, .path = copy,
		.on_performed = on_performed, .ud = ud, .ud_drop = ud_drop });
	return 0;
}

void demi_action_set_hold(struct demi_action *act)
{
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_HOLD, .fd = -1, .wait_ms = -1 });
}

int demi_action_set_hold_until(struct demi_action *act, int fd, int events,
			       int64_t timeout_ms)
{
	if (fd < 0 && timeout_ms < 0)
		return -EINVAL;
	int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && copy < 0)
		return -errno;
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_HOLD, .fd = copy, .events = events,
		.wait_ms = timeout_ms });
	return 0;
}

int demi_action_set_kill(struct demi_action *act, int sig, pid_t pgid)
{
	/* kill(2): -1 means everybody, and group 1 is init's */
	if (sig < 1 || sig > SIGRTMAX || pgid < 0 || pgid == 1)
		return -EINVAL;
	/* our own group is 0, too, where its leader is outside of our pid namespace */
	if (pgid && pgid == getpgrp())
		return -EPERM;
	become(act, (struct demi_action){
		.kind = DEMI_ACTION_KILL, .sig = sig, .pgid = pgid, .fd = -1 });
	return 0;
}
