/* Which calls of a sandbox are notified, and with which arguments. */
#include "watched.h"

#include "perform/perform.h"
#include "util.h"

#include <sched.h>

#define N_MAKES 5

/* The rules of all calls, each call's one after the other. */
struct rules {
	const struct rule **list;	/* room for all */
	size_t n;
	struct rule *own;		/* made of refusals */
	size_t n_own;
};

static void free_rules(struct rules *rules)
{
	free(rules->list);
	free(rules->own);
}

static bool is_whole(const struct refusal *refusal)
{
	return !refusal->args[0].mask;
}

/* How many rules a refusal is taken apart into: "differs" is one for each bit. */
static size_t count_parts(const struct refusal *refusal)
{
	for (size_t i = 0; i < REFUSAL_ARGS; i++)
		if (refusal->args[i].mask && refusal->args[i].differs)
			return (size_t)__builtin_popcount(refusal->args[i].mask);
	return 1;
}

static void add_part(struct rules *rules, const struct refusal *refusal, uint32_t bit)
{
	struct rule *rule = &rules->own[rules->n_own++];

	*rule = (struct rule){ 0 };
	for (size_t i = 0; i < REFUSAL_ARGS && refusal->args[i].mask; i++) {
		const struct refusal_arg *arg = &refusal->args[i];
		rule->mask[arg->arg] = arg->differs ? bit : arg->mask;
		rule->value[arg->arg] = (arg->differs ? ~arg->value : arg->value) &
					rule->mask[arg->arg];
	}
	rules->list[rules->n++] = rule;
}

static void add_refusal(struct rules *rules, const struct refusal *refusal)
{
	const struct refusal_arg *differs = NULL;

	for (size_t i = 0; i < REFUSAL_ARGS; i++)
		if (refusal->args[i].mask && refusal->args[i].differs)
			differs = &refusal->args[i];
	if (!differs) {
		add_part(rules, refusal, 0);
		return;
	}
	for (uint32_t bit = 1; bit; bit <<= 1)
		if (differs->mask & bit)
			add_part(rules, refusal, bit);
}

/* The handlers' rules; false if one of them always wants the call. */
static bool add_handlers(struct rules *rules, const struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		const struct demi_handler *handler = chain->links[i].handler;
		if (!handler->n_when)
			return false;
		for (size_t j = 0; j < handler->n_rules; j++)
			rules->list[rules->n++] = &handler->rules[j];
	}
	return true;
}

/*
 * Of clone(2) only what makes namespaces changes what a thread sees: a signal must not
 * break off a plain fork.
 */
static bool add_view_change(struct rules *rules, int nr)
{
#define MAKES(flag) { .mask = { flag }, .value = { flag } }
	static const struct rule makes[] = {
		MAKES(CLONE_NEWUSER), MAKES(CLONE_NEWNS), MAKES(CLONE_NEWNET),
		MAKES(CLONE_NEWUTS), MAKES(CLONE_NEWPID),
	};
#undef MAKES
	_Static_assert(sizeof makes / sizeof *makes == N_MAKES, "N_MAKES");
	if (nr != demi_syscall_number("clone"))
		return false;
	for (size_t i = 0; i < N_MAKES; i++)
		rules->list[rules->n++] = &makes[i];
	return true;
}

static bool add_refusals(struct rules *rules, const struct watched *watched, int nr,
			 bool *is_refused)
{
	bool is_conditional = true;

	for (size_t i = 0; i < watched->n_refusals; i++) {
		const struct refusal *refusal = &watched->refusals[i];
		if (refusal->nr != nr)
			continue;
		*is_refused = true;
		if (is_whole(refusal))
			is_conditional = false;
		else
			add_refusal(rules, refusal);
	}
	return is_conditional;
}

/* The rules of a call; without any it is notified always. false: it is not at all. */
static bool describe(const struct watched *watched, int nr, struct rules *rules,
		     struct filter_call *out)
{
	const struct chain *chain = &watched->sb->chains[nr];
	bool changes_view = watched->performs && perform_changes_view(nr), is_refused = false;
	size_t first = rules->n;
	bool is_conditional = add_handlers(rules, chain);

	is_conditional &= add_refusals(rules, watched, nr, &is_refused);
	if (changes_view)
		is_conditional &= !chain->n && add_view_change(rules, nr);
	*out = (struct filter_call){ nr, rules->list + first, rules->n - first };
	/* without rules the engine tries the conditions, and the refusals */
	if (!is_conditional || !filter_can_tell(out->rules, out->n_rules))
		out->n_rules = 0;
	return chain->n || is_refused || changes_view;
}

static int make_room(const struct watched *watched, struct rules *rules)
{
	size_t all = N_MAKES, own = 0;

	for (size_t nr = 0; nr < DEMI_SYSCALL_END; nr++)
		for (size_t i = 0; i < watched->sb->chains[nr].n; i++)
			all += watched->sb->chains[nr].links[i].handler->n_rules;
	for (size_t i = 0; i < watched->n_refusals; i++)
		own += count_parts(&watched->refusals[i]);
	rules->list = reallocarray(NULL, all + own, sizeof *rules->list);
	rules->own = reallocarray(NULL, own + 1, sizeof *rules->own);
	return rules->list && rules->own ? 0 : -ENOMEM;
}

int watched_filter(const struct watched *watched, struct filter_sink out)
{
	struct filter_call calls[DEMI_SYSCALL_END];
	__attribute__((cleanup(free_rules))) struct rules rules = { 0 };
	size_t n = 0;

	filter_clear(out);
	int rc = make_room(watched, &rules);
	if (rc < 0)
		return fail(&watched->sb->why, rc, "the filter's rules");
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++)
		n += describe(watched, nr, &rules, &calls[n]);
	return n ? filter_build(calls, n, out, &watched->sb->why) : 0;
}
