/* The failures of handlers, each distinct one kept once and counted. */
#include "complain.h"

#include "util.h"

#include <errno.h>
#include <string.h>

/* A handler whose message differs at each call must not fill the memory. */
#define DISTINCT_MAX 256

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct complaint *find(struct demi_run *run, const struct call *call,
			      const char *outcome, const char *message)
{
	for (size_t i = 0; i < run->n_complaints; i++) {
		struct complaint *c = &run->complaints[i];
		if (c->shown.syscall_nr == call->notif.syscall_nr &&
		    is_same(c->message, message) && c->shown.outcome == outcome)
			return c;
	}
	return NULL;
}

static struct complaint *append(struct demi_run *run)
{
	if (run->n_complaints == DISTINCT_MAX)
		return NULL;
	if (!run->complaints)
		run->complaints = calloc(DISTINCT_MAX, sizeof *run->complaints);
	return run->complaints ? &run->complaints[run->n_complaints++] : NULL;
}

void complain(struct demi_run *run, const struct call *call, const char *outcome,
	      char *message, char *traceback)
{
	AUTO_FREE char *spare_message = message;
	AUTO_FREE char *spare_traceback = traceback;
	struct complaint *c = find(run, call, outcome, message);

	run->result.errors++;
	if (c) {
		c->shown.count++;
		return;
	}
	c = append(run);
	if (!c)
		return;
	spare_message = spare_traceback = NULL;
	*c = (struct complaint){
		.message = message, .traceback = traceback,
		.shown = {
			.message = message ? message : "a handler failed without a word",
			.traceback = traceback ? traceback : "",
			.outcome = outcome, .syscall_nr = call->notif.syscall_nr,
			.pid = call->notif.pid, .count = 1,
		},
	};
}

void complain_aloud(struct demi_run *run)
{
	struct demi_sandbox *sb = run->sb;

	for (;;) {
		struct demi_error next;
		pthread_mutex_lock(&run->lock);
		bool is_new = run->n_shown < run->n_complaints;
		if (is_new)
			next = run->complaints[run->n_shown++].shown;
		pthread_mutex_unlock(&run->lock);
		if (!is_new)
			return;
		if (sb->on_error)
			sb->on_error(sb->on_error_ud, &next);
	}
}

void complain_free(struct demi_run *run)
{
	for (size_t i = 0; i < run->n_complaints; i++) {
		free(run->complaints[i].message);
		free(run->complaints[i].traceback);
	}
	free(run->complaints);
}

int demi_run_error(struct demi_run *run, size_t i, struct demi_error *out)
{
	int rc = -ENOENT;

	*out = (struct demi_error){ 0 };
	pthread_mutex_lock(&run->lock);
	if (i < run->n_complaints) {
		*out = run->complaints[i].shown;
		rc = 0;
	}
	pthread_mutex_unlock(&run->lock);
	return rc;
}
