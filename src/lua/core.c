/* luaopen_demilune_core: the types and the facts about system calls. */
#include "convert.h"
#include "wait.h"

__attribute__((visibility("default"))) int luaopen_demilune_core(lua_State *L);

/* [-0, +1, v]  syscall_number(name) -> nr | nil */
static int syscall_number(lua_State *L)
{
	int nr = demi_syscall_number(check_cstring(L, 1));

	if (nr < 0)
		luaL_pushfail(L);
	else
		lua_pushinteger(L, nr);
	return 1;
}

static int check_nr(lua_State *L)
{
	lua_Integer nr = luaL_checkinteger(L, 1);

	return 0 <= nr && nr <= INT32_MAX ? (int)nr : -1;
}

/* [-0, +1, v]  syscall_name(nr) -> name | nil */
static int syscall_name(lua_State *L)
{
	lua_pushstring(L, demi_syscall_name(check_nr(L)));
	return 1;
}

/* [-0, +1, m]  syscall_names() -> all names of this architecture */
static int syscall_names(lua_State *L)
{
	lua_Integer n = 0;

	lua_newtable(L);
	for (int nr = 0; nr < DEMI_SYSCALL_END; nr++) {
		const char *name = demi_syscall_name(nr);
		if (!name)
			continue;
		lua_pushstring(L, name);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* [-0, +1, v]  is_fragile(nr) -> boolean */
static int is_fragile(lua_State *L)
{
	lua_pushboolean(L, demi_syscall_fragile(check_nr(L)));
	return 1;
}

/* [-0, +1, v]  is_performable(nr) -> boolean */
static int is_performable(lua_State *L)
{
	lua_pushboolean(L, demi_syscall_performable(check_nr(L)));
	return 1;
}

/* [-0, +1, v]  errno(name) -> number */
static int errno_number(lua_State *L)
{
	lua_pushinteger(L, check_errno(L, 1));
	return 1;
}

int luaopen_demilune_core(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "sandbox", sandbox_create }, { "set_suggest", convert_set_suggest },
		{ "syscall_number", syscall_number }, { "syscall_name", syscall_name },
		{ "syscall_names", syscall_names }, { "is_fragile", is_fragile },
		{ "is_performable", is_performable },
		{ "errno", errno_number }, { "fd_file", fd_file },
		{ "spawn", child_spawn }, { "wait", wait_fd },
		{ "protections", access_protections }, { "features", features_find },
		{ "parse_address", access_parse_address },
		{ NULL, NULL },
	};

	luaL_checkversion(L);
	luaL_newlib(L, functions);
	facts_open(L);
	action_open(L);
	child_open(L);
	args_open(L);
	ctx_open(L);
	sandbox_open(L);
	run_open(L);
	host_open(L);
	return 1;
}
