/* Resource limits that the kernel keeps for each process, setrlimit(2). */
#ifndef DEMI_RLIMITS_H
#define DEMI_RLIMITS_H

#include <stdint.h>

struct limits {			/* 0: none */
	uint64_t processes;	/* processes and threads */
	uint64_t memory;	/* bytes */
	uint64_t open_files;
	uint64_t file_size;	/* bytes */
	uint64_t cpu;		/* seconds */
};

/*
 * rlimits_apply - set them for this process and what it will start; no core dumps
 *
 * Async-signal-safe. A hard limit that is lower already stays.
 *
 * processes  is taken for those of the user, whom uid 0 is exempt from
 * memory     is taken for one process's private memory
 */
int rlimits_apply(const struct limits *limits);

#endif
