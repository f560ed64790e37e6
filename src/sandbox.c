/* struct demi_sandbox: setters that check and copy. Touches no kernel. */
#include "sandbox.h"

#include "condition.h"
#include "confine.h"
#include "util.h"

#include <errno.h>
#include <string.h>

/* the documented defaults */
#define HANDLER_LIMIT_MS 1000
#define OUTPUT_LIMIT (256UL << 20)	/* as the handlers' memory: the host's is finite */
#define HOLD_LIMIT_MS 30000
#define HOLD_LIMIT 1024

int demi_handler_new(demi_handle_fn fn, void *ud, void (*ud_drop)(void *ud),
		     enum demi_exception on_exception, struct demi_handler **out)
{
	struct demi_handler *handler = NULL;
	bool is_valid = fn && on_exception >= DEMI_EXCEPTION_KILL &&
			on_exception <= DEMI_EXCEPTION_DENY_EIO;

	*out = NULL;
	if (is_valid)
		handler = malloc(sizeof *handler);
	if (!handler) {
		if (ud_drop)
			ud_drop(ud);
		return is_valid ? -ENOMEM : -EINVAL;
	}
	*handler = (struct demi_handler){
		.fn = fn, .ud = ud, .ud_drop = ud_drop, .on_exception = on_exception,
	};
	*out = handler;
	return 0;
}

int demi_handler_set_name(struct demi_handler *handler, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	free(handler->name);
	handler->name = copy;
	return 0;
}

void demi_handler_free(struct demi_handler *handler)
{
	if (!handler)
		return;
	free(handler->name);
	if (handler->ud_drop)
		handler->ud_drop(handler->ud);
	free(handler->when);
	free(handler->rules);
	free(handler);
}

int demi_handler_when(struct demi_handler *handler, const struct demi_condition *list,
		      size_t n)
{
	struct demi_condition *copy = reallocarray(NULL, n, sizeof *copy);
	struct rule *rules;
	size_t n_rules;
	int rc = n && !copy ? -ENOMEM : condition_compile(list, n, &rules, &n_rules);

	if (rc < 0) {
		free(copy);
		return rc;
	}
	free(handler->when);
	free(handler->rules);
	if (n)
		memcpy(copy, list, n * sizeof *copy);
	handler->when = copy;
	handler->n_when = n;
	handler->rules = rules;
	handler->n_rules = n_rules;
	return 0;
}

int demi_sandbox_new(struct demi_sandbox **out)
{
	struct demi_sandbox *sb = calloc(1, sizeof *sb);

	*out = sb;
	if (!sb)
		return -ENOMEM;
	access_init(&sb->access);
	sb->handler_limit_ms = HANDLER_LIMIT_MS;
	sb->hold_limit_ms = HOLD_LIMIT_MS;
	sb->output_limit = OUTPUT_LIMIT;
	sb->hold_limit = HOLD_LIMIT;
	return 0;
}

static void forget_env(struct demi_sandbox *sb)
{
	for (size_t i = 0; i < sb->n_env; i++)
		free(sb->env[i]);
	sb->n_env = 0;
}

void demi_sandbox_free(struct demi_sandbox *sb)
{
	if (!sb)
		return;
	for (size_t nr = 0; nr < DEMI_SYSCALL_END; nr++)
		free(sb->chains[nr].links);
	for (size_t i = 0; i < sb->n_handlers; i++)
		demi_handler_free(sb->handlers[i]);
	free(sb->handlers);
	confine_free(sb);
	forget_env(sb);
	free(sb->env);
	free(sb->cwd);
	access_free(&sb->access);
	free(sb->kept_fds);
	free(sb);
}

const char *demi_sandbox_error(const struct demi_sandbox *sb)
{
	return sb->why.text;
}

int demi_sandbox_set_stdio(struct demi_sandbox *sb, int fd, enum demi_stdio how)
{
	if (fd < 0 || fd > 2 || how < DEMI_STDIO_INHERIT || how > DEMI_STDIO_CAPTURE ||
	    (fd == 0 && how == DEMI_STDIO_CAPTURE))
		return fail(&sb->why, -EINVAL, "stdio of descriptor %d", fd);
	sb->stdio[fd] = how;
	return 0;
}

int demi_sandbox_set_cwd(struct demi_sandbox *sb, const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		return fail(&sb->why, -ENOMEM, "cwd");
	free(sb->cwd);
	sb->cwd = copy;
	return 0;
}

int demi_sandbox_set_env(struct demi_sandbox *sb, const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = value ? strlen(value) + 1 : 0;

	if (!name_len || strchr(name, '='))
		return fail(&sb->why, -EINVAL, "environment variable \"%s\"", name);
	char **env = reallocarray(sb->env, sb->n_env + 1, sizeof *env);
	if (!env)
		return fail(&sb->why, -ENOMEM, "env");
	sb->env = env;
	char *entry = malloc(name_len + value_len + 1);
	if (!entry)
		return fail(&sb->why, -ENOMEM, "env");
	strcpy(entry, name);
	if (value) {
		entry[name_len] = '=';
		strcpy(entry + name_len + 1, value);
	}
	sb->env[sb->n_env++] = entry;
	return 0;
}

void demi_sandbox_clear_env(struct demi_sandbox *sb)
{
	forget_env(sb);
	sb->env_base = ENV_EMPTY;
}

void demi_sandbox_clean_env(struct demi_sandbox *sb)
{
	forget_env(sb);
	sb->env_base = ENV_CLEAN;
}

void demi_sandbox_set_time_limit(struct demi_sandbox *sb, uint64_t timeout_ms)
{
	sb->time_limit_ms = timeout_ms;
}

int demi_sandbox_set_handler_limit(struct demi_sandbox *sb, uint64_t timeout_ms)
{
	if (!timeout_ms)
		return fail(&sb->why, -EINVAL, "a handler limit of 0 ms");
	sb->handler_limit_ms = timeout_ms;
	return 0;
}

void demi_sandbox_set_hold_limit(struct demi_sandbox *sb, unsigned int calls,
				 uint64_t timeout_ms)
{
	if (calls)
		sb->hold_limit = calls;
	if (timeout_ms)
		sb->hold_limit_ms = timeout_ms;
}

void demi_sandbox_forward_signals(struct demi_sandbox *sb)
{
	sb->forwards_signals = true;
}

void demi_sandbox_on_stuck(struct demi_sandbox *sb, void (*fn)(void *ud, const char *what),
			   void *ud)
{
	sb->on_stuck = fn;
	sb->on_stuck_ud = ud;
}

void demi_sandbox_on_error(struct demi_sandbox *sb,
			   void (*fn)(void *ud, const struct demi_error *error),
			   void *ud)
{
	sb->on_error = fn;
	sb->on_error_ud = ud;
}

int sandbox_keep(struct demi_sandbox *sb, struct demi_handler *handler)
{
	struct demi_handler **all =
		reallocarray(sb->handlers, sb->n_handlers + 1, sizeof *all);

	if (!all) {
		demi_handler_free(handler);
		return fail(&sb->why, -ENOMEM, "a handler");
	}
	sb->handlers = all;
	handler->index = sb->n_handlers;
	all[sb->n_handlers++] = handler;
	return 0;
}

static int insert(struct chain *chain, struct link link)
{
	struct link *links = reallocarray(chain->links, chain->n + 1, sizeof *links);
	size_t at = chain->n;

	if (!links)
		return -ENOMEM;
	chain->links = links;
	for (; at > 0 && link.rank < links[at - 1].rank; at--)
		links[at] = links[at - 1];
	links[at] = link;
	chain->has_handler |= !link.is_watcher;
	chain->n++;
	return 0;
}

/* The handler that was kept last: no call is bound to it any more. */
static void release(struct demi_sandbox *sb, struct demi_handler *handler)
{
	for (size_t nr = 0; nr < DEMI_SYSCALL_END; nr++) {
		struct chain *chain = &sb->chains[nr];
		size_t kept = 0;
		for (size_t i = 0; i < chain->n; i++)
			if (chain->links[i].handler != handler)
				chain->links[kept++] = chain->links[i];
		chain->n = kept;
	}
	sb->n_handlers--;
	demi_handler_free(handler);
}

static int check(struct demi_sandbox *sb, const int *nrs, size_t n,
		 const struct demi_handler *handler, unsigned int flags)
{
	if (!handler || !n || flags & ~(unsigned int)DEMI_WATCH)
		return fail(&sb->why, -EINVAL, "demi_sandbox_handle");
	for (size_t i = 0; i < n; i++) {
		if (!demi_syscall_name(nrs[i]))
			return fail(&sb->why, -EINVAL, "system call %d", nrs[i]);
		int rc = confine_check(sb, nrs[i], handler);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int demi_sandbox_handle(struct demi_sandbox *sb, const int *nrs, size_t n,
			struct demi_handler *handler, unsigned int flags)
{
	struct link link = { .handler = handler, .is_watcher = flags & DEMI_WATCH };

	link.rank = link.is_watcher ? LINK_WATCHER : LINK_HANDLER;
	int rc = check(sb, nrs, n, handler, flags);

	if (rc < 0) {
		demi_handler_free(handler);
		return rc;
	}
	rc = sandbox_keep(sb, handler);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = insert(&sb->chains[nrs[i]], link);
	if (rc < 0) {
		release(sb, handler);
		return fail(&sb->why, rc, "demi_sandbox_handle");
	}
	return 0;
}

int sandbox_link(struct demi_sandbox *sb, int nr, const struct demi_handler *handler,
		 enum link_rank rank)
{
	struct chain *chain = &sb->chains[nr];
	struct link link = { .handler = handler, .rank = rank };

	link.is_watcher = rank == LINK_WATCHER || rank == LINK_LATE_WATCHER;
	for (size_t i = 0; i < chain->n; i++)
		if (chain->links[i].handler == handler)
			return 0;
	int rc = insert(chain, link);
	return rc < 0 ? fail(&sb->why, rc, "a handler of ours") : 0;
}
