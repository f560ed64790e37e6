/* Where the descriptors 0, 1 and 2 of the program lead. */
#ifndef DEMI_STREAMS_H
#define DEMI_STREAMS_H

#include "run.h"

/* theirs: the program's ends, the caller's; -1 stays where one is inherited. 0 or -errno. */
int streams_make(struct demi_run *run, int theirs[3]);

/*
 * Reads from a captured stream, for the sentry. false: nothing more is to be read, at
 * its end, or when it is over the limit or memory is short: then the run ends.
 */
bool streams_collect(struct demi_run *run, int fd);

/* The program is gone: takes what is in the pipes, without waiting for more. */
void streams_finish(struct demi_run *run);

#endif
