/* Whether others may look into this process, PR_SET_DUMPABLE(2const). */
#ifndef DEMI_DUMPABLE_H
#define DEMI_DUMPABLE_H

/* Nobody of the same user may read our memory or take our descriptors. Counted. */
void dumpable_forbid(void);

/* As before, when the last who forbade it allows it again. */
void dumpable_allow(void);

#endif
