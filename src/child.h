/* From clone(2) to execve(2), and the warden that stays as the parent. */
#ifndef DEMI_CHILD_H
#define DEMI_CHILD_H

#include "cgroup.h"
#include "rlimits.h"
#include "namespace.h"

#include <linux/filter.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* A grant on a file that exists in the namespaces of the child only. */
struct late_grant {
	const char *path;
	unsigned int access;		/* enum landlock_access */
};

/* All that the child needs, made ready before the fork: it cannot allocate. */
struct child_plan {
	char *path;			/* what to execute */
	char *const *argv;
	char **shell_argv;		/* the same through /bin/sh */
	char **envp;
	const char *cwd;		/* or NULL */
	int stdio[3];			/* -1: inherited; else 3 or more */
	const int *kept_fds;		/* 3 or more, not closed by execve(2) */
	size_t n_kept_fds;
	bool has_own_group;		/* and no controlling terminal; else ours */
	bool is_job;			/* of a shell: the supervisor stops with the program */
	bool has_umask, has_ids;
	mode_t umask;
	uid_t uid;
	gid_t gid;
	struct limits limits;		/* for rlimits_apply() */
	const struct cgroup *groups;	/* for cgroup_enter() */
	sigset_t mask;			/* of the thread that started the run */
	struct namespaces *namespaces;	/* or NULL */
	int ruleset;			/* of Landlock, or -1 */
	int landlock_abi;
	struct late_grant *late;	/* to be added to the ruleset */
	size_t n_late;
	int (*before_filter)(const void *ud);	/* or NULL; 0 or -errno */
	const void *before_filter_ud;
	struct sock_fprog guard;	/* what the rules about files and ports need beside */
	struct sock_fprog denied;	/* what the kernel refuses without asking */
	struct sock_fprog notified;	/* no program: no call is notified */
};

/* What the child tells; it shares the warden's memory until its execve(2). */
struct child_report {
	_Atomic int listener;		/* -1 until it is there */
	_Atomic int error;		/* errno of the step that failed */
	const char *_Atomic step;
};

/* The child's main; it does not return. ud is a struct child_start. */
struct child_start {
	const struct child_plan *plan;
	struct child_report *report;
	pid_t warden;
};
int child_main(void *ud);

#endif
