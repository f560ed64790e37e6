/* What this machine offers, for demilune doctor. */
#include "sandbox.h"

static void set_flags(lua_State *L, const char *const names[], uint32_t set, const char *field)
{
	lua_newtable(L);
	for (int i = 0; names[i]; i++) {
		lua_pushboolean(L, set >> i & 1);
		lua_setfield(L, -2, names[i]);
	}
	lua_setfield(L, -2, field);
}

static void set_string(lua_State *L, const char *value, const char *field)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, lua_Integer value, const char *field)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, field);
}

/* [-0, +1, m]  features() -> table; the sets are tables of booleans */
int features_find(lua_State *L)
{
	/* in the order of the bits */
	static const char *const seccomp[] = { "filter", "notify", "add_fd", "add_fd_send",
					       "killable_wait", "fast_wake_up", NULL };
	static const char *const isolation[] = { "net", "pid", "ipc", "uts", "mount", "root",
						 NULL };
	struct demi_features features;

	demi_features_find(&features);
	lua_createtable(L, 0, 10);
	set_string(L, features.release, "release");
	set_string(L, features.machine, "machine");
	set_string(L, features.libseccomp, "libseccomp");
	set_integer(L, features.landlock_abi, "landlock_abi");
	set_integer(L, features.processes_group, "processes_group");
	set_integer(L, features.memory_group, "memory_group");
	lua_pushboolean(L, features.has_process_calls != 0);
	lua_setfield(L, -2, "has_process_calls");
	lua_pushboolean(L, features.can_read_programs != 0);
	lua_setfield(L, -2, "can_read_programs");
	set_flags(L, seccomp, features.seccomp, "seccomp");
	set_flags(L, isolation, features.isolation, "isolation");
	if (features.isolation_error) {
		push_errno_name(L, features.isolation_error);
		lua_setfield(L, -2, "isolation_error");
	}
	/* those of namespaces are in isolation, tried already */
	push_protection_list(L, DEMI_PROTECTION_ISOLATE_NET);
	lua_setfield(L, -2, "protections");
	return 1;
}
