/* Namespaces of a run: namespaces(7). */
#include "namespace.h"

#include "compat.h"
#include "kernel.h"
#include "util.h"

#include <limits.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

const char *const namespaces_private[N_PRIVATE] = { "/tmp", "/dev/shm" };

static bool is_at_or_in(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (!path[len] || path[len] == '/');
}

bool namespaces_hide(const struct namespaces *ns, const char *path)
{
	if (ns->pid && is_at_or_in(path, "/proc"))
		return true;
	for (size_t i = 0; ns->mount && i < N_PRIVATE; i++)
		if (is_at_or_in(path, namespaces_private[i]))
			return true;
	return false;
}

bool namespaces_replace(const struct namespaces *ns, const char *path)
{
	for (size_t i = 0; ns->mount && i < N_PRIVATE; i++)
		if (strcmp(path, namespaces_private[i]) == 0)
			return true;
	return ns->pid && is_at_or_in(path, "/proc");
}

void namespaces_map(struct namespaces *ns)
{
	bool has_any = ns->pid || ns->net || ns->ipc || ns->uts || ns->mount;
	uid_t uid = geteuid();
	gid_t gid = getegid();

	ns->user = ns->is_root || (has_any && !kernel_has_capability(CAP_SYS_ADMIN));
	snprintf(ns->uid_map, sizeof ns->uid_map, "%u %u 1", ns->is_root ? 0 : uid, uid);
	snprintf(ns->gid_map, sizeof ns->gid_map, "%u %u 1", ns->is_root ? 0 : gid, gid);
}

static int write_file(const char *path, const char *text)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/*
 * The maps are files of whoever may read our memory: for a moment that is our user
 * again, as proc(5) says of processes that are not dumpable.
 */
static const char *enter_user(const struct namespaces *ns)
{
	const char *failed = NULL;

	if (unshare(CLONE_NEWUSER) < 0)
		return "a user namespace, user_namespaces(7)";
	prctl(PR_SET_DUMPABLE, 1);
	if (write_file("/proc/self/setgroups", "deny") < 0)
		failed = "/proc/self/setgroups";
	else if (write_file("/proc/self/uid_map", ns->uid_map) < 0)
		failed = "/proc/self/uid_map";
	else if (write_file("/proc/self/gid_map", ns->gid_map) < 0)
		failed = "/proc/self/gid_map";
	int error = errno;
	prctl(PR_SET_DUMPABLE, 0);
	errno = error;
	return failed;
}

/*
 * Process 1 of the PID namespace. The program is not, because signals that it does
 * not handle would be ignored, and because it does not reap orphans. The namespace
 * ends with this one, and this one ends with the warden.
 */
static _Noreturn void be_init(int warden)
{
	struct pollfd end = { .fd = 3, .events = POLLIN };

	prctl(PR_SET_NAME, "demi-init");
	dup2(warden, end.fd);
	kernel_close_range(0, 2, 0);
	kernel_close_range(4, ~0U, 0);
	if (chdir("/") == 0)
		while (poll(&end, 1, -1) < 0 && errno == EINTR)
			;
	_exit(0);
}

static const char *enter_pid(struct namespaces *ns)
{
	AUTO_FD warden = kernel_pidfd_open(getpid());

	if (warden < 0 || unshare(CLONE_NEWPID) < 0)
		return "a PID namespace";
	/* orphans of process 1 are gone by themselves, wait(2) */
	signal(SIGCHLD, SIG_IGN);
	ns->init = (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
	if (ns->init == 0)
		be_init(warden);
	signal(SIGCHLD, SIG_DFL);
	return ns->init < 0 ? "process 1 of a PID namespace" : NULL;
}

const char *namespaces_enter(struct namespaces *ns)
{
	const char *failed = ns->user ? enter_user(ns) : NULL;

	return failed || !ns->pid ? failed : enter_pid(ns);
}

static const char *raise_loopback(void)
{
	AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? "the loopback interface" : NULL;
}

static const char *copy_trees(struct namespaces *ns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < ns->n_binds; i++) {
		struct bind *bind = &ns->binds[i];
		bind->tree = open_tree(AT_FDCWD, bind->path,
				       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE |
					       AT_SYMLINK_NOFOLLOW);
		if (bind->tree < 0)
			return bind->path;
		if (!bind->is_writable && mount_setattr(bind->tree, "", AT_EMPTY_PATH | AT_RECURSIVE,
							&attr, sizeof attr) < 0)
			return bind->path;
	}
	return NULL;
}

/* In a private directory nothing exists yet. */
static int make_point(const struct bind *bind)
{
	char path[PATH_MAX];

	if (!memccpy(path, bind->path, 0, sizeof path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (bind->is_dir)
		return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 && errno != EEXIST ? -1 : 0;
}

static const char *place_trees(struct namespaces *ns)
{
	for (size_t i = 0; i < ns->n_binds; i++) {
		struct bind *bind = &ns->binds[i];
		if (namespaces_hide(ns, bind->path) && make_point(bind) < 0)
			return bind->path;
		if (move_mount(bind->tree, "", AT_FDCWD, bind->path,
			       MOVE_MOUNT_F_EMPTY_PATH) < 0)
			return bind->path;
		fd_close(&bind->tree);
	}
	return NULL;
}

static bool keeps_root_writable(const struct namespaces *ns)
{
	for (size_t i = 0; i < ns->n_binds; i++)
		if (ns->binds[i].is_writable && strcmp(ns->binds[i].path, "/") == 0)
			return true;
	return false;
}

static const char *make_private(const struct namespaces *ns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (!keeps_root_writable(ns) &&
	    mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr) < 0)
		return "a read-only /, mount_setattr(2)";
	for (size_t i = 0; i < N_PRIVATE; i++)
		if (mount("tmpfs", namespaces_private[i], "tmpfs", MS_NOSUID | MS_NODEV,
			  "mode=1777") < 0 && errno != ENOENT)
			return namespaces_private[i];
	return NULL;
}

/*
 * Order: trees are copied while they can be written to and seen, placed at the end.
 * The working directory would stay below what was mounted over it: it is left.
 */
static const char *arrange_mounts(struct namespaces *ns)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (ns->mount ? MS_RDONLY : 0);
	const char *failed = NULL;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "private mounts";
	if (ns->mount)
		failed = copy_trees(ns);
	if (!failed && ns->mount)
		failed = make_private(ns);
	if (!failed && ns->pid && mount("proc", "/proc", "proc", flags, NULL) < 0)
		failed = "a /proc of its own";
	if (!failed && ns->mount)
		failed = place_trees(ns);
	return failed ? failed : chdir("/") < 0 ? "chdir /" : NULL;
}

const char *namespaces_arrange(struct namespaces *ns)
{
	int flags = (ns->net ? CLONE_NEWNET : 0) | (ns->ipc ? CLONE_NEWIPC : 0) |
		    (ns->uts ? CLONE_NEWUTS : 0) | (ns->mount || ns->pid ? CLONE_NEWNS : 0);
	const char *failed = NULL;

	if (flags && unshare(flags) < 0)
		return "namespaces, unshare(2)";
	if (ns->net)
		failed = raise_loopback();
	return failed || !(flags & CLONE_NEWNS) ? failed : arrange_mounts(ns);
}

/* As the warden, and then as the program: 0 or errno. */
static int enter_and_arrange(void *ud)
{
	struct namespaces *ns = ud;
	int status, error = 0;

	if (namespaces_enter(ns))
		return errno;
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid == 0)
		_exit(namespaces_arrange(ns) ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		error = errno;
	else
		error = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
	if (ns->init > 0) {	/* else it would be left to whoever is the subreaper */
		kill(ns->init, SIGKILL);
		waitpid(ns->init, NULL, 0);
	}
	return error;
}

int namespaces_try(struct namespaces *ns)
{
	int error = kernel_try(enter_and_arrange, ns);

	return error < 0 ? error : -error;
}
