/* The listener: receive, still valid?, answer, add a descriptor. */
#ifndef DEMI_NOTIFY_H
#define DEMI_NOTIFY_H

#include <demilune.h>

#include <stdbool.h>

/* Asks for the fast wake-up; a kernel before 6.6 says no and works without. */
void notify_hurry(int listener);

/*
 * notify_recv - wait for a call
 *
 * Returns 0, -EINTR, or -ENOENT: the call is gone, or all callers are.
 */
int notify_recv(int listener, struct demi_notif *out);

/* true when a call waits to be received */
bool notify_has_call(int listener);

/* true when no task with the filter is left */
bool notify_is_deserted(int listener);

/* 0 while the call waits for its answer, else -ESRCH */
int notify_check(int listener, uint64_t id);

/* The answers. -ENOENT: the program died or was interrupted; not an error. */
int notify_continue(int listener, uint64_t id);
int notify_error(int listener, uint64_t id, int error);
int notify_value(int listener, uint64_t id, int64_t value);

/*
 * notify_add_fd - install fd in the program
 *
 * answer  also end the call with the number: one step (Linux 5.14)
 *
 * Returns the number there. On failure nothing was answered.
 */
int notify_add_fd(int listener, uint64_t id, int fd, unsigned int fd_flags, bool answer);

#endif
