/*
 * Who a thread is, proc_pid_status(5), and how to become that. Every step is made by
 * the bare system call: libc would make it in all threads of the process, and the
 * server reads views, too.
 */
#include "view.h"

#include "../util.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const space_names[] = { "ns/user", "ns/mnt", "ns/net", "ns/uts", "ns/pid" };
#define N_SPACES (sizeof space_names / sizeof *space_names)

struct name {
	char text[64];
};

static struct name name_in(pid_t tid, const char *name)
{
	struct name out;

	if (tid)
		snprintf(out.text, sizeof out.text, "%d/%s", tid, name);
	else
		snprintf(out.text, sizeof out.text, "thread-self/%s", name);
	return out;
}

static int open_in(int proc, pid_t tid, const char *name, int flags)
{
	int fd = openat(proc, name_in(tid, name).text, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A thread with many groups has a long file. */
static int read_status(int proc, pid_t tid, char *text, size_t size)
{
	AUTO_FD fd = open_in(proc, tid, "status", O_RDONLY);
	if (fd < 0)
		return fd;
	ssize_t n = read(fd, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = 0;
	return (size_t)n == size - 1 ? -E2BIG : 0;
}

/* What follows "\nName:\t"; the file is the kernel's, but a comm may hold "\\n" only. */
static const char *field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? at + strlen(name) : NULL;
}

static bool numbers(const char *text, const char *name, uint32_t *out, uint32_t max,
		    uint32_t *n)
{
	const char *at = field(text, name);

	*n = 0;
	while (at) {
		char *end;
		at += strspn(at, " \t");
		if (*at < '0' || *at > '9')
			return true;
		if (*n == max)
			return false;
		out[(*n)++] = (uint32_t)strtoul(at, &end, 10);
		at = end;
	}
	return false;
}

static bool number(const char *text, const char *name, int base, uint64_t *out)
{
	const char *at = field(text, name);

	*out = at ? strtoull(at, NULL, base) : 0;
	return at;
}

static bool parse(const char *text, struct view *out, mode_t *umask)
{
	uint32_t n_uid, n_gid;
	uint64_t bits;

	if (!number(text, "\nUmask:\t", 8, &bits))
		return false;
	*umask = (mode_t)bits;
	return numbers(text, "\nUid:\t", out->uid, 4, &n_uid) && n_uid == 4 &&
	       numbers(text, "\nGid:\t", out->gid, 4, &n_gid) && n_gid == 4 &&
	       numbers(text, "\nGroups:\t", out->groups, VIEW_GROUPS, &out->n_groups) &&
	       number(text, "\nCapInh:\t", 16, &out->capabilities.inheritable) &&
	       number(text, "\nCapPrm:\t", 16, &out->capabilities.permitted) &&
	       number(text, "\nCapEff:\t", 16, &out->capabilities.effective);
}

int view_read_places(int proc, pid_t tid, struct view *out)
{
	struct statx st;

	for (size_t i = 0; i < N_SPACES; i++) {
		char text[64] = "";	/* "user:[4026531837]" */
		if (readlinkat(proc, name_in(tid, space_names[i]).text, text, sizeof text - 1) < 0)
			return -errno;
		const char *digits = strchr(text, '[');
		out->spaces[i] = digits ? strtoull(digits + 1, NULL, 10) : 0;
	}
	AUTO_FD root = open_in(proc, tid, "root", O_PATH);
	if (root < 0)
		return root;
	if (statx(root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &st) < 0)
		return -errno;
	out->root_device = (uint64_t)st.stx_dev_major << 32 | st.stx_dev_minor;
	out->root_inode = st.stx_ino;
	out->root_mount = st.stx_mnt_id;
	return 0;
}

int view_read_ids(int proc, pid_t tid, struct view *out, mode_t *umask)
{
	char text[8192];

	memset(out, 0, sizeof *out);	/* views are compared as bytes */
	int rc = read_status(proc, tid, text, sizeof text);
	return rc < 0 ? rc : parse(text, out, umask) ? 0 : -E2BIG;
}

int view_read(int proc, pid_t tid, struct view *out, mode_t *umask)
{
	int rc = view_read_ids(proc, tid, out, umask);

	return rc < 0 ? rc : view_read_places(proc, tid, out);
}

int view_read_umask(int proc, pid_t tid, mode_t *umask)
{
	char text[8192];
	uint64_t bits;
	int rc = read_status(proc, tid, text, sizeof text);

	if (rc < 0)
		return rc;
	if (!number(text, "\nUmask:\t", 8, &bits))
		return -EIO;
	*umask = (mode_t)bits;
	return 0;
}

pid_t view_process(int proc, pid_t tid)
{
	char text[8192];
	uint64_t process;

	if (read_status(proc, tid, text, sizeof text) < 0 ||
	    !number(text, "\nTgid:\t", 10, &process))
		return 0;
	return (pid_t)process;
}

bool view_is_same(const struct view *a, const struct view *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

bool view_is_same_place(const struct view *a, const struct view *b)
{
	struct view likened;

	memcpy(&likened, a, sizeof likened);	/* they are compared as bytes */
	likened.capabilities = b->capabilities;
	return view_is_same(&likened, b);
}

/* The user namespace first: the others belong to it, setns(2). */
static int enter_spaces(int proc, pid_t tid, const struct view *ours,
			const struct view *theirs)
{
	int fds[N_SPACES];
	int rc = 0;

	for (size_t i = 0; i < N_SPACES; i++)
		fds[i] = ours->spaces[i] == theirs->spaces[i]
			 ? -1 : open_in(proc, tid, space_names[i], O_RDONLY);
	AUTO_FD root = open_in(proc, tid, "root", O_PATH);
	for (size_t i = 0; i < N_SPACES; i++) {
		if (fds[i] >= 0 && rc == 0 && setns(fds[i], 0) < 0)
			rc = -errno;
		fd_close(&fds[i]);
	}
	if (rc < 0 || (ours->root_mount == theirs->root_mount &&
		       ours->root_inode == theirs->root_inode))
		return rc;
	if (root < 0)
		return root;
	AUTO_FD before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return before < 0 || fchdir(root) < 0 || chroot(".") < 0 || fchdir(before) < 0
	       ? -errno : 0;
}

static int set_capabilities(const struct capabilities *c)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[2];

	for (int i = 0; i < 2; i++)
		words[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(c->effective >> 32 * i),
			.permitted = (uint32_t)(c->permitted >> 32 * i),
			.inheritable = (uint32_t)(c->inheritable >> 32 * i),
		};
	return syscall(SYS_capset, &header, words) < 0 ? -errno : 0;
}

static int get_capabilities(struct capabilities *c)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[2];

	if (syscall(SYS_capget, &header, words) < 0)
		return -errno;
	*c = (struct capabilities){
		.effective = (uint64_t)words[1].effective << 32 | words[0].effective,
		.permitted = (uint64_t)words[1].permitted << 32 | words[0].permitted,
		.inheritable = (uint64_t)words[1].inheritable << 32 | words[0].inheritable,
	};
	return 0;
}

int view_lower(uint64_t effective, struct capabilities *before)
{
	int rc = get_capabilities(before);
	struct capabilities lower = *before;

	lower.effective = effective;
	return rc < 0 || before->effective == effective ? rc : set_capabilities(&lower);
}

int view_raise(const struct capabilities *before)
{
	return set_capabilities(before);
}

static int take_ids(const struct view *ours, const struct view *v)
{
	if (memcmp(ours->groups, v->groups, sizeof v->groups) != 0 &&
	    syscall(SYS_setgroups, v->n_groups, v->groups) < 0)
		return -errno;
	/* setresuid(2) from 0 to others drops all capabilities, also those they keep */
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 ||
	    syscall(SYS_setresgid, v->gid[0], v->gid[1], v->gid[2]) < 0 ||
	    syscall(SYS_setresuid, v->uid[0], v->uid[1], v->uid[2]) < 0)
		return -errno;
	if (v->gid[3] != v->gid[1])
		syscall(SYS_setfsgid, v->gid[3]);
	if (v->uid[3] != v->uid[1])
		syscall(SYS_setfsuid, v->uid[3]);
	return set_capabilities(&v->capabilities);
}

/* Not by proc, which may be out of reach. */
static bool is_taken_on(const struct view *v)
{
	struct capabilities has;
	uid_t uid[3];
	gid_t gid[3];

	return getresuid(&uid[0], &uid[1], &uid[2]) == 0 && memcmp(uid, v->uid, sizeof uid) == 0 &&
	       getresgid(&gid[0], &gid[1], &gid[2]) == 0 && memcmp(gid, v->gid, sizeof gid) == 0 &&
	       getgroups(0, NULL) == (int)v->n_groups && get_capabilities(&has) == 0 &&
	       has.effective == v->capabilities.effective &&
	       has.permitted == v->capabilities.permitted;
}

int view_take_on(int proc, pid_t tid, const struct view *ours, const struct view *theirs)
{
	/* a process cannot move to another PID namespace */
	int rc = ours->spaces[N_SPACES - 1] == theirs->spaces[N_SPACES - 1]
		 ? enter_spaces(proc, tid, ours, theirs) : -EPERM;

	if (rc == 0)
		rc = take_ids(ours, theirs);
	/* a change of credentials undoes both, PR_SET_PDEATHSIG(2const) */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	return rc < 0 ? rc : is_taken_on(theirs) ? 0 : -EPERM;
}
