/*
 * The rules of a sandbox, looked up and made a Landlock ruleset. Landlock can only
 * grant, and what is granted on a directory is granted on all beneath: a denied path
 * is carved out by granting everything beside it instead, place by place.
 */
#include "grants.h"

#include "compat.h"
#include "protection.h"
#include "util.h"

#include <demilune.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

void grants_free(struct grants *grants)
{
	fd_close(&grants->ruleset);
	places_free(&grants->places);
	places_free(&grants->denied);
	free(grants->all);
	free(grants->rules);
	*grants = (struct grants){ .ruleset = -1 };
}

int grants_note(struct grants *grants, const struct stat *st, uint64_t rights)
{
	struct file_rule *rules = reallocarray(grants->rules, grants->n_rules + 1, sizeof *rules);

	if (!rules)
		return -ENOMEM;
	grants->rules = rules;
	rules[grants->n_rules++] = (struct file_rule){ st->st_dev, st->st_ino, rights };
	return 0;
}

uint64_t grants_rights(const struct grants *grants, const struct stat *st)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < grants->n_rules; i++)
		if (grants->rules[i].dev == st->st_dev && grants->rules[i].ino == st->st_ino)
			rights |= grants->rules[i].rights;
	return rights;
}

static unsigned int bit(unsigned int protection)
{
	return 1U << protection;
}

/* Ways in which not every port is granted. */
static struct landlock_scope scope_of(const struct access_rules *rules)
{
	struct landlock_scope scope = {
		rules->confines_files, rules->confines_net, rules->confines_net,
	};

	for (size_t i = 0; i < rules->n_ports; i++) {
		const struct port_rule *rule = &rules->ports[i];
		if (rule->first != 0 || rule->last != UINT16_MAX)
			continue;
		if (rule->ways & DEMI_TCP_BIND)
			scope.binds = false;
		if (rule->ways & DEMI_TCP_CONNECT)
			scope.connects = false;
	}
	return scope;
}

/* null, zero, full, random and urandom, mem(4), random(4): nothing there is to be guarded */
static bool is_harmless(const struct stat *st)
{
	unsigned int minor = minor(st->st_rdev);

	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 1 &&
	       (minor == 3 || minor == 5 || (7 <= minor && minor <= 9));
}

/* Can a device be opened for reading only? Those that stand elsewhere than in /dev, where
 * root alone can make them, are not looked for. */
static bool reads_devices(const struct grants *grants)
{
	for (size_t i = 0; i < grants->n; i++) {
		const struct place *place = &grants->places.all[grants->all[i].place];
		mode_t mode = place->st.st_mode;
		if (grants->all[i].access & LANDLOCK_WRITE)
			continue;
		if (S_ISDIR(mode) ? strcmp(place->text, "/") == 0 ||
				    strcmp(place->text, "/dev") == 0 ||
				    place_is_beneath(place->text, "/dev")
				  : (S_ISCHR(mode) || S_ISBLK(mode)) && !is_harmless(&place->st))
			return true;
	}
	return false;
}

static int check_abi(const struct access_rules *rules, const struct landlock_scope *scope,
		     struct grants *out, struct why *why)
{
	unsigned int wanted = bit(DEMI_PROTECTION_SIGNALS);

	if (scope->files)
		wanted |= bit(DEMI_PROTECTION_FILES) | bit(DEMI_PROTECTION_TRUNCATION);
	if (scope->files && reads_devices(out))
		wanted |= bit(DEMI_PROTECTION_DEVICES);
	for (size_t i = 0; i < rules->n_paths; i++)
		if (rules->paths[i].flags & DEMI_PATH_WRITE)
			wanted |= bit(DEMI_PROTECTION_RENAMES);
	/* without a port no TCP socket can be made at all: guard.c */
	if (rules->n_ports && (scope->binds || scope->connects))
		wanted |= bit(DEMI_PROTECTION_TCP);
	out->missing = protection_lacks(out->abi, wanted);
	out->missing |= protection_refused(rules->isolated, ~rules->errors);
	for (unsigned int p = 0; p < DEMI_PROTECTION_END; p++)
		if (out->missing & rules->errors & bit(p))
			return fail(why, -EOPNOTSUPP, "protection \"%s\" needs Linux %s with "
				    "Landlock ABI %d, this one has ABI %d; on_missing = { %s = "
				    "\"degrade\" } runs without", protections[p].name,
				    protections[p].release, protections[p].abi, out->abi,
				    protections[p].name);
	return 0;
}

static int add_grant(struct grants *out, unsigned int access)
{
	struct grant *all = reallocarray(out->all, out->n + 1, sizeof *all);

	if (!all)
		return -ENOMEM;
	out->all = all;
	all[out->n++] = (struct grant){ out->places.n - 1, access, false };
	return 0;
}

static int look_up(const struct path_rule *rule, struct grants *out, struct why *why)
{
	bool writes = rule->flags & DEMI_PATH_WRITE;

	if (rule->flags & DEMI_PATH_DENY)
		return places_add_denied(&out->denied, rule->path, why);
	int rc = places_add(&out->places, writes ? "write" : "read", rule->path, why);
	if ((rc == -ENOENT || rc == -ENOTDIR) && rule->flags & DEMI_PATH_OPTIONAL)
		return 0;
	if (rc < 0)
		return rc;
	rc = add_grant(out, writes ? LANDLOCK_WRITE : LANDLOCK_READ);
	return rc < 0 ? fail(why, rc, "%s", rule->path) : 0;
}

/* A grant inside a denied place is a mistake, or a symbolic link that someone bent. */
static int check_conflicts(const struct grants *grants, struct why *why)
{
	for (size_t i = 0; i < grants->denied.n; i++) {
		const struct place *denied = &grants->denied.all[i];
		for (size_t j = 0; j < grants->places.n; j++) {
			const struct place *granted = &grants->places.all[j];
			if (place_is_beneath(granted->text, denied->text) ||
			    strcmp(granted->text, denied->text) == 0 ||
			    place_is_same(denied, &granted->st))
				return fail(why, -EINVAL, "%s is granted, but %s is denied",
					    granted->text, denied->text);
		}
		if (grants->places.n == 0)
			return fail(why, -EINVAL, "deny %s: there is no read or write that it "
				    "could be carved from", denied->text);
	}
	return 0;
}

struct carving {
	struct grants *grants;
	unsigned int access;
	struct why *why;
};

static int allow(const struct carving *c, int fd, const char *text, unsigned int access)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(c->why, -errno, "%s", text);
	uint64_t rights = landlock_rights(c->grants->abi, access, st.st_mode);
	int rc = rights ? landlock_allow_path(c->grants->ruleset, fd, rights) : 0;
	if (rc == 0 && rights)
		rc = grants_note(c->grants, &st, rights);
	return rc < 0 ? fail(c->why, rc, "landlock_add_rule %s", text) : 0;
}

static bool is_denied(const struct carving *c, const char *text, const struct stat *st)
{
	struct places *denied = &c->grants->denied;
	bool is = false;

	for (size_t i = 0; i < denied->n; i++) {
		if (strcmp(text, denied->all[i].text) == 0 || place_is_same(&denied->all[i], st))
			is = denied->all[i].is_met = true;
	}
	return is;
}

/* Something beneath text is denied; *has_dir: a directory is. */
static bool has_denied(const struct carving *c, const char *text, bool *has_dir)
{
	const struct places *denied = &c->grants->denied;
	bool has = false;

	*has_dir = false;
	for (size_t i = 0; i < denied->n; i++) {
		const struct place *place = &denied->all[i];
		if (!place_is_beneath(place->text, text))
			continue;
		has = true;
		if (place->fd >= 0 && S_ISDIR(place->st.st_mode))
			*has_dir = true;
	}
	return has;
}

static int grant_around(const struct carving *c, int fd, const char *text);

/* One entry of a directory on the way to a denied place. */
static int grant_entry(const struct carving *c, int dir, const char *dir_text,
		       const char *name)
{
	char text[PATH_MAX];
	struct stat st;
	bool has_dir;

	if (snprintf(text, sizeof text, "%s/%s", strcmp(dir_text, "/") == 0 ? "" : dir_text,
		     name) >= (int)sizeof text)
		return fail(c->why, -ENAMETOOLONG, "%s/%s", dir_text, name);
	AUTO_FD fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : fail(c->why, -errno, "%s", text);
	if (is_denied(c, text, &st))
		return 0;
	if (S_ISLNK(st.st_mode))	/* what it leads to is judged where it is */
		return 0;
	if (has_denied(c, text, &has_dir))
		return grant_around(c, fd, text);
	return allow(c, fd, text, c->access);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int grant_around(const struct carving *c, int fd, const char *text)
{
	bool has_dir;
	int rc = 0;

	has_denied(c, text, &has_dir);
	/* Landlock grants downwards: a list of this is a list of the denied, too */
	if (!has_dir)
		rc = allow(c, fd, text, LANDLOCK_LIST);
	int list = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__attribute__((cleanup(close_dir))) DIR *dir = list < 0 ? NULL : fdopendir(list);
	if (!dir)
		return fail(c->why, -errno, "to deny what is in %s it must be listed", text);
	while (rc == 0) {
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (!entry)
			return errno ? fail(c->why, -errno, "the list of %s", text) : 0;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = grant_entry(c, fd, text, entry->d_name);
	}
	return rc;
}

/* A place that was not met stands open under another spelling, or was just moved. */
static int check_met(const struct carving *c, const char *text)
{
	const struct places *denied = &c->grants->denied;

	for (size_t i = 0; i < denied->n; i++)
		if (denied->all[i].fd >= 0 && !denied->all[i].is_met &&
		    place_is_beneath(denied->all[i].text, text))
			return fail(c->why, -ESTALE, "deny %s: it was not found beneath %s",
				    denied->all[i].text, text);
	return 0;
}

static int grant(struct grants *grants, struct grant *one, struct why *why)
{
	const struct place *place = &grants->places.all[one->place];
	const struct carving c = { grants, one->access, why };
	bool has_dir;

	for (size_t i = 0; i < grants->denied.n; i++)
		grants->denied.all[i].is_met = false;
	one->is_whole = !has_denied(&c, place->text, &has_dir);
	if (one->is_whole)
		return allow(&c, place->fd, place->text, one->access);
	int rc = grant_around(&c, place->fd, place->text);
	return rc < 0 ? rc : check_met(&c, place->text);
}

static int grant_ports(const struct grants *grants, const struct port_rule *rule,
		       struct why *why)
{
	uint64_t rights = 0;

	if (rule->ways & DEMI_TCP_BIND)
		rights |= LANDLOCK_ACCESS_NET_BIND_TCP;
	if (rule->ways & DEMI_TCP_CONNECT)
		rights |= LANDLOCK_ACCESS_NET_CONNECT_TCP;
	rights &= grants->masks.net;
	for (unsigned int port = rule->first; rights && port <= rule->last; port++) {
		int rc = landlock_allow_port(grants->ruleset, rights, (uint16_t)port);
		if (rc < 0)
			return fail(why, rc, "landlock_add_rule port %u", port);
	}
	return 0;
}

static int fill(const struct access_rules *rules, struct grants *out, struct why *why)
{
	int rc = 0;

	for (size_t i = 0; i < out->n && out->masks.fs && rc == 0; i++)
		rc = grant(out, &out->all[i], why);
	for (size_t i = 0; i < rules->n_ports && rc == 0; i++)
		rc = grant_ports(out, &rules->ports[i], why);
	return rc;
}

int grants_make(const struct access_rules *rules, struct grants *out, struct why *why)
{
	struct landlock_scope scope = scope_of(rules);
	int rc = 0;

	*out = (struct grants){ .ruleset = -1, .abi = landlock_abi() };
	for (size_t i = 0; i < rules->n_paths && rc == 0; i++)
		rc = look_up(&rules->paths[i], out, why);
	if (rc == 0)
		rc = check_abi(rules, &scope, out, why);
	if (rc == 0)
		rc = check_conflicts(out, why);
	if (rc < 0)
		return rc;
	out->masks = landlock_masks(out->abi, &scope);
	if (!out->masks.fs && !out->masks.net && !out->masks.scoped)
		return 0;
	out->ruleset = fd_above_stdio(landlock_create(&out->masks));
	if (out->ruleset < 0)
		return fail(why, out->ruleset, "landlock_create_ruleset");
	return fill(rules, out, why);
}
