/*
 * What was read of a program's memory during one call. What was read once is read
 * again from here, so that a handler and the call that is performed for it see the same.
 */
#ifndef DEMI_SNAPSHOT_H
#define DEMI_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct snapshot {
	struct piece *pieces;	/* owned; newest first */
	size_t bytes;
};

/*
 * snapshot_read - copy bytes out of a process, the same ones each time
 *
 * Returns as tracee_read(), or -ENOMEM, also for more than 8 MiB in one call.
 */
ssize_t snapshot_read(struct snapshot *snapshot, pid_t pid, uint64_t addr, void *dst,
		      size_t len);

/* The string's length, -ENAMETOOLONG without a NUL in cap bytes, or the same. */
ssize_t snapshot_read_cstr(struct snapshot *snapshot, pid_t pid, uint64_t addr, char *dst,
			   size_t cap);

/* These bytes were written into the process: reads give them from now on. */
void snapshot_write(struct snapshot *snapshot, uint64_t addr, const void *src, size_t len);

void snapshot_free(struct snapshot *snapshot);

#endif
