/* What the static layer refused, for a run that explains. */
#include "sandbox.h"

/* [-0, +0, v]  sb:explain() */
int sandbox_explain(lua_State *L)
{
	demi_sandbox_explain(check_box(L, 1)->sb);
	return 0;
}

/* [-0, +0, m]  a field of the table on top; none for "" */
static void set_text(lua_State *L, const char *text, const char *field)
{
	if (!text[0])
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, field);
}

/* [-0, +1, m] */
static void push_one(lua_State *L, const struct demi_refused *refused)
{
	static const char *const kinds[] = {
		[DEMI_REFUSED_SYSCALL] = "syscall", [DEMI_REFUSED_READ] = "read",
		[DEMI_REFUSED_WRITE] = "write", [DEMI_REFUSED_CONNECT] = "connect",
		[DEMI_REFUSED_BIND] = "bind",
	};

	lua_createtable(L, 0, 9);
	set_text(L, kinds[refused->kind], "kind");
	set_text(L, demi_syscall_name(refused->syscall_nr), "syscall");
	push_errno_name(L, refused->error);
	lua_setfield(L, -2, "errno");
	lua_pushinteger(L, refused->pid);
	lua_setfield(L, -2, "pid");
	lua_pushinteger(L, (lua_Integer)refused->count);
	lua_setfield(L, -2, "count");
	if (refused->kind == DEMI_REFUSED_CONNECT || refused->kind == DEMI_REFUSED_BIND) {
		lua_pushinteger(L, refused->port);
		lua_setfield(L, -2, "port");
	}
	set_text(L, refused->family, "family");
	set_text(L, refused->when, "when");
	set_text(L, refused->path, "path");
	set_text(L, refused->grant, "grant");
	set_text(L, refused->deny, "deny");
}

int push_refused(lua_State *L, struct demi_run *run)
{
	struct demi_refused refused;

	lua_newtable(L);
	for (size_t i = 0; demi_run_refused(run, i, &refused) == 0; i++) {
		push_one(L, &refused);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushinteger(L, (lua_Integer)demi_run_refused_more(run));
	return 2;
}
