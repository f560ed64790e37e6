/*
 * Conditions on arguments, twice: evaluated here, and taken apart into masked
 * comparisons for the filter. libseccomp 2.5.4 emits wrong programs for its LT, LE, GE
 * and GT, so a range becomes the prefixes that make it up, one for each bit.
 */
#include "condition.h"

#include "util.h"

#include <stdbool.h>
#include <string.h>

/* What one handler may ask of the filter: libseccomp takes 10 ms for 500 of them, and
 * the whole program ends at 4,096 instructions (BPF_MAXINSNS). */
#define RULES_MAX 256

/* A comparison with a constant needs at most one for each bit, and one for equality. */
#define TERMS_MAX 65

struct term {
	uint64_t mask, value;
};

struct terms {
	struct term list[TERMS_MAX];
	size_t n;
};

static uint64_t width(const struct demi_condition *c)
{
	bool is_int = c->type == DEMI_TYPE_INT || c->type == DEMI_TYPE_UINT;

	return is_int ? UINT32_MAX : UINT64_MAX;
}

static uint64_t bits_that_count(const struct demi_condition *c)
{
	return width(c) & c->mask;
}

/*
 * The bit that is flipped so that signed order becomes unsigned order; 0 for a type
 * without a sign and for what is only a part of the number.
 */
static uint64_t sign_bit(const struct demi_condition *c)
{
	bool is_signed = c->type == DEMI_TYPE_INT || c->type == DEMI_TYPE_LONG;
	bool has_order = c->op == DEMI_OP_LT || c->op == DEMI_OP_GE;
	uint64_t all = width(c);

	return is_signed && has_order && bits_that_count(c) == all ? all ^ all >> 1 : 0;
}

static bool holds(const struct demi_condition *c, uint64_t reg)
{
	uint64_t sign = sign_bit(c), value = (c->value & width(c)) ^ sign;
	uint64_t is = (reg & bits_that_count(c)) ^ sign;

	switch (c->op) {
	case DEMI_OP_EQ:
		return is == value;
	case DEMI_OP_NE:
		return is != value;
	case DEMI_OP_LT:
		return is < value;
	case DEMI_OP_GE:
		return is >= value;
	case DEMI_OP_ANY:
		return is & value;
	default:		/* DEMI_OP_ALL */
		return (is & value) == value;
	}
}

int demi_conditions_hold(const struct demi_condition *list, size_t n,
			 const uint64_t args[6])
{
	bool all_hold = true;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && list[i].alternative != list[i - 1].alternative) {
			if (all_hold)
				return true;
			all_hold = true;
		}
		all_hold = all_hold && holds(&list[i], args[list[i].arg]);
	}
	return all_hold;
}

/* A value that no register can hold is a mistake, not a condition. */
static bool is_valid(const struct demi_condition *c)
{
	bool has_sign = c->value >> 31 == UINT64_MAX >> 31;	/* of 32 bits */

	if (c->arg > 5 || c->op < DEMI_OP_EQ || c->op > DEMI_OP_ALL ||
	    c->type < DEMI_TYPE_INT || c->type > DEMI_TYPE_ADDRESS || !bits_that_count(c))
		return false;
	if (c->value & ~width(c) && !has_sign)
		return false;
	if (c->op == DEMI_OP_LT || c->op == DEMI_OP_GE)
		return true;
	bool is_sum = c->op == DEMI_OP_ANY || c->op == DEMI_OP_ALL;
	uint64_t value = c->value & width(c);
	return !(value & ~bits_that_count(c)) && (value || !is_sum);
}

static void add(struct terms *terms, uint64_t mask, uint64_t value)
{
	terms->list[terms->n++] = (struct term){ mask, value };
}

/*
 * What is below (or above) value, among numbers of the bits in mask: from the highest
 * bit down, those that share all higher bits with value and have this one clear (or
 * set). Bits outside mask are 0 in the number, but may be set in value.
 */
static void split(struct terms *terms, uint64_t mask, uint64_t value, bool below,
		  bool with_equal)
{
	uint64_t prefix = 0, prefix_value = 0;

	for (uint64_t bit = 1ULL << 63; bit; bit >>= 1) {
		bool is_set = value & bit;
		if (is_set && !(mask & bit)) {
			/* whatever has this prefix is below, and nothing equals value */
			if (below)
				add(terms, prefix, prefix_value);
			return;
		}
		if (!(mask & bit))
			continue;
		if (is_set == below)
			add(terms, prefix | bit, prefix_value | (below ? 0 : bit));
		prefix |= bit;
		prefix_value |= value & bit;
	}
	if (with_equal)
		add(terms, prefix, prefix_value);
}

static void take_apart(const struct demi_condition *c, struct terms *out)
{
	uint64_t mask = bits_that_count(c), sign = sign_bit(c);
	uint64_t value = (c->value & width(c)) ^ sign;

	out->n = 0;
	switch (c->op) {
	case DEMI_OP_EQ:
		add(out, mask, value);
		break;
	case DEMI_OP_NE:		/* some bit differs */
		for (uint64_t bit = 1ULL << 63; bit; bit >>= 1)
			if (mask & bit)
				add(out, bit, ~value & bit);
		break;
	case DEMI_OP_LT:
		split(out, mask, value, true, false);
		break;
	case DEMI_OP_GE:
		split(out, mask, value, false, true);
		break;
	case DEMI_OP_ANY:
		for (uint64_t bit = 1ULL << 63; bit; bit >>= 1)
			if (value & bit)
				add(out, bit, bit);
		break;
	case DEMI_OP_ALL:
		add(out, value, value);
		break;
	}
	for (size_t i = 0; i < out->n; i++)
		out->list[i].value ^= sign & out->list[i].mask;
}

struct rules {
	struct rule *list;
	size_t n, room;
};

static int push(struct rules *rules, const struct rule *rule)
{
	if (rules->n == RULES_MAX)
		return -E2BIG;
	if (rules->n == rules->room) {
		size_t room = rules->room ? rules->room * 2 : 16;
		struct rule *list = reallocarray(rules->list, room, sizeof *list);
		if (!list)
			return -ENOMEM;
		rules->list = list;
		rules->room = room;
	}
	rules->list[rules->n++] = *rule;
	return 0;
}

/* Two comparisons of one argument in one rule, which libseccomp refuses, are one. */
static bool merge(struct rule *rule, unsigned int arg, const struct term *term)
{
	uint64_t both = rule->mask[arg] & term->mask;

	if ((rule->value[arg] ^ term->value) & both)
		return false;
	rule->mask[arg] |= term->mask;
	rule->value[arg] |= term->value;
	return true;
}

/* Every rule with every term, where they do not contradict each other. */
static int multiply(struct rules *rules, const struct demi_condition *c)
{
	struct rules product = { 0 };
	struct terms terms;
	int rc = 0;

	take_apart(c, &terms);
	for (size_t i = 0; i < rules->n; i++)
		for (size_t j = 0; j < terms.n && rc == 0; j++) {
			struct rule rule = rules->list[i];
			if (merge(&rule, c->arg, &terms.list[j]))
				rc = push(&product, &rule);
		}
	free(rules->list);
	*rules = product;
	return rc;
}

/* The conditions from first on that must hold together; their number in *n. */
static int compile_one(const struct demi_condition *first, size_t left, size_t *n,
		       struct rules *out)
{
	static const struct rule always;
	int rc = push(out, &always);

	for (*n = 0; *n < left && first[*n].alternative == first->alternative; ++*n)
		if (rc == 0)
			rc = is_valid(&first[*n]) ? multiply(out, &first[*n]) : -EINVAL;
	return rc == 0 && out->n == 0 ? -EDOM : rc;
}

int condition_compile(const struct demi_condition *list, size_t n, struct rule **out,
		      size_t *n_out)
{
	struct rules all = { 0 };
	int rc = 0;

	*out = NULL;
	*n_out = 0;
	for (size_t i = 0, step; i < n && rc == 0; i += step) {
		struct rules one = { 0 };
		rc = compile_one(&list[i], n - i, &step, &one);
		for (size_t j = 0; j < one.n && rc == 0; j++)
			rc = push(&all, &one.list[j]);
		free(one.list);
	}
	if (rc < 0) {
		free(all.list);
		return rc;
	}
	*out = all.list;
	*n_out = all.n;
	return 0;
}
