/*
 * filter_check - runs the deny programs in a small BPF interpreter, against the tables
 * that they were made from: what libseccomp assembles is not taken on trust
 *
 * Prints "N decisions" and exits with 0, or says which decision is wrong.
 */
#include "confine.h"
#include "denied.h"
#include "denylist.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define X32 0x40000000

static unsigned long decisions;

/* The instructions that libseccomp uses; any other ends the check. */
static uint32_t interpret(const struct sock_fprog *program, const struct seccomp_data *call)
{
	uint32_t a = 0;

	for (unsigned int pc = 0; pc < program->len; pc++) {
		const struct sock_filter *in = &program->filter[pc];
		switch (in->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)call + in->k, sizeof a);
			break;
		case BPF_ALU | BPF_AND | BPF_K: a &= in->k; break;
		case BPF_JMP | BPF_JA: pc += in->k; break;
		case BPF_JMP | BPF_JEQ | BPF_K: pc += a == in->k ? in->jt : in->jf; break;
		case BPF_JMP | BPF_JGE | BPF_K: pc += a >= in->k ? in->jt : in->jf; break;
		case BPF_JMP | BPF_JGT | BPF_K: pc += a > in->k ? in->jt : in->jf; break;
		case BPF_JMP | BPF_JSET | BPF_K: pc += a & in->k ? in->jt : in->jf; break;
		case BPF_RET | BPF_K: return in->k;
		default:
			printf("instruction 0x%x at %u\n", in->code, pc);
			exit(1);
		}
	}
	printf("ran off the end\n");
	exit(1);
}

static bool holds(const struct refusal_arg *arg, const uint64_t *args)
{
	bool is_same = (((uint32_t)args[arg->arg] ^ arg->value) & arg->mask) == 0;

	return arg->mask == 0 || is_same != arg->differs;
}

static bool matches(const struct denial *denial, const struct seccomp_data *call)
{
	if (demi_syscall_number(denial->call) != call->nr)
		return false;
	for (int i = 0; i < REFUSAL_ARGS; i++)
		if (!holds(&denial->args[i], (const uint64_t *)call->args))
			return false;
	return true;
}

/* kinds < 0: sockets are not restricted */
static uint32_t expect(const struct seccomp_data *call, int kinds)
{
	/* -1 is a call that a tracer skipped: the x32 bit does not count in it */
	bool is_x32 = call->arch == AUDIT_ARCH_X86_64 && call->nr != -1 && call->nr & X32;

	if (call->arch != seccomp_arch_native() || is_x32)
		return KILL;
	if (call->nr >= confine_unknown_from() && !(call->nr & X32))
		return SECCOMP_RET_ERRNO | ENOSYS;
	for (size_t i = 0; i < denylist_len; i++)
		if (matches(&denylist[i], call))
			return SECCOMP_RET_ERRNO | (uint32_t)denylist[i].error;
	for (size_t i = 0; kinds >= 0 && i < socket_denylist_len; i++)
		if (!(socket_denylist[i].unless & (unsigned int)kinds) &&
		    matches(&socket_denylist[i].denial, call))
			return SECCOMP_RET_ERRNO | (uint32_t)socket_denylist[i].denial.error;
	return ALLOW;
}

static void check(const struct sock_fprog *program, struct seccomp_data call, int kinds)
{
	uint32_t want = expect(&call, kinds), got = interpret(program, &call);

	decisions++;
	if (got == want)
		return;
	printf("call %d, arch 0x%x, args 0x%llx 0x%llx 0x%llx 0x%llx, kinds %d: 0x%x, not 0x%x\n",
	       call.nr, call.arch, call.args[0], call.args[1], call.args[2], call.args[3],
	       kinds, got, want);
	exit(1);
}

/* Constants that mean something to some rule, and what lies beside them. */
static uint64_t pick(void)
{
	static const uint32_t all[] = {
		0, 1, 2, 3, 4, 5, 6, 10, 16, 17, 40, 58, 132, 136, 256, 262, 0x5412, 0x541c,
		35, 0xffffffff, 0x20000000, 0x10000000, 0x80, 0x80000, 0x40000000, 0x80000001,
	};
	uint64_t value = all[(size_t)rand() % (sizeof all / sizeof *all)];

	if (rand() % 4 == 0)
		value ^= 1U << rand() % 32;
	if (rand() % 4 == 0)
		value |= (uint64_t)rand() << 32;	/* the kernel does not look there */
	return value;
}

static void check_all(const struct sock_fprog *program, int kinds)
{
	static const uint32_t archs[] = { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64,
					  AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, 0 };

	for (int nr = -2; nr < 1200; nr++) {
		struct seccomp_data call = { .nr = nr, .arch = seccomp_arch_native() };
		check(program, call, kinds);
		for (int i = 0; i < 40; i++) {
			for (int arg = 0; arg < 6; arg++)
				call.args[arg] = pick();
			check(program, call, kinds);
		}
		for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
			call.arch = archs[i];
			check(program, call, kinds);
		}
#ifdef __x86_64__
		call.arch = seccomp_arch_native();
		call.nr = nr | X32;
		check(program, call, kinds);
#endif
	}
	for (int i = 0; i < 50000; i++) {	/* the calls with conditions, more closely */
		static const char *const names[] = { "socket", "clone", "unshare", "ioctl", "prctl",
						     "personality", "sendto", "sendmsg", "sendmmsg" };
		struct seccomp_data call = {
			.nr = demi_syscall_number(names[rand() % 9]), .arch = seccomp_arch_native(),
		};
		for (int arg = 0; arg < 6; arg++)
			call.args[arg] = pick();
		check(program, call, kinds);
	}
}

int main(void)
{
	struct demi_sandbox *sb;
	struct sock_fprog program;

	srand(1);
	if (demi_sandbox_new(&sb) < 0)
		return 1;
	printf("the build %s\n", denied_default.len ? "assembled it" : "made none");
	for (int kinds = -1; kinds < 16; kinds++) {
		if (kinds & DEMI_SOCKET_RAW && kinds > 0)
			continue;	/* lifts entries of the other table */
		if (kinds >= 0 && demi_sandbox_restrict_sockets(sb, (unsigned int)kinds) < 0)
			return 1;
		if (confine_filter(sb, (struct filter_sink){ .program = &program }) < 0) {
			printf("%s\n", demi_sandbox_error(sb));
			return 1;
		}
		check_all(&program, kinds);
		free(program.filter);
	}
	demi_sandbox_free(sb);
	printf("%lu decisions\n", decisions);
	return 0;
}
