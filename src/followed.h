/* Processes whose end somebody wants to know: when it was, and how. */
#ifndef DEMI_FOLLOWED_H
#define DEMI_FOLLOWED_H

#include <demilune.h>
#include <stdbool.h>

struct followed;

/* Zeroed but for epoll = -1 it is empty; its owner's lock guards it. */
struct follower {
	int epoll;		/* readable when followed_look() has something to do */
	struct followed *living;
	struct followed *ended, **ended_end;
};

/*
 * followed_add - follow a process from now on
 *
 * Returns 1, 0 if it is followed already, or -errno.
 * Kernel: pidfd_open(2)
 */
int followed_add(struct follower *follower, pid_t pid);

/* Notes who ended, and when; their status as soon as the kernel has it. */
void followed_look(struct follower *follower);

/* Hands over the next one that ended, in that order; false if there is none. */
bool followed_take(struct follower *follower, struct demi_ended *out);

void followed_free(struct follower *follower);

#endif
