/* Conditions, as lua/demilune/when.lua compiles them. */
#include "sandbox.h"

#include <errno.h>
#include <string.h>

/* [-0, +0, v]  an integer field of the table on top; or fallback, if there is none */
static lua_Integer get_integer(lua_State *L, const char *name, const lua_Integer *fallback)
{
	int is_integer = 1;

	if (lua_getfield(L, -1, name) == LUA_TNIL && fallback) {
		lua_pop(L, 1);
		return *fallback;
	}
	lua_Integer value = lua_tointegerx(L, -1, &is_integer);
	if (!is_integer)
		luaL_error(L, "a condition's %s is an integer, not a %s", name,
			   luaL_typename(L, -1));
	lua_pop(L, 1);
	return value;
}

/* [-0, +0, v]  which of names the field of the table on top is, from 1 */
static uint8_t get_option(lua_State *L, const char *field, const char *const *names)
{
	lua_getfield(L, -1, field);
	const char *word = lua_isstring(L, -1) ? lua_tostring(L, -1) : "?";

	for (uint8_t i = 1; names[i]; i++)
		if (strcmp(names[i], word) == 0) {
			lua_pop(L, 1);
			return i;
		}
	luaL_error(L, "a condition's %s is not \"%s\"", field, word);
	return 0;
}

/* [-0, +0, v]  the table on top */
static void take(lua_State *L, struct demi_condition *out)
{
	static const char *const ops[] = { "", "eq", "ne", "lt", "ge", "any", "all", NULL };
	static const char *const types[] = { "", "int", "uint", "long", "ulong", "address",
					     NULL };
	static const lua_Integer all_bits = -1;
	lua_Integer arg = get_integer(L, "arg", NULL);
	lua_Integer alternative = get_integer(L, "alternative", NULL);

	if (arg < 1 || arg > 6 || alternative < 0 || alternative > UINT8_MAX)
		luaL_error(L, "a condition is about arguments 1 to 6, in 256 alternatives");
	*out = (struct demi_condition){
		.arg = (uint8_t)(arg - 1), .alternative = (uint8_t)alternative,
		.op = get_option(L, "op", ops), .type = get_option(L, "type", types),
		.mask = (uint64_t)get_integer(L, "mask", &all_bits),
		.value = (uint64_t)get_integer(L, "value", NULL),
	};
}

const struct demi_condition *check_conditions(lua_State *L, int arg, size_t *n)
{
	*n = 0;
	if (lua_isnoneornil(L, arg)) {
		lua_pushnil(L);
		return NULL;
	}
	luaL_checktype(L, arg, LUA_TTABLE);
	lua_Integer len = luaL_len(L, arg);
	struct demi_condition *list = lua_newuserdatauv(L, ((size_t)len + 1) * sizeof *list, 0);
	for (lua_Integer i = 1; i <= len; i++) {
		luaL_argcheck(L, lua_geti(L, arg, i) == LUA_TTABLE, arg, "a list of tables");
		take(L, &list[i - 1]);
		lua_pop(L, 1);
	}
	*n = (size_t)len;
	return list;
}

static int never(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		 struct demi_action *act)
{
	(void)ud;
	(void)notif;
	(void)mem;
	(void)act;
	return -EINVAL;
}

int conditions_try(lua_State *L)
{
	size_t n;
	const struct demi_condition *list = check_conditions(L, 1, &n);
	struct demi_handler *handler;
	int rc = demi_handler_new(never, NULL, NULL, DEMI_EXCEPTION_KILL, &handler);

	if (rc == 0)
		rc = demi_handler_when(handler, list, n);
	demi_handler_free(handler);
	if (rc == 0) {
		lua_pushboolean(L, 1);
		return 1;
	}
	luaL_pushfail(L);
	lua_pushstring(L, rc == -EDOM ? "no call can meet all of it"
		       : rc == -E2BIG ? "too many comparisons for a filter"
		       : rc == -EINVAL ? "a value that the argument can never have"
		       : strerror(-rc));
	lua_pushinteger(L, -rc);
	return 3;
}

/* [-0, +1, v]  core.conditions_hold(list, { register, ... }) -> boolean */
int conditions_hold(lua_State *L)
{
	uint64_t args[6];
	size_t n;

	lua_settop(L, 2);
	luaL_checktype(L, 2, LUA_TTABLE);
	const struct demi_condition *list = check_conditions(L, 1, &n);
	for (int i = 0; i < 6; i++) {
		lua_geti(L, 2, i + 1);
		args[i] = (uint64_t)luaL_optinteger(L, -1, 0);
		lua_pop(L, 1);
	}
	lua_pushboolean(L, demi_conditions_hold(list, n, args));
	return 1;
}
