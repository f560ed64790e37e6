/* The listener: receive, still valid?, answer, add a descriptor. */
#include "notify.h"

#include "compat.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

_Static_assert(sizeof(struct demi_notif) == sizeof(struct seccomp_notif),
	       "struct demi_notif is struct seccomp_notif");
_Static_assert(offsetof(struct demi_notif, args) ==
	       offsetof(struct seccomp_notif, data.args), "and laid out as it");

void notify_hurry(int listener)
{
	/* the value itself, not a pointer to it */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

int notify_recv(int listener, struct demi_notif *out)
{
	memset(out, 0, sizeof *out);	/* the kernel insists */
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, out) < 0 ? -errno : 0;
}

static bool polls(int listener, short event)
{
	struct pollfd fd = { .fd = listener, .events = POLLIN };

	return poll(&fd, 1, 0) == 1 && fd.revents & event;
}

bool notify_has_call(int listener)
{
	return polls(listener, POLLIN);
}

bool notify_is_deserted(int listener)
{
	return polls(listener, POLLHUP);
}

int notify_check(int listener, uint64_t id)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0 ? -ESRCH : 0;
}

static int answer(int listener, const struct seccomp_notif_resp *resp)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp) < 0 ? -errno : 0;
}

int notify_continue(int listener, uint64_t id)
{
	struct seccomp_notif_resp resp = {
		.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	return answer(listener, &resp);
}

int notify_error(int listener, uint64_t id, int error)
{
	return answer(listener, &(struct seccomp_notif_resp){ .id = id, .error = -error });
}

int notify_value(int listener, uint64_t id, int64_t value)
{
	return answer(listener, &(struct seccomp_notif_resp){ .id = id, .val = value });
}

int notify_add_fd(int listener, uint64_t id, int fd, unsigned int fd_flags, bool send)
{
	struct seccomp_notif_addfd add = {
		.id = id, .srcfd = (__u32)fd, .newfd_flags = fd_flags,
		.flags = send ? SECCOMP_ADDFD_FLAG_SEND : 0,
	};
	sigset_t all, before;

	/* a signal in the middle of both would leave the caller with 0 for a descriptor */
	sigfillset(&all);
	if (send)
		pthread_sigmask(SIG_SETMASK, &all, &before);
	int newfd = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	int rc = newfd < 0 ? -errno : newfd;
	if (send)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}
