/*
 * Sets of calls as seccomp programs. libseccomp is the assembler; its loader cannot
 * ask for WAIT_KILLABLE_RECV and keeps one listener a process.
 */
#include "filter.h"

#include "kernel.h"
#include "util.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A binary tree instead of a list: worth it above some 32 calls. */
#define TREE_FROM 32

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static unsigned int arguments_of(const struct rule *rule)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < 6; i++)
		if (rule->mask[i])
			set |= 1U << i;
	return set;
}

/*
 * libseccomp 2.5.4 hangs a rule on every way that an earlier one can fail: with rules
 * over different arguments that grows without bound. Of 2,000 random sets those of at
 * most 32 rules took 2 ms, some of 64 took 28 s; 128 over the same arguments, 9 ms.
 */
#define MIXED_RULES_MAX 32

bool filter_can_tell(const struct rule *const *rules, size_t n)
{
	size_t i = 0;

	while (i < n && arguments_of(rules[i]) == arguments_of(rules[0]))
		i++;
	return i == n || n <= MIXED_RULES_MAX;
}

/* Only EQ of masked bits: the comparisons that libseccomp 2.5.4 gets right. */
static int add_rule(scmp_filter_ctx ctx, int nr, const struct rule *rule)
{
	struct scmp_arg_cmp list[6];
	unsigned int n = 0;

	for (unsigned int i = 0; i < 6; i++)
		if (rule->mask[i])
			list[n++] = (struct scmp_arg_cmp){
				i, SCMP_CMP_MASKED_EQ, rule->mask[i], rule->value[i],
			};
	return seccomp_rule_add_array(ctx, SCMP_ACT_NOTIFY, nr, n, list);
}

static int add_call(scmp_filter_ctx ctx, const struct filter_call *call, struct why *why)
{
	int rc = 0;

	if (!call->n_rules)
		rc = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, call->nr, 0);
	for (size_t i = 0; i < call->n_rules && rc == 0; i++) {
		rc = add_rule(ctx, call->nr, call->rules[i]);
		if (rc == -EEXIST)	/* two handlers want the same */
			rc = 0;
	}
	return rc < 0 ? fail(why, rc, "seccomp_rule_add of call %d", call->nr) : 0;
}

#define AUTO_CTX __attribute__((cleanup(release))) scmp_filter_ctx

static int set_up(scmp_filter_ctx ctx, size_t n, struct why *why)
{
	if (!ctx)
		return fail(why, -ENOMEM, "seccomp_init");
	/* Without this a wrong architecture kills only the thread. */
	int rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0 && n > TREE_FROM)
		rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return rc < 0 ? fail(why, rc, "seccomp_attr_set") : 0;
}

/* What seccomp_export_bpf() or seccomp_export_pfc() wrote; *size in bytes. */
static int read_back(int fd, size_t before, size_t after, char **out, size_t *size,
		     struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(why, -errno, "fstat of the exported filter");
	*size = (size_t)st.st_size;
	AUTO_FREE char *bytes = calloc(1, before + *size + after);
	if (!bytes)
		return fail(why, -ENOMEM, "filter");
	if (pread(fd, bytes + before, *size, 0) != st.st_size)
		return fail(why, -EIO, "reading the exported filter");
	*out = bytes;
	bytes = NULL;
	return 0;
}

/* libseccomp 2.5.4 writes its newest action as a number. */
static void name_action(char *text)
{
	static const char number[] = "action 0x7fc00000;", name[] = "action NOTIFY;";

	while ((text = strstr(text, number))) {
		memcpy(text, name, sizeof name - 1);
		text += sizeof name - 1;
		memmove(text, text + sizeof number - sizeof name,
			strlen(text + sizeof number - sizeof name) + 1);
	}
}

/* Leaves room for `before` instructions at the start of the program. */
static int export(scmp_filter_ctx ctx, size_t before, struct filter_sink out, struct why *why)
{
	AUTO_FD fd = kernel_memfd("filter", 0);
	size_t size;
	char *code;

	if (fd < 0)
		return fail(why, fd, "memfd_create");
	int rc = out.text ? seccomp_export_pfc(ctx, fd) : seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return fail(why, rc, "seccomp_export");
	if (out.text) {
		rc = read_back(fd, 0, 1, out.text, &size, why);
		if (rc == 0)
			name_action(*out.text);
		return rc;
	}
	rc = read_back(fd, before * sizeof *out.program->filter, 0, &code, &size, why);
	if (rc < 0)
		return rc;
	size_t count = size / sizeof *out.program->filter + before;
	if (count > BPF_MAXINSNS) {
		free(code);
		return fail(why, -E2BIG, "a filter of %zu instructions", count);
	}
	out.program->len = (unsigned short)count;
	out.program->filter = (struct sock_filter *)(void *)code;
	return 0;
}

void filter_clear(struct filter_sink out)
{
	if (out.program)
		*out.program = (struct sock_fprog){ 0 };
	if (out.text)
		*out.text = NULL;
}

int filter_build(const struct filter_call *calls, size_t n, struct filter_sink out,
		 struct why *why)
{
	filter_clear(out);
	AUTO_CTX ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = set_up(ctx, n, why);

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_call(ctx, &calls[i], why);
	return rc == 0 ? export(ctx, 0, out, why) : rc;
}

static int add(scmp_filter_ctx ctx, const struct refusal *refusal, const struct refusal_arg *args,
	       size_t n)
{
	struct scmp_arg_cmp compared[REFUSAL_ARGS];

	for (size_t i = 0; i < n; i++)
		compared[i] = SCMP_CMP(args[i].arg, SCMP_CMP_MASKED_EQ, args[i].mask,
				       args[i].value & args[i].mask);
	int rc = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((uint16_t)refusal->error), refusal->nr,
					(unsigned int)n, compared);
	return rc == -EEXIST ? 0 : rc;	/* a wider rule is there */
}

/*
 * MASKED_EQ is the one comparison that is right for an int: the others look at all
 * 64 bits, and LT and its like are assembled wrongly before libseccomp 2.6.1. So
 * "differs" is one rule for each bit that may differ.
 */
static int add_refusal(scmp_filter_ctx ctx, const struct refusal *refusal)
{
	struct refusal_arg args[REFUSAL_ARGS], *differs = NULL;
	size_t n = 0;

	for (; n < REFUSAL_ARGS && refusal->args[n].mask; n++) {
		args[n] = refusal->args[n];
		if (args[n].differs)
			differs = &args[n];
	}
	if (!differs)
		return add(ctx, refusal, args, n);
	const struct refusal_arg whole = *differs;
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (!(whole.mask & bit))
			continue;
		differs->mask = bit;
		differs->value = ~whole.value;
		int rc = add(ctx, refusal, args, n);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/*
 * Newer calls than the refusals know. libseccomp cannot compare the number, so this
 * stands before its program; what is no native call (the x32 bit of x86-64) is left
 * to that program, which kills. Jumps in BPF are relative: it does not mind.
 */
#define GUARD_LEN 6
#define X32_BIT 0x40000000U	/* __X32_SYSCALL_BIT, asm/unistd.h of x86; no other has it */

static void put_guard(struct sock_filter *code, int unknown_from)
{
	const struct sock_filter guard[GUARD_LEN] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)unknown_from, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	memcpy(code, guard, sizeof guard);
}

/* The same in the words of seccomp_export_pfc(). */
static int describe_guard(char **text, int unknown_from, struct why *why)
{
	AUTO_FREE char *rest = *text;

	if (asprintf(text, "# before libseccomp's program: calls that are newer than the list\n"
		     "if ($arch == %u)\n  if ($syscall >= %d)\n    if ($syscall < %u)\n"
		     "      action ERRNO(%d);\n%s", seccomp_arch_native(), unknown_from, X32_BIT,
		     ENOSYS, rest) >= 0)
		return 0;
	*text = NULL;
	return fail(why, -ENOMEM, "filter");
}

int filter_deny(const struct refusal *refusals, size_t n, int unknown_from,
		struct filter_sink out, struct why *why)
{
	filter_clear(out);
	AUTO_CTX ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = set_up(ctx, n, why);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = add_refusal(ctx, &refusals[i]);
		if (rc < 0)
			return fail(why, rc, "seccomp_rule_add of call %d", refusals[i].nr);
	}
	if (rc == 0)
		rc = export(ctx, GUARD_LEN, out, why);
	if (rc == 0 && out.program)
		put_guard(out.program->filter, unknown_from);
	return rc == 0 && out.text ? describe_guard(out.text, unknown_from, why) : rc;
}
