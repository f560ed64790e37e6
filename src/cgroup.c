/* A control group for the processes of one run, cgroups(7). */
#include "cgroup.h"

#include "util.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const controllers[CGROUPS] = {
	[CGROUP_PIDS] = "pids", [CGROUP_MEMORY] = "memory",
};

/* Is word one of the words of list, which are divided by spaces, commas or newlines? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; *at; at += strcspn(at, " ,\n"), at += *at != 0)
		if (strncmp(at, word, len) == 0 && strchr(" ,\n", at[len]))
			return true;
	return false;
}

static bool read_text(const char *dir, const char *name, char *text, size_t room)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return false;
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);
	text[n > 0 ? n : 0] = 0;
	return n >= 0;
}

static bool write_number(const char *dir, const char *name, uint64_t n)
{
	char path[PATH_MAX], text[32];
	int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return false;
	AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, (size_t)len) == len;
}

/*
 * Where we are in the hierarchy of a controller ("": version 2), from the lines
 * "ID:CONTROLLERS:PATH" of /proc/self/cgroup.
 */
static bool find_path(const char *controller, char path[PATH_MAX])
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	bool is_found = false;
	FILE *file = fopen("/proc/self/cgroup", "re");

	while (file && !is_found && getline(&line, &room, file) > 0) {
		char *names = strchr(line, ':'), *where = names ? strchr(names + 1, ':') : NULL;
		if (!where)
			continue;
		*where++ = 0;
		where[strcspn(where, "\n")] = 0;
		is_found = *controller ? has_word(names + 1, controller) : !names[1];
		if (is_found)
			snprintf(path, PATH_MAX, "%s", where);
	}
	if (file)
		fclose(file);
	return is_found;
}

/* "ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS ... - TYPE SOURCE SUPEROPTIONS" */
static bool is_mount_of(const char *line, const char *controller, char *root, char *point)
{
	char type[16], options[256];
	const char *rest = strstr(line, " - ");

	return rest && sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) == 2 &&
	       sscanf(rest, " - %15s %*s %255s", type, options) == 2 &&
	       strcmp(type, *controller ? "cgroup" : "cgroup2") == 0 &&
	       (!*controller || has_word(options, controller));
}

/* The directory that we are in, and how long the part is that is the mount point. */
static bool find_dir(const char *controller, char dir[PATH_MAX], size_t *mount_len)
{
	char path[PATH_MAX], root[PATH_MAX], point[PATH_MAX];
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	bool is_found = false;

	if (!find_path(controller, path))
		return false;
	FILE *file = fopen("/proc/self/mountinfo", "re");
	while (file && !is_found && getline(&line, &room, file) > 0)
		is_found = is_mount_of(line, controller, root, point);
	if (file)
		fclose(file);
	if (!is_found)
		return false;
	size_t skip = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(path, root, skip) != 0)	/* what is mounted is not where we are */
		return false;
	*mount_len = strlen(point);
	int n = snprintf(dir, PATH_MAX, "%s%s", point, path + skip);
	return n < PATH_MAX;
}

/* A new directory beneath dir, which keeps its length if that fails. */
static bool make_beneath(char dir[PATH_MAX])
{
	static _Atomic unsigned int count;
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	int n = snprintf(dir + len, PATH_MAX - len, "/demilune-%d-%u", (int)getpid(), count++);
	if (n < (int)(PATH_MAX - len) && (mkdir(dir, 0755) == 0))
		return true;
	dir[len] = 0;
	return false;
}

/* The nearest directory above us that hands the controller to its children. */
static bool make_v2(const char *controller, char dir[PATH_MAX])
{
	char enabled[256];
	size_t mount_len;

	if (!find_dir("", dir, &mount_len))
		return false;
	for (;;) {
		if (read_text(dir, "cgroup.subtree_control", enabled, sizeof enabled) &&
		    has_word(enabled, controller) && make_beneath(dir))
			return true;
		char *slash = strrchr(dir, '/');
		if (!slash || (size_t)(slash - dir) < mount_len)
			return false;
		*slash = 0;
	}
}

static bool make(const char *controller, bool may_be_v2, struct cgroup *group)
{
	size_t mount_len;

	group->is_v2 = may_be_v2 && make_v2(controller, group->dir);
	return group->is_v2 ||
	       (find_dir(controller, group->dir, &mount_len) && make_beneath(group->dir));
}

static bool set_limit(const struct cgroup *group, int which, uint64_t limit)
{
	if (which == CGROUP_PIDS)
		return write_number(group->dir, "pids.max", limit);
	const char *memory = group->is_v2 ? "memory.max" : "memory.limit_in_bytes";
	if (!write_number(group->dir, memory, limit))
		return false;
	/* not there without swap: then there is nothing to limit */
	if (group->is_v2)
		write_number(group->dir, "memory.swap.max", 0);
	else
		write_number(group->dir, "memory.memsw.limit_in_bytes", limit);
	return true;
}

static bool open_one(int which, uint64_t limit, struct cgroup out[CGROUPS])
{
	struct cgroup *group = &out[which];
	char path[PATH_MAX + sizeof "/cgroup.procs"], enabled[256];
	/* in version 2 a process has one group for all controllers */
	bool has_v2 = which > 0 && out[0].is_v2;
	if (has_v2 &&
	    read_text(out[0].dir, "cgroup.controllers", enabled, sizeof enabled) &&
	    has_word(enabled, controllers[which])) {
		*group = out[0];
		group->procs = -1;
		return set_limit(group, which, limit);
	}
	if (!make(controllers[which], !has_v2, group))
		return false;
	snprintf(path, sizeof path, "%s/cgroup.procs", group->dir);
	group->procs = fd_above_stdio(open(path, O_WRONLY | O_CLOEXEC));
	if (group->procs >= 0 && set_limit(group, which, limit))
		return true;
	rmdir(group->dir);
	return false;
}

void cgroup_open(const uint64_t limits[CGROUPS], struct cgroup out[CGROUPS])
{
	for (int which = 0; which < CGROUPS; which++) {
		out[which] = (struct cgroup){ .procs = -1 };
		if (limits[which] && !open_one(which, limits[which], out)) {
			fd_close(&out[which].procs);
			out[which] = (struct cgroup){ .procs = -1 };
		}
	}
}

int cgroup_enter(const struct cgroup groups[CGROUPS])
{
	for (int which = 0; which < CGROUPS; which++)
		if (groups[which].procs >= 0 && write(groups[which].procs, "0", 1) != 1)
			return -errno;
	return 0;
}

bool cgroup_has_killed(const struct cgroup groups[CGROUPS])
{
	const struct cgroup *group = &groups[CGROUP_MEMORY];
	char text[512];

	if (!group->dir[0] ||
	    !read_text(group->dir, group->is_v2 ? "memory.events" : "memory.oom_control",
		       text, sizeof text))
		return false;
	const char *count = strstr(text, "oom_kill ");	/* not oom_kill_disable, oom_group_kill */
	return count && strtoull(count + sizeof "oom_kill " - 1, NULL, 10) > 0;
}

void cgroup_remove(const struct cgroup groups[CGROUPS])
{
	for (int which = 0; which < CGROUPS; which++)
		if (groups[which].dir[0])
			rmdir(groups[which].dir);
}

void cgroup_close(struct cgroup groups[CGROUPS])
{
	for (int which = 0; which < CGROUPS; which++)
		fd_close(&groups[which].procs);
}
