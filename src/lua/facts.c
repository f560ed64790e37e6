/* The tables of system calls and constants, for Lua to decode with. */
#include "sandbox.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>

static const char *const type_names[] = {
	[DEMI_TYPE_INT] = "int", [DEMI_TYPE_UINT] = "uint", [DEMI_TYPE_LONG] = "long",
	[DEMI_TYPE_ULONG] = "ulong", [DEMI_TYPE_ADDRESS] = "address",
};

/* [-0, +1, m]  { name=, kind=, type=, ref=, ref2= } */
static void push_arg(lua_State *L, const struct demi_arg *arg)
{
	static const char *const refs[] = { "ref", "ref2" };

	lua_createtable(L, 0, 5);
	lua_pushstring(L, arg->name);
	lua_setfield(L, -2, "name");
	lua_pushstring(L, arg->kind);
	lua_setfield(L, -2, "kind");
	lua_pushstring(L, type_names[arg->type]);
	lua_setfield(L, -2, "type");
	for (int i = 0; i < 2; i++) {
		if (arg->refs[i] < 0)
			continue;
		lua_pushinteger(L, arg->refs[i] + 1);
		lua_setfield(L, -2, refs[i]);
	}
}

/* [-0, +1, v]  syscall_args(nr) -> list | nil, for a call that is not in the table */
static int syscall_args(lua_State *L)
{
	lua_Integer nr = luaL_checkinteger(L, 1);
	size_t n;
	const struct demi_arg *args =
		demi_syscall_args(0 <= nr && nr <= INT32_MAX ? (int)nr : -1, &n);

	if (!args) {
		luaL_pushfail(L);
		return 1;
	}
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		push_arg(L, &args[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* [-0, +1, v]  constants(set) -> { { name, value }, ... } | nil */
static int constants(lua_State *L)
{
	const struct demi_constants *set = demi_constants_find(luaL_checkstring(L, 1));

	if (!set) {
		luaL_pushfail(L);
		return 1;
	}
	lua_newtable(L);
	for (int i = 0; set->list[i].name[0]; i++) {
		lua_createtable(L, 2, 0);
		lua_pushstring(L, set->list[i].name);
		lua_rawseti(L, -2, 1);
		lua_pushinteger(L, set->list[i].value);
		lua_rawseti(L, -2, 2);
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* [-0, +1, v]  constant(name) -> value | nil, of flags, of signals */
static int constant(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	int64_t value;

	if (demi_constant_value(name, &value) == 0)
		lua_pushinteger(L, value);
	else if (signal_number(name) > 0)
		lua_pushinteger(L, signal_number(name));
	else
		luaL_pushfail(L);
	return 1;
}

/* [-0, +1, v]  number_text(kind, reg) -> "O_RDWR|O_CREAT" | nil, for an unknown kind */
static int number_text(lua_State *L)
{
	const char *kind = luaL_checkstring(L, 1);
	char text[2048];	/* 32 flags of 43 letters */
	ssize_t n = demi_number_text(kind, (uint64_t)luaL_checkinteger(L, 2), text, sizeof text);

	if (n < 0)
		luaL_pushfail(L);
	else
		lua_pushlstring(L, text, (size_t)n);
	return 1;
}

/* [-0, +1, v]  bytes_text(bytes) -> bytes quoted as in C */
static int bytes_text(lua_State *L)
{
	size_t len;
	const char *bytes = luaL_checklstring(L, 1, &len);
	luaL_Buffer b;

	luaL_argcheck(L, len < INT32_MAX / 8, 1, "too long");
	char *text = luaL_buffinitsize(L, &b, 4 * len + 3);
	luaL_pushresultsize(&b, (size_t)demi_bytes_text(bytes, len, text, 4 * len + 3));
	return 1;
}

/* [-0, +1, v]  signal_name(n) -> "SIGTERM", or the number as a string */
static int signal_name(lua_State *L)
{
	lua_Integer sig = luaL_checkinteger(L, 1);

	push_signal_name(L, 0 < sig && sig < NSIG ? (int)sig : 0);
	return 1;
}

/* [-0, +1, v]  real_path(path) -> where it leads for this process, or nil: realpath(3) */
static int real_path(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	char real[PATH_MAX];

	if (realpath(path, real))
		lua_pushstring(L, real);
	else
		luaL_pushfail(L);
	return 1;
}

void facts_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "syscall_args", syscall_args }, { "constants", constants }, { "constant", constant },
		{ "number_text", number_text }, { "bytes_text", bytes_text }, { "signal_name", signal_name }, { "real_path", real_path }, { "extend_ctx", ctx_extend },
		{ "try_conditions", conditions_try }, { "conditions_hold", conditions_hold },
		{ NULL, NULL },
	};

	luaL_setfuncs(L, functions, 0);
}
