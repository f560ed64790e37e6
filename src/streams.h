/* Where the descriptors 0, 1 and 2 of the program lead. */
#ifndef DEMI_STREAMS_H
#define DEMI_STREAMS_H

#include "run.h"

/* theirs: the program's ends, the caller's; -1 stays where one is inherited. 0 or -errno. */
int streams_make(struct demi_run *run, int theirs[3]);

#endif
