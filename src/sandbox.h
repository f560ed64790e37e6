/* What the setters of a sandbox collected; the engine only reads it. */
#ifndef DEMI_SANDBOX_H
#define DEMI_SANDBOX_H

#include "access.h"
#include "fail.h"
#include "rlimits.h"
#include "rule.h"
#include <demilune.h>

#include <stdbool.h>

struct demi_handler {
	demi_handle_fn fn;
	void *ud;
	void (*ud_drop)(void *ud);
	enum demi_exception on_exception;
	char *name;			/* or NULL */
	size_t index;			/* among the sandbox's */
	struct demi_condition *when;		/* owned; none: always */
	size_t n_when;
	struct rule *rules;			/* the same for the filter */
	size_t n_rules;
};

/* In which order the links of a chain are asked. */
enum link_rank {
	LINK_WATCHER,			/* of the user */
	LINK_FIRST,			/* ours, which refuse */
	LINK_HANDLER,			/* of the user */
	LINK_LATE_WATCHER,		/* ours: all of the user's continued */
	LINK_LAST,			/* ours, which decide then */
};

/* The handlers of one call, by rank, each in order of registration. */
struct chain {
	struct link {
		const struct demi_handler *handler;
		bool is_watcher;
		enum link_rank rank;
	} *links;
	size_t n;
	bool has_handler;		/* not only watchers */
};

struct demi_sandbox {
	struct demi_handler **handlers;		/* owned, each once */
	size_t n_handlers;
	struct chain chains[DEMI_SYSCALL_END];

	char *cwd;
	char **env;				/* "NAME=VALUE", or "NAME" to remove */
	size_t n_env;
	enum { ENV_OURS, ENV_CLEAN, ENV_EMPTY } env_base;
	enum demi_stdio stdio[3];
	int *kept_fds;
	size_t n_kept_fds;
	bool keeps_terminal, has_umask;
	mode_t umask;

	bool has_ids, drops_privileges;
	uid_t uid;
	gid_t gid;
	struct limits limits;

	char **allowed;				/* calls and families off the deny list */
	size_t n_allowed;
	bool is_denied[DEMI_SYSCALL_END];	/* on top of it */
	bool has_socket_kinds;			/* else any kind that is not on it */
	unsigned int socket_kinds;		/* enum demi_socket */

	struct access_rules access;
	bool explains;
	struct demi_handler *explainer;		/* one of handlers, or NULL */
	unsigned int has_peers;			/* bit i: bound by peers_bind() */

	uint64_t time_limit_ms, handler_limit_ms, hold_limit_ms;
	unsigned int hold_limit;
	uint64_t output_limit;		/* bytes of captured streams */
	bool forwards_signals;
	void (*on_stuck)(void *ud, const char *what);
	void *on_stuck_ud;
	void (*on_error)(void *ud, const struct demi_error *error);
	void *on_error_ud;

	struct why why;
};

/* sandbox_link - bind one of handlers to a call at this rank; once, if it is bound already */
int sandbox_link(struct demi_sandbox *sb, int nr, const struct demi_handler *handler,
		 enum link_rank rank);

/* sandbox_keep - sb owns handler from here on, on failure too */
int sandbox_keep(struct demi_sandbox *sb, struct demi_handler *handler);

#endif
