/* Methods of the sandbox userdata about what the kernel enforces without asking. */
#include "sandbox.h"

#include <stdlib.h>

/* Text of the library, freed with its userdata. */
static const char TEXT[] = "demilune.text";

struct text {
	char *bytes;
};

/* [-0, +0, -]  __gc */
static int free_text(lua_State *L)
{
	struct text *text = check_type(L, 1, TEXT);

	free(text->bytes);
	text->bytes = NULL;
	return 0;
}

/* [-0, +1|3, v]  sb:allow_syscall("mount" | "%ipc") -> true | nil, message, errno */
static int allow_syscall(lua_State *L)
{
	struct box *box = check_box(L, 1);

	return push_result(L, box, demi_sandbox_allow_syscall(box->sb, check_cstring(L, 2)));
}

/* [-0, +1|3, v]  sb:deny_syscall("chmod") -> true | nil, message, errno */
static int deny_syscall(lua_State *L)
{
	struct box *box = check_box(L, 1);

	return push_result(L, box, demi_sandbox_deny_syscall(box->sb, check_cstring(L, 2)));
}

/* [-0, +1|3, v]  sb:restrict_sockets("udp", "netlink", ...) -> true | nil, message, errno */
static int restrict_sockets(lua_State *L)
{
	static const char *const names[] = { "udp", "icmp", "raw", "netlink", NULL };
	static const enum demi_socket kinds[] = {
		DEMI_SOCKET_UDP, DEMI_SOCKET_ICMP, DEMI_SOCKET_RAW, DEMI_SOCKET_NETLINK,
	};
	struct box *box = check_box(L, 1);
	unsigned int named = 0;

	for (int arg = 2; arg <= lua_gettop(L); arg++)
		named |= kinds[luaL_checkoption(L, arg, NULL, names)];
	return push_result(L, box, demi_sandbox_restrict_sockets(box->sb, named));
}

/* [-0, +1, v]  sb:denies(nr) -> boolean */
static int denies(lua_State *L)
{
	struct box *box = check_box(L, 1);
	lua_Integer nr = luaL_checkinteger(L, 2);

	luaL_argcheck(L, 0 <= nr && nr <= INT32_MAX, 2, "no such system call");
	lua_pushboolean(L, demi_sandbox_denies(box->sb, (int)nr));
	return 1;
}

/* [-0, +1|3, v]  sb:filter_text("static"|"guard"|"notify") -> string, "" if there is no
 * such program | nil, message, errno */
static int filter_text(lua_State *L)
{
	static const char *const names[] = { "static", "guard", "notify", NULL };
	struct box *box = check_box(L, 1);
	int which = luaL_checkoption(L, 2, NULL, names);
	struct text *text = lua_newuserdatauv(L, sizeof *text, 0);

	text->bytes = NULL;
	set_type(L, TEXT);
	int rc = demi_sandbox_filter_text(box->sb, (enum demi_filter)which, &text->bytes);
	if (rc < 0)
		return push_result(L, box, rc);
	lua_pushstring(L, text->bytes ? text->bytes : "");
	return 1;
}

/* [-0, +1, m]  sb:denials() -> list of { syscall, when, family, reason, errno } */
static int list_denials(lua_State *L)
{
	struct box *box = check_box(L, 1);
	struct demi_denial denial;

	lua_newtable(L);
	for (size_t i = 0; demi_sandbox_denial(box->sb, i, &denial) == 0; i++) {
		lua_createtable(L, 0, 5);
		lua_pushstring(L, denial.syscall);
		lua_setfield(L, -2, "syscall");
		lua_pushstring(L, denial.when);
		lua_setfield(L, -2, "when");
		lua_pushstring(L, denial.family);
		lua_setfield(L, -2, "family");
		lua_pushstring(L, denial.reason);
		lua_setfield(L, -2, "reason");
		push_errno_name(L, denial.error);
		lua_setfield(L, -2, "errno");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* [-0, +0, v]  a uid or gid: not -1, which means "unchanged" to the kernel */
static unsigned int check_id(lua_State *L, int arg)
{
	lua_Integer id = luaL_checkinteger(L, arg);

	luaL_argcheck(L, 0 <= id && id < UINT32_MAX, arg, "an id is 0 to 4294967294");
	return (unsigned int)id;
}

/* [-0, +1|3, v]  sb:ids(uid, gid) -> true | nil, message, errno */
static int set_ids(lua_State *L)
{
	struct box *box = check_box(L, 1);
	uid_t uid = check_id(L, 2);

	return push_result(L, box, demi_sandbox_set_ids(box->sb, uid, check_id(L, 3)));
}

static int drop_privileges(lua_State *L)
{
	demi_sandbox_drop_privileges(check_box(L, 1)->sb);
	return 0;
}

const char *const limit_names[] = {
	[DEMI_LIMIT_NONE] = "", [DEMI_LIMIT_PROCESSES] = "processes",
	[DEMI_LIMIT_MEMORY] = "memory", [DEMI_LIMIT_OPEN_FILES] = "open_files",
	[DEMI_LIMIT_FILE_SIZE] = "file_size", [DEMI_LIMIT_CPU] = "cpu",
	[DEMI_LIMIT_OUTPUT] = "output", NULL,
};

/* [-0, +1|3, v]  sb:limit(name, n) -> true | nil, message, errno */
static int set_limit(lua_State *L)
{
	struct box *box = check_box(L, 1);
	int which = luaL_checkoption(L, 2, NULL, limit_names);
	lua_Integer most = luaL_checkinteger(L, 3);

	luaL_argcheck(L, most > 0, 3, "a positive number is needed");
	return push_result(L, box, demi_sandbox_set_limit(box->sb, (enum demi_limit)which,
							  (uint64_t)most));
}

/* [-0, +1|3, v]  sb:umask(mask) -> true | nil, message, errno */
static int set_umask(lua_State *L)
{
	struct box *box = check_box(L, 1);
	lua_Integer mask = luaL_checkinteger(L, 2);

	luaL_argcheck(L, 0 <= mask && mask <= 0777, 2, "a umask is 0 to 0777, octal");
	return push_result(L, box, demi_sandbox_set_umask(box->sb, (mode_t)mask));
}

/* [-0, +1|3, v]  sb:keep_fd(fd) -> true | nil, message, errno */
static int keep_fd(lua_State *L)
{
	struct box *box = check_box(L, 1);
	lua_Integer fd = luaL_checkinteger(L, 2);

	luaL_argcheck(L, 0 <= fd && fd <= INT32_MAX, 2, "no descriptor");
	return push_result(L, box, demi_sandbox_keep_fd(box->sb, (int)fd));
}

static int keep_terminal(lua_State *L)
{
	demi_sandbox_keep_terminal(check_box(L, 1)->sb);
	return 0;
}

static int clean_env(lua_State *L)
{
	demi_sandbox_clean_env(check_box(L, 1)->sb);
	return 0;
}

void confine_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "allow_syscall", allow_syscall }, { "deny_syscall", deny_syscall },
		{ "restrict_sockets", restrict_sockets }, { "denials", list_denials },
		{ "denies", denies }, { "filter_text", filter_text },
		{ "ids", set_ids }, { "drop_privileges", drop_privileges },
		{ "limit", set_limit }, { "umask", set_umask }, { "keep_fd", keep_fd },
		{ "keep_terminal", keep_terminal }, { "clean_env", clean_env },
		{ NULL, NULL },
	};

	static const luaL_Reg text_methods[] = { { "__gc", free_text }, { NULL, NULL } };

	new_type(L, TEXT, text_methods);
	lua_pop(L, 1);
	luaL_getmetatable(L, SANDBOX);
	luaL_setfuncs(L, methods, 0);
	lua_pop(L, 1);
}
