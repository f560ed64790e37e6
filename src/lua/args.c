/* ctx.args: the arguments of a call by place, as the registers hold them, and by name,
 * as the kernel takes them by their C type. */
#include "ctx.h"

#include <string.h>

struct args {
	uint64_t regs[6];
	int nr;
};

int args_push(lua_State *L, const struct demi_notif *notif)
{
	struct args *args = lua_newuserdatauv(L, sizeof *args, 0);

	memcpy(args->regs, notif->args, sizeof args->regs);
	args->nr = notif->syscall_nr;
	set_type(L, ARGS);
	return 1;
}

/* [-0, +0, v]  the caller named an argument that the call does not have */
static int complain_of_name(lua_State *L, int nr, const char *name)
{
	size_t n;
	const struct demi_arg *list = demi_syscall_args(nr, &n);

	if (!list)
		return luaL_error(L, "the arguments of %s have no names here: use 1 to 6",
				  demi_syscall_name(nr));
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_pushstring(L, list[i].name);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	push_hint(L, name);
	return luaL_error(L, "%s has no argument \"%s\"%s", demi_syscall_name(nr), name,
			  lua_tostring(L, -1));
}

/* from 0, or -1 */
static int find(int nr, const char *name)
{
	size_t n;
	const struct demi_arg *list = demi_syscall_args(nr, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return (int)i;
	return -1;
}

int check_arg(lua_State *L, int index, int nr)
{
	if (lua_type(L, index) == LUA_TSTRING) {
		const char *name = lua_tostring(L, index);
		int i = find(nr, name);
		return i < 0 ? complain_of_name(L, nr, name) : i;
	}
	lua_Integer i = lua_isinteger(L, index) ? lua_tointeger(L, index) : 0;
	if (i < 1 || i > 6)
		return luaL_error(L, "a system call has arguments 1 to 6");
	return (int)i - 1;
}

/* [-0, +1, v]  args[1..6], args.name */
static int args_index(lua_State *L)
{
	const struct args *args = check_type(L, 1, ARGS);
	int i = check_arg(L, 2, args->nr);
	size_t n;

	if (lua_type(L, 2) == LUA_TSTRING) {
		const struct demi_arg *arg = demi_syscall_args(args->nr, &n) + i;
		lua_pushinteger(L, demi_arg_value((enum demi_type)arg->type, args->regs[i]));
	} else {
		lua_pushinteger(L, (lua_Integer)args->regs[i]);
	}
	return 1;
}

/* [-0, +1, -] */
static int args_len(lua_State *L)
{
	lua_pushinteger(L, 6);
	return 1;
}

/* [-0, +0, v] */
static int is_read_only(lua_State *L)
{
	return luaL_error(L, "a ctx is read-only");
}

void args_open(lua_State *L)
{
	static const luaL_Reg meta[] = {
		{ "__len", args_len }, { "__newindex", is_read_only }, { NULL, NULL },
	};

	new_type(L, ARGS, meta);
	lua_pushcfunction(L, args_index);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 1);
}
