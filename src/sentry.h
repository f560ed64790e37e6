/* The thread that goes on while a handler runs. */
#ifndef DEMI_SENTRY_H
#define DEMI_SENTRY_H

#include "run.h"

/* Its main; ud is the run. It returns when the run is over and nobody is stuck. */
void *sentry_main(void *ud);

#endif
