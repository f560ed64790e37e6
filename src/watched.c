/* Which calls of a sandbox have a handler that wants them. */
#include "watched.h"

#include "filter.h"
#include "perform/perform.h"
#include "util.h"

#include <sched.h>

/* How many rules its handlers have; 0 if one of them always wants the call. */
static size_t count_rules(const struct chain *chain)
{
	size_t n = 0;

	for (size_t i = 0; i < chain->n; i++) {
		if (!chain->links[i].handler->n_when)
			return 0;
		n += chain->links[i].handler->n_rules;
	}
	return n;
}

/* The rules of a call, at out. Without any it is notified always. */
static struct filter_call describe(const struct chain *chain, int nr,
				   const struct rule **out)
{
	struct filter_call call = { .nr = nr, .rules = out };

	if (!count_rules(chain))
		return call;
	for (size_t i = 0; i < chain->n; i++)
		for (size_t j = 0; j < chain->links[i].handler->n_rules; j++)
			out[call.n_rules++] = &chain->links[i].handler->rules[j];
	if (!filter_can_tell(call.rules, call.n_rules))
		call.n_rules = 0;
	return call;
}

/*
 * Always notified, whatever conditions its handlers have; but of clone(2) only what
 * makes namespaces: a signal must not break off a plain fork.
 */
static struct filter_call describe_view_changer(const struct chain *chain, int nr)
{
#define MAKES(flag) { .mask = { flag }, .value = { flag } }
	static const struct rule makes[] = {
		MAKES(CLONE_NEWUSER), MAKES(CLONE_NEWNS), MAKES(CLONE_NEWNET),
		MAKES(CLONE_NEWUTS), MAKES(CLONE_NEWPID),
	};
#undef MAKES
	static const struct rule *const any[] = {
		&makes[0], &makes[1], &makes[2], &makes[3], &makes[4],
	};

	if (chain->n || nr != demi_syscall_number("clone"))
		return (struct filter_call){ .nr = nr };
	return (struct filter_call){ .nr = nr, .rules = any, .n_rules = 5 };
}

int watched_filter(struct demi_sandbox *sb, bool sees_views, struct sock_fprog *out)
{
	struct filter_call calls[DEMI_SYSCALL_END];
	size_t n = 0, n_rules = 0;

	*out = (struct sock_fprog){ 0 };
	for (size_t nr = 0; nr < DEMI_SYSCALL_END; nr++)
		n_rules += count_rules(&sb->chains[nr]);
	AUTO_FREE const struct rule **rules = reallocarray(NULL, n_rules + 1, sizeof *rules);
	if (!rules)
		return fail(&sb->why, -ENOMEM, "the filter's rules");
	const struct rule **next = rules;
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++) {
		const struct chain *chain = &sb->chains[nr];
		if (sees_views && perform_changes_view(nr))
			calls[n++] = describe_view_changer(chain, nr);
		else if (chain->n)
			next += (calls[n++] = describe(chain, nr, next)).n_rules;
	}
	return n ? filter_build(calls, n, out, &sb->why) : 0;
}
