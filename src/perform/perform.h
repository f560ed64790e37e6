/*
 * perform(): the supervisor makes the call for the program, on one private copy of
 * its arguments. The server hands jobs to performers, processes that are what the
 * program is; what cannot make it wait it does itself, if it is the same, too.
 */
#ifndef DEMI_PERFORM_PERFORM_H
#define DEMI_PERFORM_PERFORM_H

#include "performer.h"

struct child_plan;
struct grants;
struct demi_mem;
struct demi_run;
struct demi_sandbox;
struct call;
struct demi_action;

/* Which call is which op, and how its arguments are copied. */
struct shape;
const struct shape *perform_shape(int nr);

/* After such a call a thread may be someone else, or even see other files. */
enum view_change { VIEW_STAYS = 0, VIEW_IDS, VIEW_PLACES };
enum view_change perform_changes_view(int nr);

/* A call is going to be decided: it may be such a one. */
void perform_notice(struct demi_run *run, const struct call *call);

/*
 * perform_copy - the arguments of a call, read once
 *
 * path  takes the place of the first path, or NULL
 *
 * Returns 0, or -errno as the kernel would give it for these arguments.
 */
int perform_copy(struct demi_run *run, struct call *call, const char *path, struct job *job);

/* Which of the paths of a call is argument arg, from 0; -1: none that leads anywhere. */
int perform_path_index(int nr, int arg);

/*
 * perform_real_path - where a path of the call leads to, kept in call->real
 *
 * Waits for a performer, but not longer than the handler may. On the server's thread.
 * Returns 0 or -errno.
 */
int perform_real_path(struct demi_run *run, struct demi_mem *mem, int which);

/* The descriptor of the program that a job works on, which is the caller's, or -1: it
 * needs none; -errno (never -1) if it cannot be had. */
int perform_take_socket(struct demi_run *run, struct call *call, struct job *job);

/* Could a handler ask for perform()? */
bool perform_is_wanted(const struct demi_sandbox *sb);

/* If so: makes all that a performer needs; the child starts it, as plan then says.
 * grants: the program's. Returns 0 or -errno. */
int perform_open(struct demi_run *run, struct child_plan *plan, const struct grants *grants);

/* The child has its ends, or never will. */
void perform_forked(struct demi_run *run);

/* The program runs: its listener is known. */
void perform_begin(struct demi_run *run);

/*
 * perform_start - make the call
 *
 * Takes act, and call as a copy. The answer comes at once or in perform_reap().
 */
void perform_start(struct demi_run *run, struct call *call, struct demi_action *act);

/* Answers what is done. On the server's thread. */
void perform_reap(struct demi_run *run);

/* true while performers work: the server must look at run->ready, too */
bool perform_is_busy(const struct demi_run *run);

/* Ends the work for callers that are gone. For the sentry, which holds the lock. */
void perform_look(struct demi_run *run, uint64_t now);

void perform_close(struct demi_run *run);

#endif
