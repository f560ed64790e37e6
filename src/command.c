/* What to execute: the look-up of execvp(3), done before anything starts. */
#include "command.h"

#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

extern char **environ;

/* where a shell looks when there is no PATH, execvp(3) */
#define DEFAULT_PATH "/bin:/usr/bin"

/* "NAME=VALUE" or "NAME": how long NAME is */
static size_t name_len(const char *entry)
{
	return strcspn(entry, "=");
}

static void put(char **env, size_t *n, char *entry)
{
	size_t len = name_len(entry), i = 0;
	bool removes = !entry[len];

	while (i < *n && (strncmp(env[i], entry, len) != 0 || env[i][len] != '='))
		i++;
	if (removes && i < *n)
		env[i] = env[--*n];
	else if (!removes && i < *n)
		env[i] = entry;
	else if (!removes)
		env[(*n)++] = entry;
	env[*n] = NULL;
}

/* What a clean environment keeps: where to look, and whom and what we talk to. */
static bool is_kept(const char *entry)
{
	static const char *const kept[] = { "PATH", "HOME", "USER", "TERM", "LANG" };

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (strlen(kept[i]) == name_len(entry) &&
		    strncmp(kept[i], entry, name_len(entry)) == 0)
			return true;
	return false;
}

/* The strings stay where they are: in our environment and in the sandbox. */
static char **make_env(const struct demi_sandbox *sb)
{
	size_t n = 0, ours = 0;

	while (sb->env_base != ENV_EMPTY && environ[ours])
		ours++;
	char **env = calloc(ours + sb->n_env + 1, sizeof *env);
	if (!env)
		return NULL;
	for (size_t i = 0; i < ours; i++)
		if (sb->env_base == ENV_OURS || is_kept(environ[i]))
			env[n++] = environ[i];
	for (size_t i = 0; i < sb->n_env; i++)
		put(env, &n, sb->env[i]);
	return env;
}

static const char *get_path(char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return DEFAULT_PATH;
}

/* 0, or why a shell would not take this file */
static int check_file(int dir, const char *path)
{
	struct stat st;

	if (fstatat(dir, path, &st, 0) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EACCES;
	return faccessat(dir, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static bool exists(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, 0) == 0;
}

static int search(int dir, const char *name, const char *list, char **out)
{
	char path[PATH_MAX];
	int rc = -ENOENT;

	for (const char *at = list, *end; ; at = end + 1) {
		end = strchrnul(at, ':');
		int n = snprintf(path, sizeof path, "%.*s%s%s", (int)(end - at), at,
				 end > at ? "/" : "", name);
		int found = n < (int)sizeof path ? check_file(dir, path) : -ENAMETOOLONG;
		if (found == 0) {
			*out = strdup(path);
			return *out ? 0 : -ENOMEM;
		}
		/* Worth more than "not found". As for bash, and other than for execvp(3),
		 * a directory that may not be searched holds nothing. */
		if (found == -EACCES && exists(dir, path))
			rc = found;
		if (!*end)
			return rc;
	}
}

static int look_up(struct demi_sandbox *sb, const char *name, char *const *env, char **out)
{
	AUTO_FD dir = open(sb->cwd ? sb->cwd : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return fail(&sb->why, -errno, "cwd %s", sb->cwd ? sb->cwd : ".");
	if (!strchr(name, '/')) {
		int rc = *name ? search(dir, name, get_path(env), out) : -ENOENT;
		return rc < 0 ? fail(&sb->why, rc, "%s", name) : 0;
	}
	int rc = check_file(dir, name);
	if (rc < 0)
		return fail(&sb->why, rc, "%s", name);
	*out = strdup(name);
	return *out ? 0 : fail(&sb->why, -ENOMEM, "%s", name);
}

static char **make_shell_argv(char *path, char *const argv[])
{
	size_t n = 0;

	while (argv[n])
		n++;
	char **shell = calloc(n + 2, sizeof *shell);
	if (!shell)
		return NULL;
	shell[0] = (char *)"/bin/sh";
	shell[1] = path;
	for (size_t i = 1; i < n; i++)
		shell[i + 1] = argv[i];
	return shell;
}

int command_prepare(struct demi_sandbox *sb, char *const argv[], struct child_plan *plan)
{
	if (!argv || !argv[0])
		return fail(&sb->why, -EINVAL, "an empty command");
	plan->argv = argv;
	plan->envp = make_env(sb);
	if (!plan->envp)
		return fail(&sb->why, -ENOMEM, "env");
	int rc = look_up(sb, argv[0], plan->envp, &plan->path);
	if (rc < 0)
		return rc;
	plan->shell_argv = make_shell_argv(plan->path, argv);
	return plan->shell_argv ? 0 : fail(&sb->why, -ENOMEM, "argv");
}

void command_free(struct child_plan *plan)
{
	free(plan->path);
	free(plan->envp);
	free(plan->shell_argv);
}
