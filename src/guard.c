/*
 * Landlock judges paths and ports. What gets around that, or around what perform()
 * promises, and can be told from the registers, is refused by a filter of its own: it
 * depends on the rules, so that it cannot be assembled by the build as the default list
 * is, and it is small.
 */
#include "guard.h"

#include "compat.h"
#include "filter.h"
#include "landlock.h"
#include "perform/perform.h"
#include "protection.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/socket.h>

struct guard {
	const char *call;
	int error;
	struct refusal_arg args[REFUSAL_ARGS];
};

/* EXECUTE does not cover what is in memory only. ENOSYS: programs then make a file. */
static const struct guard of_files[] = {
	{ "memfd_create", ENOSYS, { { .arg = 1, .mask = MFD_NOEXEC_SEAL } } },
};

/*
 * An access mode of 3 opens for ioctl(2) alone, open(2): Landlock is not asked, and
 * knows of ioctl(2) from ABI 5 on. The flags of openat2(2) are in memory; ENOSYS is
 * what programs expect of it on a kernel before 5.6.
 */
#define MODE_IS_3(n) { { .arg = (n), .mask = O_ACCMODE, .value = O_ACCMODE } }
static const struct guard of_modes[] = {
	{ "open", EACCES, MODE_IS_3(1) }, { "openat", EACCES, MODE_IS_3(2) },
	{ "openat2", ENOSYS, { { 0 } } },
};

/*
 * Before ABI 3 Landlock does not know of truncation. ftruncate(2) wants a descriptor
 * that is open for writing, which is asked for; the file of O_RDONLY | O_TRUNC is not.
 */
#define TRUNCATES(n) { { .arg = (n), .mask = O_ACCMODE | O_TRUNC, .value = O_TRUNC } }
static const struct guard of_truncation[] = {
	{ "truncate", EACCES, { { 0 } } },
	{ "open", EACCES, TRUNCATES(1) }, { "openat", EACCES, TRUNCATES(2) },
};

/* Attributes are not covered. Whoever may write nothing needs none of it. */
#define IOCTL_IS(request) { { .arg = 1, .mask = 0xffffffff, .value = (uint32_t)(request) } }
static const struct guard of_attributes[] = {
	{ "chmod", EPERM, { { 0 } } }, { "fchmod", EPERM, { { 0 } } },
	{ "fchmodat", EPERM, { { 0 } } }, { "fchmodat2", EPERM, { { 0 } } },
	{ "chown", EPERM, { { 0 } } }, { "fchown", EPERM, { { 0 } } },
	{ "lchown", EPERM, { { 0 } } }, { "fchownat", EPERM, { { 0 } } },
	{ "utime", EPERM, { { 0 } } }, { "utimes", EPERM, { { 0 } } },
	{ "futimesat", EPERM, { { 0 } } }, { "utimensat", EPERM, { { 0 } } },
	{ "setxattr", EPERM, { { 0 } } }, { "lsetxattr", EPERM, { { 0 } } },
	{ "fsetxattr", EPERM, { { 0 } } }, { "setxattrat", EPERM, { { 0 } } },
	{ "removexattr", EPERM, { { 0 } } }, { "lremovexattr", EPERM, { { 0 } } },
	{ "fremovexattr", EPERM, { { 0 } } }, { "removexattrat", EPERM, { { 0 } } },
	{ "file_setattr", EPERM, { { 0 } } },
	{ "ioctl", EPERM, IOCTL_IS(FS_IOC_SETFLAGS) },
	{ "ioctl", EPERM, IOCTL_IS(FS_IOC_FSSETXATTR) },
};

/*
 * listen(2) without bind(2) binds to a port of the kernel's choice, and Landlock is not
 * asked. Where no port is granted there need be no TCP socket; where ports may only be
 * connected to, listening is refused, to UNIX sockets too: no filter sees the family.
 */
static const struct guard of_tcp[] = {	/* AF_INET is 2, AF_INET6 is 10 */
	{ "socket", EACCES, { { .arg = 0, .mask = ~8U, .value = AF_INET },
			      { .arg = 1, .mask = 0xf, .value = SOCK_STREAM } } },
};
static const struct guard of_servers[] = {
	{ "listen", EACCES, { { 0 } } },
};

/*
 * A performer is in no domain that the program enters later, and nothing tells who is in
 * one: perform() would open what the program, or a part of it, denied itself. The errno
 * is that of a kernel without Landlock, landlock(7), which those who use it expect.
 */
static const struct guard of_domains[] = {
	{ "landlock_create_ruleset", EOPNOTSUPP, { { 0 } } },
	{ "landlock_restrict_self", EOPNOTSUPP, { { 0 } } },
};

static bool is_allowed(const struct demi_sandbox *sb, const char *call)
{
	for (size_t i = 0; i < sb->n_allowed; i++)
		if (strcmp(sb->allowed[i], call) == 0)
			return true;
	return false;
}

static size_t add(const struct demi_sandbox *sb, const struct guard *list, size_t n,
		  struct refusal *out)
{
	size_t added = 0;

	for (size_t i = 0; i < n; i++) {
		int nr = demi_syscall_number(list[i].call);
		if (nr < 0 || is_allowed(sb, list[i].call))	/* unknown: ENOSYS anyway */
			continue;
		out[added] = (struct refusal){
			.nr = nr, .error = list[i].error, .is_guard = true,
		};
		memcpy(out[added++].args, list[i].args, sizeof list[i].args);
	}
	return added;
}

/* Devices have no content that attributes would belong to. */
static bool writes_files(const struct grants *grants)
{
	for (size_t i = 0; i < grants->n; i++) {
		mode_t mode = grants->places.all[grants->all[i].place].st.st_mode;
		if (grants->all[i].access & LANDLOCK_WRITE && (S_ISDIR(mode) || S_ISREG(mode)))
			return true;
	}
	return false;
}

static bool binds(const struct access_rules *rules)
{
	for (size_t i = 0; i < rules->n_ports; i++)
		if (rules->ports[i].ways & DEMI_TCP_BIND)
			return true;
	return false;
}

#define ADD(list) add(sb, list, sizeof list / sizeof *list, out + n)
size_t guard_refusals(const struct demi_sandbox *sb, const struct grants *grants,
		      struct refusal out[GUARD_MOST])
{
	unsigned int isolated = protection_isolated(sb->access.isolated, grants->missing);
	bool is_private = isolated & DEMI_ISOLATE_MOUNT;
	size_t n = 0;

	_Static_assert(sizeof of_attributes / sizeof *of_attributes + 10 <= GUARD_MOST, "MOST");
	if (sb->access.confines_files)
		n += ADD(of_files);
	if (sb->access.confines_files && grants->abi < 5)
		n += ADD(of_modes);
	if (sb->access.confines_files && grants->abi < 3)
		n += ADD(of_truncation);
	if (sb->access.confines_files && !is_private && !writes_files(grants))
		n += ADD(of_attributes);
	if (sb->access.confines_net && !sb->access.n_ports)
		n += ADD(of_tcp);
	else if (sb->access.confines_net && !binds(&sb->access))
		n += ADD(of_servers);
	if (perform_is_wanted(sb))
		n += ADD(of_domains);
	return n;
}
#undef ADD

int guard_filter(struct demi_sandbox *sb, const struct grants *grants,
		 struct filter_sink out)
{
	struct refusal refusals[GUARD_MOST];
	size_t n = sb->explains ? 0 : guard_refusals(sb, grants, refusals);

	filter_clear(out);
	return n ? filter_deny(refusals, n, DEMI_SYSCALL_END, out, &sb->why) : 0;
}
