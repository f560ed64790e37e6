/* The processes of this machine, as /proc shows them, proc_pid_stat(5). */
#include "processes.h"

#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* digits only, or 0; stdio is not async-signal-safe */
static pid_t to_pid(const char *s)
{
	pid_t pid = 0;

	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return 0;
		pid = pid * 10 + (*s - '0');
	}
	return pid;
}

static unsigned long long next_number(const char **s)
{
	unsigned long long n = 0;

	while (**s == ' ' || **s == '-')	/* tty_nr and nice may be negative */
		(*s)++;
	while ('0' <= **s && **s <= '9')
		n = n * 10 + (unsigned long long)(*(*s)++ - '0');
	return n;
}

/* Fields are numbered as in proc_pid_stat(5); the state is the third. */
enum { PPID = 4, PGRP = 5, UTIME = 14, CSTIME = 17, NUM_THREADS = 20, RSS = 24 };

static void take_fields(const char *rest, struct process *out)
{
	for (int field = PPID; field <= RSS; field++) {
		unsigned long long n = next_number(&rest);
		if (field == PPID)
			out->ppid = (pid_t)n;
		else if (field == PGRP)
			out->pgrp = (pid_t)n;
		else if (UTIME <= field && field <= CSTIME)
			out->ticks += n;
		else if (field == NUM_THREADS)
			out->threads = n ? n : 1;
		else if (field == RSS)
			out->rss_pages = n;
	}
}

/* "PID (COMM) STATE PPID PGRP ...": COMM may hold anything, also ") R 1" */
static bool read_stat(int proc, const char *name, struct process *out)
{
	char path[NAME_MAX + sizeof "/stat"], text[512];

	*out = (struct process){ .pid = to_pid(name) };
	if (!out->pid)
		return false;
	strcpy(stpcpy(path, name), "/stat");
	AUTO_FD fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return false;
	text[n] = 0;
	const char *state = strrchr(text, ')');
	if (!state || strlen(state) < 4)
		return false;
	out->is_zombie = state[2] == 'Z';
	out->is_stopped = state[2] == 'T' || state[2] == 't';
	out->is_blocked = state[2] == 'D';
	take_fields(state + 3, out);
	return true;
}

int processes_each(void (*fn)(void *ud, const struct process *process), void *ud)
{
	_Alignas(struct dirent64) char buffer[4096];
	AUTO_FD proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ssize_t n;

	if (proc < 0)
		return -errno;
	while ((n = getdents64(proc, buffer, sizeof buffer)) > 0) {
		for (ssize_t at = 0; at < n;) {
			struct dirent64 *entry = (struct dirent64 *)(buffer + at);
			struct process process;
			if (read_stat(proc, entry->d_name, &process))
				fn(ud, &process);
			at += entry->d_reclen;
		}
	}
	return n < 0 ? -errno : 0;
}

struct cull {
	pid_t parent;
	int n;
};

static void kill_child(void *ud, const struct process *process)
{
	struct cull *cull = ud;

	if (process->ppid != cull->parent || process->is_zombie)
		return;
	kill(process->pid, SIGKILL);
	cull->n++;
}

int processes_kill_children(pid_t parent)
{
	struct cull cull = { .parent = parent };
	int rc = processes_each(kill_child, &cull);

	return rc < 0 ? rc : cull.n;
}

unsigned long processes_total(void)
{
	AUTO_FD fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);	/* proc_loadavg(5) */
	char text[128] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	const char *slash = n > 0 ? strchr(text, '/') : NULL;

	return slash ? strtoul(slash + 1, NULL, 10) : 0;
}

bool processes_read(pid_t pid, struct process *out)
{
	AUTO_FD proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[16];

	snprintf(name, sizeof name, "%d", (int)pid);
	return proc >= 0 && read_stat(proc, name, out);
}

bool processes_is_below(pid_t root, const struct process *process)
{
	struct process at = *process;

	while (at.ppid != root)
		if (at.ppid <= 1 || !processes_read(at.ppid, &at))
			return false;
	return true;
}

struct list {
	struct process *all;
	size_t n, room;
	bool is_short;		/* of memory */
};

static void append(void *ud, const struct process *process)
{
	struct list *list = ud;

	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct process *all = reallocarray(list->all, room, sizeof *all);
		if (!all) {
			list->is_short = true;
			return;
		}
		list->all = all;
		list->room = room;
	}
	list->all[list->n++] = *process;
}

static bool has(const struct process *all, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].pid == pid)
			return true;
	return false;
}

ssize_t processes_below(pid_t root, struct process **out)
{
	struct list list = { 0 };
	int rc = processes_each(append, &list);
	size_t below = 0, before;

	*out = list.all;
	if (rc < 0 || list.is_short)
		return rc < 0 ? rc : -ENOMEM;
	/* move what descends from root to the front until nothing moves any more */
	do {
		before = below;
		for (size_t i = below; i < list.n; i++) {
			struct process p = list.all[i];
			if (p.ppid != root && !has(list.all, below, p.ppid))
				continue;
			list.all[i] = list.all[below];
			list.all[below++] = p;
		}
	} while (below > before);
	return (ssize_t)below;
}

long long processes_share(pid_t pid)
{
	char path[64], text[1024];

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n < 0)
		return -errno;
	text[n] = 0;
	const char *pss = strstr(text, "\nPss:");	/* in kB, proc_pid_smaps(5) */
	return pss ? 1024 * strtoll(pss + sizeof "\nPss:" - 1, NULL, 10) : -ESRCH;
}
