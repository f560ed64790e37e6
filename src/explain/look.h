/* A call while it is looked at: what the files that find needs share. */
#ifndef DEMI_EXPLAIN_LOOK_H
#define DEMI_EXPLAIN_LOOK_H

#include "need.h"

struct look {
	const struct call_facts *call;
	const char *name;	/* of the call */
	uint64_t rights;	/* that it asks for; 0: the arguments say it */
	const struct walker *who;
	struct need *needs;
	struct walk at[2];	/* where its paths lead */
};

/* look_argument - the value of an argument by its name in the manual page; 0 without it */
uint64_t look_argument(const struct look *l, const char *name);

bool look_is_call(const struct look *l, const char *name);

/* look_up - where the n-th path argument leads, to l->at[nth]; 0 or -errno */
int look_up(struct look *l, unsigned int nth, bool follows, bool may_be_empty);

/* look_mount_has - ST_RDONLY, ST_NODEV: the mount's flags are asked before Landlock */
bool look_mount_has(int fd, unsigned long flag);

/* look_can_make - nothing is there, and something may be put there */
bool look_can_make(const struct walk *at);

/* look_need_object - a need on what at leads to; whether there is one */
bool look_need_object(struct need *need, struct walk *at, uint64_t rights);

/* look_need_parent - a need on the directory of the last name; whether there is one */
bool look_need_parent(struct need *need, const struct walk *at, uint64_t rights);

/* What each kind of call needs: how many needs; object.c, entry.c */
int object_open(struct look *l);
int object_truncate(struct look *l);
int object_execute(struct look *l);
int entry_make(struct look *l);
int entry_remove(struct look *l);
int entry_rename(struct look *l);
int entry_link(struct look *l);
int entry_bind(struct look *l);

#endif
