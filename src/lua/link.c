/*
 * The chain's link into Lua: asks a function, with a ctx that is dead for ever when
 * the function has returned. Handlers run in a coroutine of their own.
 */
#include "link.h"

#include "action.h"
#include "ctx.h"
#include "parked.h"
#include "performed.h"
#include "sandbox.h"
#include "thread.h"
#include "wait.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

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
	int callback;			/* 0: the handler; ON_INJECTED, ON_PERFORMED */
	int64_t result;			/* for a callback */
	uint64_t id;			/* of ON_PERFORMED */
	int has_failed;
};

int link_is_handler(lua_State *L)
{
	return asking.mem && asking.co == L;
}

/* [-0, +1, m]  a coroutine for a handler: the last one that ended well, or a new one */
static lua_State *take_thread(lua_State *L, int functions)
{
	if (lua_rawgeti(L, functions, THREAD) != LUA_TTHREAD) {
		lua_pop(L, 1);
		return thread_new(L);
	}
	lua_pushboolean(L, 0);
	lua_rawseti(L, functions, THREAD);
	return lua_tothread(L, -1);
}

/* [-0, +0, m]  the coroutine at index ended well */
static void give_thread(lua_State *L, int functions, int index)
{
	lua_settop(lua_tothread(L, index), 0);
	lua_pushvalue(L, index);
	lua_rawseti(L, functions, THREAD);
}

/* [-0, +0, m]  co stopped by an error or a yield */
static void complain(lua_State *L, lua_State *co, int status, struct question *q)
{
	q->has_failed = 1;
	if (status == LUA_YIELD) {
		thread_push_where(L, co);
		lua_pushliteral(L, "a handler waits with ctx:sleep and demilune.wait, it does "
				"not yield otherwise");
		lua_concat(L, 2);
	} else {
		thread_push_error(L, co);
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

/*
 * [-0, +0, m]  the function at index asked for more memory than there is for handlers;
 * whatever it made of that, it did not get what it wanted
 */
static void complain_of_memory(lua_State *L, lua_State *co, int function,
			       struct question *q)
{
	const char *name = q->notif ? demi_syscall_name(q->notif->syscall_nr) : NULL;

	q->has_failed = 1;
	lua_pushfstring(L, "%s: the handler%s%s is out of memory: script.memory gives all "
			"handlers %I bytes", push_place(L, function), name ? " on " : "",
			name ? name : "", (LUAI_UACINT)asking.budget->limit);
	luaL_traceback(L, co, NULL, 0);
	demi_mem_fail(q->mem, -ENOMEM, lua_tostring(L, -2), lua_tostring(L, -1));
	lua_pop(L, 3);
}

static int on_injected(void *ud, struct demi_mem *mem, int newfd);
static int on_performed(void *ud, struct demi_mem *mem, int64_t result);

/* Many calls are performed at a time: which of them a callback belongs to. */
struct performed {
	const struct handler *handler;
	uint64_t id;
};

/* [-1, +0, m]  the function on top waits for the end of its call */
static void keep_performed(lua_State *L, int functions, const struct question *q)
{
	struct performed *ud = malloc(sizeof *ud);

	if (!ud)
		luaL_error(L, "not enough memory");
	*ud = (struct performed){ q->handler, q->notif->id };
	q->act->on_performed = on_performed;
	q->act->ud = ud;
	q->act->ud_drop = free;
	performed_keep(L, functions, q->notif->id);
}

/* [-0, +0, m]  an action may want a callback when it is done */
static void keep_callback(lua_State *L, lua_State *co, int functions,
			  const struct question *q)
{
	bool is_injected = q->act->kind == DEMI_ACTION_INJECT_FD_SEND_TRACKED;

	if (!is_injected && q->act->kind != DEMI_ACTION_PERFORM)
		return;
	bool is_wanted = action_push_callback(co, -1) == LUA_TFUNCTION;
	lua_xmove(co, L, 1);
	if (is_injected) {
		lua_rawseti(L, functions, ON_INJECTED);
		q->act->on_injected = on_injected;
		q->act->ud = (void *)q->handler;
	} else if (is_wanted) {
		keep_performed(L, functions, q);
	} else {
		lua_pop(L, 1);
	}
}

/* [-0, +1, m]  the function that is asked */
static void push_function(lua_State *L, int functions, const struct question *q)
{
	if (q->callback == ON_PERFORMED)
		performed_take(L, functions, q->id);
	else
		lua_rawgeti(L, functions, q->callback ? q->callback : q->handler->index);
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

/* [-0, +2, m]  a coroutine that is about to call the function at index, and its ctx */
static void begin(lua_State *L, int functions, int function, struct question *q)
{
	lua_State *co = take_thread(L, functions);

	ctx_push(L, q->mem, q->notif);
	lua_pushvalue(L, function);
	lua_xmove(L, co, 1);
}

/* [-0, +0, m]  what the handler's coroutine came to */
static void conclude(lua_State *L, int status, int n_results, struct question *q)
{
	lua_State *co = lua_tothread(L, 4);
	int is_call = !q->callback;

	if (asking.budget->is_over) {
		complain_of_memory(L, co, 3, q);
	} else if (status == LUA_YIELD && is_call && wait_take(co, n_results, q->act) == 0) {
		parked_put(L, 2, 4, q->handler->box, q->mem, q->notif->id);
	} else if (status != LUA_OK) {
		complain(L, co, status, q);
	} else {
		if (is_call && !q->handler->is_watcher)
			take_action(L, co, 3, n_results, q);
		/* after a breach of the time limit its hook is not the usual one */
		if (!demi_mem_late(q->mem))
			give_thread(L, 2, 4);
	}
}

/*
 * [-1, +0, m]  all that may raise while a function is asked. Its frame:
 * 1 question, 2 functions, 3 the function, 4 coroutine, 5 ctx: as long as it stands
 * there it is not collected.
 */
static int ask(lua_State *L)
{
	struct question *q = lua_touserdata(L, 1);
	int n_results, n_args = 1, is_call = !q->callback;

	lua_rawgetp(L, LUA_REGISTRYINDEX, q->handler->box);
	push_function(L, 2, q);
	int is_again = is_call && parked_take(L, 2, q->handler->box, q->notif->id);
	if (!is_again)
		begin(L, 2, 3, q);
	lua_State *co = lua_tothread(L, 4);
	struct ctx *ctx = lua_touserdata(L, 5);
	*ctx = (struct ctx){ q->mem, q->notif };
	if (is_again) {
		n_args = wait_push_results(co, q->mem);
	} else if (is_call) {
		lua_pushvalue(L, 5);
		lua_xmove(L, co, 1);
	} else {
		n_args = performed_push_result(co, q->result);
	}
	asking.co = is_call ? co : NULL;
	budget_begin(asking.budget);
	int status = lua_resume(co, L, n_args, &n_results);
	budget_end(asking.budget);
	*ctx = (struct ctx){ 0 };	/* dead, for ever or until it is asked again */
	conclude(L, status, n_results, q);
	return 0;
}

/* Asks in protected mode. Returns 0 or a negated errno value. */
static int put(struct question *q)
{
	lua_State *L = q->handler->box->L;
	struct asking before = asking;

	if (!lua_checkstack(L, 2))
		return demi_mem_fail(q->mem, -ENOMEM, "Lua's stack is full", NULL);
	asking = (struct asking){ q->mem, &q->handler->box->budget, NULL };
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
	return put(&(struct question){ .handler = ud, .notif = notif, .mem = mem, .act = act });
}

static int on_injected(void *ud, struct demi_mem *mem, int newfd)
{
	struct demi_action unused = { .fd = -1 };

	return put(&(struct question){ .handler = ud, .mem = mem, .act = &unused,
				       .callback = ON_INJECTED, .result = newfd });
}

static int on_performed(void *ud, struct demi_mem *mem, int64_t result)
{
	struct demi_action unused = { .fd = -1 };
	const struct performed *call = ud;

	return put(&(struct question){ .handler = call->handler, .mem = mem, .act = &unused,
				       .callback = ON_PERFORMED, .result = result,
				       .id = call->id });
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
	if (rc == 0)
		rc = demi_handler_when(handler, calls->when, calls->n_when);
	if (rc < 0) {
		demi_handler_free(handler);
		return rc;
	}
	return demi_sandbox_handle(box->sb, calls->nrs, calls->n, handler, flags);
}

