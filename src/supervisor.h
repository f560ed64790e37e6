/* The calls that wait, and who receives them. */
#ifndef DEMI_SUPERVISOR_H
#define DEMI_SUPERVISOR_H

#include "run.h"

/* The sentry puts a received call in the queue. -ENOENT: there was none. */
int supervisor_enqueue(struct demi_run *run);

#endif
