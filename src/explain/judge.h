/* What Landlock is going to refuse of a call, found out before the kernel makes it. */
#ifndef DEMI_EXPLAIN_JUDGE_H
#define DEMI_EXPLAIN_JUDGE_H

#include "../sandbox.h"

/* judge_watch - bind the watcher to the calls that the rules of sb are about */
int judge_watch(struct demi_sandbox *sb);

#endif
