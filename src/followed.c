/*
 * Ends of processes, by pidfd: readable when a process ends, hung up when it is
 * reaped, and from Linux 6.15 on it then still has the status that wait(2) gave to
 * the parent. No system call of the program is notified for this.
 */
#include "followed.h"

#include "compat.h"
#include "kernel.h"
#include "util.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>

struct followed {
	struct demi_ended end;	/* time_ns is 0 while it lives */
	int pidfd;
	struct followed *next;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void ask_status(struct followed *one)
{
	struct pidfd_info_exit info = { .mask = PIDFD_INFO_EXIT };

	if (ioctl(one->pidfd, PIDFD_GET_INFO_EXIT, &info) == 0 &&
	    (info.mask & PIDFD_INFO_EXIT)) {
		one->end.status = info.exit_code;
		one->end.has_status = 1;
	}
}

static void finish(struct follower *follower, struct followed *one)
{
	struct followed **at = &follower->living;

	while (*at != one)
		at = &(*at)->next;
	*at = one->next;
	one->next = NULL;
	if (!follower->ended)
		follower->ended_end = &follower->ended;
	*follower->ended_end = one;
	follower->ended_end = &one->next;
	fd_close(&one->pidfd);
}

void followed_look(struct follower *follower)
{
	struct epoll_event events[32];
	int n;

	if (follower->epoll < 0)
		return;
	while ((n = epoll_wait(follower->epoll, events, 32, 0)) > 0) {
		for (int i = 0; i < n; i++) {
			struct followed *one = events[i].data.ptr;
			if (!one->end.time_ns)
				one->end.time_ns = now_ns();
			bool is_reaped = events[i].events & EPOLLHUP;
			if (is_reaped)
				ask_status(one);
			/* an older kernel will not tell: do not keep the descriptor */
			if (is_reaped || !kernel_is_at_least(6, 15))
				finish(follower, one);
		}
	}
}

static int watch(struct follower *follower, struct followed *one)
{
	/* two edges: the end, and the reaping */
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = one };

	if (follower->epoll < 0)
		follower->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (follower->epoll < 0 ||
	    epoll_ctl(follower->epoll, EPOLL_CTL_ADD, one->pidfd, &event) < 0)
		return -errno;
	return 1;
}

int followed_add(struct follower *follower, pid_t pid)
{
	/* a number that was reused is someone else's */
	followed_look(follower);
	for (struct followed *one = follower->living; one; one = one->next)
		if (one->end.pid == pid && !one->end.time_ns)
			return 0;
	AUTO_FD pidfd = kernel_pidfd_open(pid);
	if (pidfd < 0)
		return pidfd;
	struct followed *one = calloc(1, sizeof *one);
	if (!one)
		return -ENOMEM;
	one->end.pid = pid;
	one->pidfd = pidfd;
	int rc = watch(follower, one);
	if (rc < 0) {
		free(one);
		return rc;
	}
	(void)fd_take(&pidfd);
	one->next = follower->living;
	follower->living = one;
	return rc;
}

bool followed_take(struct follower *follower, struct demi_ended *out)
{
	struct followed *one = follower->ended;

	if (!one)
		return false;
	*out = one->end;
	follower->ended = one->next;
	free(one);
	return true;
}

void followed_free(struct follower *follower)
{
	struct demi_ended unused;

	while (follower->living)
		finish(follower, follower->living);
	while (followed_take(follower, &unused))
		;
	fd_close(&follower->epoll);
}
