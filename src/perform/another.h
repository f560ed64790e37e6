/* What depends on who does it, done by somebody with our rights who is not us. */
#ifndef DEMI_PERFORM_ANOTHER_H
#define DEMI_PERFORM_ANOTHER_H

#include "job.h"

/*
 * another_does - fn(ud) in a child that has our rights and shares our descriptor table
 *
 * /proc shows a process all of itself, its memory among it: ptrace(2), "Ptrace access
 * mode checking". So a performer finds what the program named, and another opens it: it
 * cannot be about a process that did not exist when it was found, nor is it about us,
 * who are not dumpable. The memory must be a copy: mm_access() of the kernel compares it.
 *
 * For a performer, which has one thread and blocks all signals. fn makes
 * async-signal-safe calls only; but for job, what it writes is lost. Returns what fn
 * does, or -errno of clone(2), or -EIO: the process was killed.
 */
int64_t another_does(struct job *job, int64_t (*fn)(const void *ud), const void *ud);

#endif
