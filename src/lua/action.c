/* Action userdata: constructors, tostring, equality. An action never changes; the
 * descriptor of an injection can be given away once. */
#include "action.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct value {
	struct demi_action act;
	int shown_fd;		/* what tostring and == speak of */
	int is_spent;
};

/* [-0, +1, m] */
static struct value *new_value(lua_State *L)
{
	struct value *value = lua_newuserdatauv(L, sizeof *value, 1);

	*value = (struct value){ .act.fd = -1, .shown_fd = -1 };
	set_type(L, ACTION);
	return value;
}

/* [-0, +1, -]  continue(): one value for all */
static int new_continue(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	return 1;
}

/* [-0, +1, v]  deny(errno) */
static int new_deny(lua_State *L)
{
	int error = check_errno(L, 1);

	demi_action_set_errno(&new_value(L)->act, error);
	return 1;
}

/* [-0, +1, v]  returns(n) */
static int new_returns(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 1);
	int rc = demi_action_set_value(&new_value(L)->act, n);

	luaL_argcheck(L, rc == 0, 1, "-4095 to -1 would be an errno: use deny");
	return 1;
}

/* [-0, +1, -]  hold() */
static int new_hold(lua_State *L)
{
	demi_action_set_hold(&new_value(L)->act);
	return 1;
}

/* [-0, +1, v]  kill(sig, pgid = 0) */
static int new_kill(lua_State *L)
{
	int sig = check_signal(L, 1);
	lua_Integer pgid = luaL_optinteger(L, 2, 0);

	luaL_argcheck(L, pgid >= 0 && pgid <= INT32_MAX, 2, "a process group is not negative");
	luaL_argcheck(L, pgid != 1, 2, "group 1 is init's");
	int rc = demi_action_set_kill(&new_value(L)->act, sig, (pid_t)pgid);
	luaL_argcheck(L, rc != -EPERM, 2, "this is the supervisor's own process group");
	luaL_argcheck(L, rc == 0, 1, "invalid signal or group");
	return 1;
}

/* [-0, +0, v]  reads { cloexec = boolean } */
static unsigned int check_cloexec(lua_State *L, int arg)
{
	int cloexec = 1;

	if (lua_istable(L, arg)) {
		if (lua_getfield(L, arg, "cloexec") != LUA_TNIL)
			cloexec = lua_toboolean(L, -1);
		lua_pop(L, 1);
	}
	return cloexec ? O_CLOEXEC : 0;
}

/* [-0, +0, v]  only these fields in the table at arg */
static void check_options(lua_State *L, int arg, const char *const known[])
{
	if (lua_isnoneornil(L, arg))
		return;
	luaL_checktype(L, arg, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
		size_t i = 0;
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i])
			luaL_error(L, "unknown option \"%s\"", name);
	}
}

/* [-0, +0, v]  a number, whose descriptor becomes ours, or a Lua file: a copy of its */
static int check_fd(lua_State *L, int arg)
{
	luaL_Stream *stream = luaL_testudata(L, arg, LUA_FILEHANDLE);

	if (!stream) {
		lua_Integer fd = luaL_checkinteger(L, arg);
		luaL_argcheck(L, 0 <= fd && fd <= INT32_MAX, arg, "a descriptor is not negative");
		luaL_argcheck(L, fcntl((int)fd, F_GETFD) >= 0, arg, "this descriptor is not open");
		return (int)fd;
	}
	luaL_argcheck(L, stream->closef, arg, "the file is closed");
	fflush(stream->f);
	int fd = fcntl(fileno(stream->f), F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? luaL_error(L, "inject_fd: %s", strerror(errno)) : fd;
}

/* [-0, +1, v]  a value that injects what stands at arg, and owns it */
static struct demi_action *take_fd(lua_State *L, int arg)
{
	struct value *value = new_value(L);

	value->shown_fd = check_fd(L, arg);
	demi_action_set_inject_fd(&value->act, value->shown_fd, 0);
	return &value->act;
}

/* replaced by the chain's link, which has a lua_State for the real one */
static int no_callback(void *ud, struct demi_mem *mem, int newfd)
{
	(void)ud;
	(void)mem;
	(void)newfd;
	return -EIO;
}

/*
 * [-0, +1, v]  inject_fd(fd|file, { cloexec = true, on_success = fn })
 * The value owns the descriptor before the options can raise.
 */
static int new_inject_fd(lua_State *L)
{
	static const char *const options[] = { "cloexec", "on_success", NULL };

	lua_settop(L, 2);
	struct demi_action *act = take_fd(L, 1);
	check_options(L, 2, options);
	act->fd_flags = check_cloexec(L, 2);
	if (lua_istable(L, 2) && lua_getfield(L, 2, "on_success") != LUA_TNIL) {
		luaL_argcheck(L, lua_isfunction(L, -1), 2, "on_success must be a function");
		lua_setiuservalue(L, 3, 1);
		act->kind = DEMI_ACTION_INJECT_FD_SEND_TRACKED;
		act->on_injected = no_callback;
	}
	lua_settop(L, 3);
	return 1;
}

/* [-0, +1|3, v]  inject_bytes(s, { seal = true, cloexec = true }) */
static int new_inject_bytes(lua_State *L)
{
	static const char *const options[] = { "cloexec", "seal", NULL };
	size_t len;
	const char *bytes = luaL_checklstring(L, 1, &len);
	int seal = 1;

	check_options(L, 2, options);
	unsigned int flags = check_cloexec(L, 2);
	if (lua_istable(L, 2) && lua_getfield(L, 2, "seal") != LUA_TNIL)
		seal = lua_toboolean(L, -1);
	struct value *value = new_value(L);
	int fd = demi_bytes_fd(bytes, len, seal);
	if (fd < 0)
		return push_fail(L, fd, "inject_bytes");
	demi_action_set_inject_fd(&value->act, fd, flags);
	value->shown_fd = fd;
	return 1;
}

/* [-0, +0, v]  the path of perform{ path = ... } at arg, or NULL */
static const char *check_replacement(lua_State *L, int arg)
{
	static const char *const options[] = { "path", NULL };
	size_t len;

	check_options(L, arg, options);
	if (!lua_istable(L, arg) || lua_getfield(L, arg, "path") == LUA_TNIL)
		return NULL;
	luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, arg, "path must be a string");
	const char *path = lua_tolstring(L, -1, &len);
	luaL_argcheck(L, len > 0 && strlen(path) == len, arg, "a path is not empty and has no NUL");
	return path;	/* the table keeps it */
}

/* [-0, +1, v]  perform([{ path = string }] [, function(result, name, errno)]) */
static int new_perform(lua_State *L)
{
	int n = lua_gettop(L), last = n > 0 && lua_isfunction(L, n) ? n : 0;

	luaL_argcheck(L, n <= 2 && (n < 2 || last == 2), 2, "perform{ path = ... } or a function");
	const char *path = last == 1 ? NULL : check_replacement(L, 1);
	struct value *value = new_value(L);
	if (last) {
		lua_pushvalue(L, last);
		lua_setiuservalue(L, -2, 1);
	}
	int rc = demi_action_set_perform(&value->act, path, NULL, NULL, NULL);
	if (rc < 0)
		return luaL_error(L, "perform: %s", strerror(-rc));
	return 1;
}

/* [-0, +0, -]  __gc */
static int collect(lua_State *L)
{
	demi_action_drop(&((struct value *)check_type(L, 1, ACTION))->act);
	return 0;
}

/* [-0, +1, m]  __tostring */
static int to_string(lua_State *L)
{
	const struct value *value = check_type(L, 1, ACTION);
	const struct demi_action *act = &value->act;

	switch (value->is_spent ? DEMI_ACTION_UNSET : act->kind) {
	case DEMI_ACTION_CONTINUE:
		lua_pushliteral(L, "continue()");
		break;
	case DEMI_ACTION_ERRNO:
		push_errno_name(L, act->error);
		lua_pushfstring(L, "deny(\"%s\")", lua_tostring(L, -1));
		break;
	case DEMI_ACTION_RETURN_VALUE:
		lua_pushfstring(L, "returns(%I)", (LUAI_UACINT)act->value);
		break;
	case DEMI_ACTION_HOLD:
		lua_pushliteral(L, "hold()");
		break;
	case DEMI_ACTION_KILL:
		lua_pushfstring(L, "kill(%d, %d)", act->sig, act->pgid);
		break;
	case DEMI_ACTION_PERFORM:
		if (act->path)
			lua_pushfstring(L, "perform{ path = \"%s\" }", act->path);
		else
			lua_pushliteral(L, "perform()");
		break;
	default:
		lua_pushfstring(L, "inject_fd(%d)", value->shown_fd);
	}
	return 1;
}

static int is_same_path(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* [-0, +1, -]  __eq */
static int is_equal(lua_State *L)
{
	const struct value *a = test_type(L, 1, ACTION), *b = test_type(L, 2, ACTION);

	lua_pushboolean(L, a && b && a->act.kind == b->act.kind &&
			a->act.error == b->act.error && a->act.value == b->act.value &&
			is_same_path(a->act.path, b->act.path) &&
			a->act.sig == b->act.sig && a->act.pgid == b->act.pgid &&
			a->shown_fd == b->shown_fd && a->act.fd_flags == b->act.fd_flags);
	return 1;
}

/* [-0, +1, -]  is_action(value) */
static int is_action(lua_State *L)
{
	lua_pushboolean(L, test_type(L, 1, ACTION) != NULL);
	return 1;
}

enum demi_action_kind action_kind(lua_State *L, int index)
{
	const struct value *value = test_type(L, index, ACTION);

	return value ? (enum demi_action_kind)value->act.kind : DEMI_ACTION_UNSET;
}

const char *action_give(lua_State *L, int index, struct demi_action *out)
{
	struct value *value = test_type(L, index, ACTION);

	if (!value)
		return "not an action";
	if (value->is_spent)
		return "an injection that was already used: its descriptor is gone";
	*out = value->act;
	if (value->act.path && !(out->path = strdup(value->act.path)))
		return "more than memory has room for";
	if (value->act.fd >= 0) {	/* it has only one owner */
		value->act.fd = -1;
		value->is_spent = 1;
	}
	return NULL;
}

void action_push_callback(lua_State *L, int index)
{
	lua_getiuservalue(L, index, 1);
}

bool action_has_callback(lua_State *L, int index)
{
	bool has_one = lua_getiuservalue(L, index, 1) == LUA_TFUNCTION;

	lua_pop(L, 1);
	return has_one;
}

void action_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "deny", new_deny }, { "returns", new_returns },
		{ "inject_fd", new_inject_fd }, { "inject_bytes", new_inject_bytes },
		{ "hold", new_hold }, { "perform", new_perform }, { "kill", new_kill },
		{ "is_action", is_action },
		{ NULL, NULL },
	};
	static const luaL_Reg methods[] = {
		{ "__gc", collect },
		{ "__tostring", to_string },
		{ "__eq", is_equal },
		{ NULL, NULL },
	};

	new_type(L, ACTION, methods);
	lua_pop(L, 1);
	luaL_setfuncs(L, functions, 0);
	demi_action_set_continue(&new_value(L)->act);
	lua_pushcclosure(L, new_continue, 1);
	lua_setfield(L, -2, "continue");
}
