/* Values that cross the border: errors, errnos, signals, strings. */
#include "convert.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* the registry's place of the function that suggests names */
static const char suggest_key;

int push_fail(lua_State *L, int rc, const char *what)
{
	luaL_pushfail(L);
	lua_pushfstring(L, "%s: %s", what, strerror(-rc));
	lua_pushinteger(L, -rc);
	return 3;
}

int convert_set_suggest(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	lua_settop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &suggest_key);
	return 0;
}

void push_hint(lua_State *L, const char *word)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &suggest_key) != LUA_TFUNCTION) {
		lua_pushliteral(L, "");
		return;
	}
	lua_pushstring(L, word);
	lua_pushvalue(L, -3);
	lua_call(L, 2, 1);
	if (lua_isstring(L, -1))
		lua_pushfstring(L, ", did you mean \"%s\"?", lua_tostring(L, -1));
	else
		lua_pushliteral(L, "");
}

/* errno(3) and signal(7): all that glibc has a name for */
#define ERRNO_MAX 4095
#define NAMED_MAX 200

static const char *errno_name(int error)
{
	return strerrorname_np(error);
}

static const char *signal_name(int sig)
{
	return 0 < sig && sig < NSIG ? sigabbrev_np(sig) : NULL;
}

int signal_number(const char *name)
{
	const char *known;

	if (strncmp(name, "SIG", 3) != 0)
		return 0;
	for (int sig = 1; sig < NSIG; sig++)
		if ((known = signal_name(sig)) && strcmp(known, name + 3) == 0)
			return sig;
	return 0;
}

/* [-0, +0, v]  prefix: what a name may start with and name_of does not give */
static int check_named(lua_State *L, int arg, const char *kind, const char *prefix,
		       const char *(*name_of)(int))
{
	const char *word = luaL_checkstring(L, arg), *name;
	size_t skip = strncmp(word, prefix, strlen(prefix)) == 0 ? strlen(prefix) : 0;

	for (int i = 1; i < NAMED_MAX; i++)
		if ((name = name_of(i)) && strcmp(name, word + skip) == 0)
			return i;
	lua_newtable(L);
	for (int i = 1; i < NAMED_MAX; i++) {
		if (!(name = name_of(i)))
			continue;
		lua_pushfstring(L, "%s%s", prefix, name);
		lua_rawseti(L, -2, luaL_len(L, -2) + 1);
	}
	push_hint(L, word);
	lua_pushfstring(L, "unknown %s \"%s\"%s", kind, word, lua_tostring(L, -1));
	return luaL_argerror(L, arg, lua_tostring(L, -1));
}

int check_errno(lua_State *L, int arg)
{
	if (lua_type(L, arg) == LUA_TSTRING)
		return check_named(L, arg, "errno", "", errno_name);
	lua_Integer error = luaL_checkinteger(L, arg);
	luaL_argcheck(L, 1 <= error && error <= ERRNO_MAX, arg, "an errno is 1 to 4095");
	return (int)error;
}

int check_signal(lua_State *L, int arg)
{
	if (lua_type(L, arg) == LUA_TSTRING)
		return check_named(L, arg, "signal", "SIG", signal_name);
	lua_Integer sig = luaL_checkinteger(L, arg);
	luaL_argcheck(L, 1 <= sig && sig <= SIGRTMAX, arg, "no such signal");
	return (int)sig;
}

void push_errno_name(lua_State *L, int error)
{
	const char *name = errno_name(error);

	if (name)
		lua_pushstring(L, name);
	else
		lua_pushfstring(L, "%d", error);
}

void push_signal_name(lua_State *L, int sig)
{
	const char *name = signal_name(sig);

	if (name)
		lua_pushfstring(L, "SIG%s", name);
	else
		lua_pushfstring(L, "%d", sig);
}

const char *check_cstring(lua_State *L, int arg)
{
	size_t len;
	const char *s = luaL_checklstring(L, arg, &len);

	luaL_argcheck(L, strlen(s) == len, arg, "a string here must not contain NUL");
	return s;
}

char **check_strings(lua_State *L, int arg)
{
	luaL_checktype(L, arg, LUA_TTABLE);
	lua_Integer n = luaL_len(L, arg);
	char **list = lua_newuserdatauv(L, ((size_t)n + 1) * sizeof *list, 1);
	int keeper = lua_gettop(L);

	lua_createtable(L, (int)n, 0);	/* the strings must outlive the table's use */
	for (lua_Integer i = 1; i <= n; i++) {
		size_t len;
		if (lua_geti(L, arg, i) != LUA_TSTRING)
			luaL_error(L, "argument %d of the command is a %s, not a string",
				   (int)i - 1, luaL_typename(L, -1));
		const char *s = lua_tolstring(L, -1, &len);
		if (strlen(s) != len)
			luaL_error(L, "argument %d of the command contains NUL", (int)i - 1);
		list[i - 1] = (char *)s;
		lua_rawseti(L, keeper + 1, i);
	}
	list[n] = NULL;
	lua_setiuservalue(L, keeper, 1);
	return list;
}

uint64_t check_address(lua_State *L, int arg)
{
	return (uint64_t)luaL_checkinteger(L, arg);
}

const char ACTION[] = "demilune.action", CTX[] = "demilune.ctx", ARGS[] = "demilune.args",
	   SANDBOX[] = "demilune.sandbox", RUN[] = "demilune.run", SINK[] = "demilune.sink";

void new_type(lua_State *L, const char *type, const luaL_Reg *methods)
{
	luaL_newmetatable(L, type);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, type);
	luaL_setfuncs(L, methods, 0);
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "__index");
	/* a script must not get at the methods to change them */
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
}

void set_type(lua_State *L, const char *type)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, type);
	lua_setmetatable(L, -2);
}

void *test_type(lua_State *L, int index, const char *type)
{
	void *userdata = lua_touserdata(L, index);

	if (!userdata || !lua_getmetatable(L, index))
		return NULL;
	lua_rawgetp(L, LUA_REGISTRYINDEX, type);
	if (!lua_rawequal(L, -1, -2))
		userdata = NULL;
	lua_pop(L, 2);
	return userdata;
}

void *check_type(lua_State *L, int index, const char *type)
{
	void *userdata = test_type(L, index, type);

	return userdata ? userdata : luaL_checkudata(L, index, type);	/* raises */
}
