/* The processes of this machine, as /proc shows them. */
#ifndef DEMI_PROCESSES_H
#define DEMI_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
	pid_t pid, ppid, pgrp;
	bool is_zombie;
	bool is_stopped;		/* by a signal */
	bool is_blocked;		/* in the kernel, and signals wait: state D */
	unsigned long threads;		/* 1 for a zombie */
	unsigned long long ticks;	/* of CPU, its own and of children it waited for */
	unsigned long long rss_pages;	/* shared ones included */
};

/*
 * processes_each - call fn for every process; async-signal-safe
 *
 * Returns 0, or -errno when /proc cannot be read.
 */
int processes_each(void (*fn)(void *ud, const struct process *process), void *ud);

/* processes_total - how many processes and threads this machine has */
unsigned long processes_total(void);

/* processes_read - one process; false if it is gone */
bool processes_read(pid_t pid, struct process *out);

/* processes_is_below - does it descend from root? async-signal-safe */
bool processes_is_below(pid_t root, const struct process *process);

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

/*
 * processes_share - its share of the memory that it maps: a page that n processes
 * share counts as one n-th of a page
 *
 * Returns bytes, or -errno: -EACCES if it is not ours to look at, others if it is gone.
 */
long long processes_share(pid_t pid);

#endif
