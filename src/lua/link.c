/*
 * The chain's link into Lua: asks a function, with a ctx that is dead for ever when
 * the function has returned. Handlers run in a coroutine of their own, under a
 * count hook that stops them when their time is over; coroutines that they make
 * inherit the hook.
 */
#include "action.h"
#include "ctx.h"
#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>

/* How many VM instructions run between two looks at the clock's verdict. */
#define HOOK_COUNT 1000

struct handler {
	struct box *box;
	int index;
	int is_watcher;
};

struct question {
	const struct handler *handler;
	const struct demi_notif *notif;
	struct demi_mem *mem;
	struct demi_action *act;
	int newfd;			/* of on_success, else -1 */
	int has_failed;
};

/* whose time the hook looks at; a host may serve runs in several threads */
static _Thread_local struct demi_mem *asking;

/* [-0, +1, m]  "policy.lua:3: " of the innermost Lua function of co, or "" */
static void push_where(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	for (int level = 0; lua_getstack(co, level, &ar); level++) {
		lua_getinfo(co, "Sl", &ar);
		if (ar.currentline > 0) {
			lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
			return;
		}
	}
	lua_pushliteral(L, "");
}

static void on_count(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	if (!asking || !demi_mem_late(asking))
		return;
	/* a pcall around the loop catches this error: let the very next step raise again */
	lua_sethook(L, on_count, LUA_MASKCOUNT | LUA_MASKLINE | LUA_MASKCALL | LUA_MASKRET, 1);
	push_where(L, L);	/* luaL_where() would name the caller: level 0 is ours here */
	lua_pushliteral(L, "the handler is out of time");
	lua_concat(L, 2);
	lua_error(L);
}

/* [-0, +1, m] */
static lua_State *new_thread(lua_State *L)
{
	lua_State *co = lua_newthread(L);

	lua_sethook(co, on_count, LUA_MASKCOUNT, HOOK_COUNT);
	return co;
}

/* [-0, +1, m]  the handlers' coroutine; functions is the table at index */
static lua_State *get_thread(lua_State *L, struct box *box, int functions)
{
	if (lua_rawgeti(L, functions, THREAD) == LUA_TTHREAD && !box->is_broken)
		return lua_tothread(L, -1);
	lua_pop(L, 1);
	lua_State *co = new_thread(L);
	lua_pushvalue(L, -1);
	lua_rawseti(L, functions, THREAD);
	box->is_broken = 0;
	return co;
}

/* [-1, +1, e] */
static int describe(lua_State *L)
{
	luaL_tolstring(L, 1, NULL);
	return 1;
}

/* [-0, +1, m]  the error value on top of co as text; a __tostring may fail or loop */
static void push_error_text(lua_State *L, lua_State *co)
{
	if (lua_type(co, -1) == LUA_TSTRING) {
		lua_pushvalue(co, -1);
		lua_xmove(co, L, 1);
		return;
	}
	push_where(L, co);
	lua_State *other = new_thread(L);
	lua_pushcfunction(other, describe);
	lua_pushvalue(co, -1);
	lua_xmove(co, other, 1);
	if (lua_pcall(other, 1, 1, 0) == LUA_OK)
		lua_xmove(other, L, 1);
	else
		lua_pushfstring(L, "an error that is a %s", luaL_typename(co, -1));
	lua_remove(L, -2);	/* the thread */
	lua_concat(L, 2);
}

/* [-0, +0, m]  co stopped by an error or a yield */
static void complain(lua_State *L, lua_State *co, int status, struct question *q)
{
	q->has_failed = 1;
	if (status == LUA_YIELD) {
		push_where(L, co);
		lua_pushliteral(L, "a handler must not yield");
		lua_concat(L, 2);
	} else {
		push_error_text(L, co);
	}
	luaL_traceback(L, co, NULL, 0);
	demi_mem_fail(q->mem, -EINVAL, lua_tostring(L, -2), lua_tostring(L, -1));
	lua_pop(L, 2);
}

/* [-0, +1, m]  "policy.lua:3" of the function at index */
static const char *push_place(lua_State *L, int index)
{
	lua_Debug ar;

	lua_pushvalue(L, index);
	lua_getinfo(L, ">S", &ar);
	return lua_pushfstring(L, "%s:%d", ar.short_src, ar.linedefined);
}

/* [-0, +0, m]  the function at index returned the value on top of co */
static void complain_of_value(lua_State *L, lua_State *co, int function,
			      struct question *q, const char *why)
{
	const char *what = lua_type(co, -1) == LUA_TUSERDATA ? "a userdata"
							     : luaL_typename(co, -1);

	lua_pushfstring(L, "%s: the handler on %s returned %s: %s", push_place(L, function),
			demi_syscall_name(q->notif->syscall_nr), what, why);
	q->has_failed = 1;
	demi_mem_fail(q->mem, -EINVAL, lua_tostring(L, -1), NULL);
	lua_pop(L, 2);
}

static int on_injected(void *ud, struct demi_mem *mem, int newfd);

/* [-0, +0, m]  a tracked injection wants its callback when it is done */
static void keep_callback(lua_State *L, lua_State *co, int functions,
			  const struct question *q)
{
	if (q->act->kind != DEMI_ACTION_INJECT_FD_SEND_TRACKED)
		return;
	action_push_callback(co, -1);
	lua_xmove(co, L, 1);
	lua_rawseti(L, functions, ON_INJECTED);
	q->act->on_injected = on_injected;
	q->act->ud = (void *)q->handler;
}

/* [-0, +0, m]  the handler's verdict: the first of the results on top of co */
static void take_action(lua_State *L, lua_State *co, int function, int n_results,
			struct question *q)
{
	if (n_results == 0)
		lua_pushnil(co);
	else
		lua_pop(co, n_results - 1);
	const char *why = action_give(co, -1, q->act);
	if (why)
		complain_of_value(L, co, function, q, why);
	else
		keep_callback(L, co, function - 1, q);
}

/*
 * [-1, +0, m]  all that may raise while a function is asked. Its frame:
 * 1 question, 2 functions, 3 the function, 4 coroutine, 5 ctx: as long as it stands
 * there it is not collected.
 */
static int ask(lua_State *L)
{
	struct question *q = lua_touserdata(L, 1);
	struct box *box = q->handler->box;
	int n_results, is_call = q->newfd < 0;

	lua_rawgetp(L, LUA_REGISTRYINDEX, box);
	lua_rawgeti(L, 2, is_call ? q->handler->index : ON_INJECTED);
	lua_State *co = get_thread(L, box, 2);
	box->is_broken = 1;	/* until it is known to have ended well */
	struct ctx *ctx = ctx_push(L, q->mem, q->notif);
	lua_pushvalue(L, 3);
	lua_xmove(L, co, 1);
	if (is_call) {
		lua_pushvalue(L, 5);
		lua_xmove(L, co, 1);
	} else {
		lua_pushinteger(co, q->newfd);
	}
	int status = lua_resume(co, L, 1, &n_results);
	ctx->mem = NULL;	/* dead for ever */
	if (status != LUA_OK) {
		complain(L, co, status, q);
		return 0;
	}
	if (is_call && !q->handler->is_watcher)
		take_action(L, co, 3, n_results, q);
	lua_settop(co, 0);
	/* after a breach of the time limit its hook is not the usual one */
	box->is_broken = demi_mem_late(q->mem);
	return 0;
}

/* Asks in protected mode. Returns 0 or a negated errno value. */
static int put(struct question *q)
{
	lua_State *L = q->handler->box->L;
	struct demi_mem *before = asking;

	if (!lua_checkstack(L, 2))
		return demi_mem_fail(q->mem, -ENOMEM, "Lua's stack is full", NULL);
	asking = q->mem;
	lua_pushcfunction(L, ask);
	lua_pushlightuserdata(L, q);
	int status = lua_pcall(L, 1, 0, 0);
	asking = before;
	if (status == LUA_OK)
		return q->has_failed ? -EINVAL : 0;
	demi_mem_fail(q->mem, -ENOMEM, status == LUA_ERRMEM ? "Lua is out of memory"
		      : lua_tostring(L, -1), NULL);
	lua_pop(L, 1);
	return -ENOMEM;
}

static int decide(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		  struct demi_action *act)
{
	return put(&(struct question){ ud, notif, mem, act, -1, 0 });
}

static int on_injected(void *ud, struct demi_mem *mem, int newfd)
{
	struct demi_action unused = { .fd = -1 };

	return put(&(struct question){ ud, NULL, mem, &unused, newfd, 0 });
}

int link_bind(lua_State *L, struct box *box, int function, int index,
	      const struct calls *calls, enum demi_exception on_exception,
	      unsigned int flags)
{
	const char *place = push_place(L, function);
	struct handler *ud = malloc(sizeof *ud);
	struct demi_handler *handler;

	if (!ud)
		return -ENOMEM;
	*ud = (struct handler){ box, index, flags & DEMI_WATCH };
	int rc = demi_handler_new(decide, ud, free, on_exception, &handler);
	if (rc < 0)
		return rc;
	rc = demi_handler_set_name(handler, place);
	if (rc < 0) {
		demi_handler_free(handler);
		return rc;
	}
	return demi_sandbox_handle(box->sb, calls->nrs, calls->n, handler, flags);
}

