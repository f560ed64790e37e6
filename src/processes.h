/* The processes of this machine, as /proc shows them. */
#ifndef DEMI_PROCESSES_H
#define DEMI_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid, ppid, pgrp;
	bool is_zombie;
};

/*
 * processes_each - call fn for every process; async-signal-safe
 *
 * Returns 0, or -errno when /proc cannot be read.
 */
int processes_each(void (*fn)(void *ud, const struct process *process), void *ud);

/*
 * processes_kill_children - SIGKILL to every living child of parent, each as soon as
 * it is seen; async-signal-safe
 *
 * Returns how many there were, or -errno when /proc cannot be read.
 */
int processes_kill_children(pid_t parent);

/*
 * processes_below - a list of all descendants of root, root not included
 *
 * Returns their number; *out is the caller's to free. A process that is forked
 * while this reads may be missing.
 */
ssize_t processes_below(pid_t root, struct process **out);

#endif
