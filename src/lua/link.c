/*
 * The chain's link into Lua: asks a function, with a ctx that is dead for ever when
 * the function has returned. Handlers run in a coroutine of their own, whose first frame
 * is ours: what may raise before and after the handler does so inside the resume, so
 * that a call that is decided at once costs one protected call.
 */
#include "link.h"

#include "action.h"
#include "complaint.h"
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
	bool is_watcher;
	bool takes_ctx;		/* a function without parameters never sees it */
};

struct question {
	const struct handler *handler;
	const struct demi_notif *notif;
	struct demi_mem *mem;
	struct demi_action *act;
	int callback;			/* 0: the handler; ON_INJECTED, ON_PERFORMED */
	int64_t result;			/* for a callback */
	uint64_t id;			/* of ON_PERFORMED */
	lua_State *co;			/* the coroutine it is asked in */
	struct ctx *ctx;		/* NULL: none was made */
	int n_args, n_results, status;	/* of the resume */
	const char *why;		/* what was returned is no decision */
	int has_failed;
};

int link_is_handler(lua_State *L)
{
	return asking.mem && asking.co == L;
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

/* [-1, +0, m]  the function on top is to be called when the action is done */
static void keep_callback(lua_State *L, int functions, const struct question *q)
{
	if (q->act->kind == DEMI_ACTION_PERFORM) {
		keep_performed(L, functions, q);
		return;
	}
	lua_rawseti(L, functions, ON_INJECTED);
	q->act->on_injected = on_injected;
	q->act->ud = (void *)q->handler;
}

/* [-0, +1, m]  the function that is asked, of the table of functions at an index */
static void push_function(lua_State *L, int functions, const struct question *q)
{
	if (q->callback == ON_PERFORMED)
		performed_take(L, functions, q->id);
	else
		lua_rawgeti(L, functions, q->callback ? q->callback : q->handler->index);
}

/* [-0, +1, -]  after a wait: the handler returned */
static int return_verdict(lua_State *co, int status, lua_KContext unused)
{
	(void)co, (void)status, (void)unused;
	return 1;
}

/* [-1, +1, e]  the first frame of a coroutine: question -> what its function returns */
static int call_function(lua_State *co)
{
	struct question *q = lua_touserdata(co, 1);
	int n_args = 1;

	lua_rawgetp(co, LUA_REGISTRYINDEX, q->handler->box);
	push_function(co, 2, q);
	if (q->callback) {
		n_args = performed_push_result(co, q->result);
	} else if (!q->handler->takes_ctx) {
		n_args = 0;
	} else {
		q->ctx = ctx_push(co, q->mem, q->notif);
		lua_pushvalue(co, -1);	/* as long as it stands there it is not collected */
		lua_xmove(co, q->handler->box->L, 1);
	}
	budget_begin(asking.budget);
	lua_callk(co, n_args, 1, 0, return_verdict);
	return 1;
}

/* [-1, +0|2, m]  question -> the coroutine and the ctx of a handler that waited */
static int take_parked(lua_State *L)
{
	struct question *q = lua_touserdata(L, 1);
	struct box *box = q->handler->box;

	lua_rawgetp(L, LUA_REGISTRYINDEX, box);
	if (!parked_take(L, 2, box, q->notif->id))
		return 0;
	q->co = lua_tothread(L, -2);
	q->ctx = lua_touserdata(L, -1);
	*q->ctx = (struct ctx){ q->mem, q->notif };
	q->n_args = wait_push_results(L, q->co, q->mem);
	lua_xmove(L, q->co, q->n_args);
	return 2;
}

/* [-1, +1, m]  question -> a coroutine: the box's, or if that is at work another one */
static int make_thread(lua_State *L)
{
	struct question *q = lua_touserdata(L, 1);
	struct box *box = q->handler->box;

	q->co = thread_new(L);
	if (box->thread)
		return 1;
	lua_rawgetp(L, LUA_REGISTRYINDEX, box);
	lua_pushvalue(L, 2);
	lua_rawseti(L, -2, THREAD);
	box->thread = q->co;
	lua_pop(L, 1);
	return 1;
}

/* [-0, +n, -]  f(question) in protected mode; on failure n is 1, the message */
static int protect(lua_State *L, lua_CFunction f, struct question *q)
{
	lua_pushcfunction(L, f);
	lua_pushlightuserdata(L, q);
	return lua_pcall(L, 1, LUA_MULTRET, 0);
}

/* [-0, +1|2, -]  leaves the coroutine, ready to be resumed, and perhaps its ctx */
static int prepare(lua_State *L, struct question *q)
{
	struct box *box = q->handler->box;
	int status;

	if (!q->callback && box->n_parked) {	/* for most calls: look no further */
		status = protect(L, take_parked, q);
		if (status != LUA_OK || q->co) {
			budget_begin(asking.budget);
			return status;
		}
	}
	if (box->thread && !box->is_thread_busy) {
		q->co = box->thread;
		lua_pushthread(q->co);
		lua_xmove(q->co, L, 1);
	} else if ((status = protect(L, make_thread, q)) != LUA_OK) {
		return status;
	}
	if (q->co == box->thread)
		box->is_thread_busy = true;
	lua_pushcfunction(q->co, call_function);
	lua_pushlightuserdata(q->co, q);
	q->n_args = 1;
	return LUA_OK;
}

/* [-0, +0, -]  the box keeps a coroutine that ended well for the next handler */
static void leave_thread(lua_State *L, const struct question *q)
{
	struct box *box = q->handler->box;

	if (q->co != box->thread)
		return;
	box->is_thread_busy = false;
	/* after a breach of the time limit its hook is not the usual one */
	if (q->status == LUA_OK && !q->has_failed && !demi_mem_late(q->mem)) {
		lua_settop(q->co, 0);
		return;
	}
	box->thread = NULL;
	lua_rawgetp(L, LUA_REGISTRYINDEX, box);
	lua_pushboolean(L, 0);
	lua_rawseti(L, -2, THREAD);	/* exists: allocates nothing */
	lua_pop(L, 1);
}

/* [-0, +0, m]  question, ctx: what the function came to, if that is not plain */
static int conclude(lua_State *L)
{
	struct question *q = lua_touserdata(L, 1);
	struct complaint about = { L, q->co, q->mem,
				   q->notif ? demi_syscall_name(q->notif->syscall_nr) : NULL };
	int functions = 3;

	lua_rawgetp(L, LUA_REGISTRYINDEX, q->handler->box);
	lua_rawgeti(L, functions, q->callback == ON_INJECTED ? ON_INJECTED : q->handler->index);
	if (asking.budget->is_over) {
		complain_of_memory(&about, asking.budget->limit);
	} else if (q->status == LUA_YIELD && !q->callback &&
		   wait_take(q->co, q->n_results, q->act) == 0) {
		if (!q->ctx) {
			ctx_push(L, NULL, NULL);
			lua_replace(L, 2);
		}
		parked_put(L, functions, q->co, 2, q->handler->box, q->mem, q->notif->id);
		return 0;
	} else if (q->status != LUA_OK) {
		complain_of_end(&about, q->status);
	} else if (q->why) {
		complain_of_value(&about, q->why);
	} else {
		action_push_callback(q->co, -1);
		lua_xmove(q->co, L, 1);
		keep_callback(L, functions, q);
		return 0;
	}
	q->has_failed = 1;
	return 0;
}

/* [-0, +0, -]  takes the action that the handler returned; whether that was all */
static bool is_decided(struct question *q)
{
	if (asking.budget->is_over || q->status != LUA_OK)
		return false;
	if (q->callback || q->handler->is_watcher)
		return true;
	q->why = action_give(q->co, -1, q->act);
	return !q->why && !action_has_callback(q->co, -1);
}

/* [-0, +0, -]  asks; returns the status of what ended it otherwise than by a verdict */
static int ask(lua_State *L, struct question *q)
{
	int base = lua_gettop(L);
	int status = prepare(L, q);

	if (status != LUA_OK)
		return status;
	asking.co = q->callback ? NULL : q->co;
	q->status = lua_resume(q->co, L, q->n_args, &q->n_results);
	budget_end(asking.budget);
	if (q->ctx)
		*q->ctx = (struct ctx){ 0 };	/* dead, for ever or until it is asked again */
	if (!is_decided(q)) {
		lua_settop(L, base + 2);	/* a ctx, or nil */
		lua_pushcfunction(L, conclude);
		lua_pushlightuserdata(L, q);
		lua_pushvalue(L, base + 2);
		status = lua_pcall(L, 2, 0, 0);
	}
	leave_thread(L, q);
	return status;
}

/* How deep the stack is that ask() needs. */
enum { ASK_STACK = 8 };

/* Returns 0 or a negated errno value. */
static int put(struct question *q)
{
	lua_State *L = q->handler->box->L;
	struct asking before = asking;
	int top = lua_gettop(L);

	if (!lua_checkstack(L, ASK_STACK))
		return demi_mem_fail(q->mem, -ENOMEM, "Lua's stack is full", NULL);
	asking = (struct asking){ q->mem, &q->handler->box->budget, NULL };
	budget_clear(asking.budget);
	int status = ask(L, q);
	asking = before;
	if (status != LUA_OK)
		demi_mem_fail(q->mem, -ENOMEM, status == LUA_ERRMEM ? "Lua is out of memory"
			      : lua_tostring(L, -1), NULL);
	lua_settop(L, top);
	return status != LUA_OK ? -ENOMEM : q->has_failed ? -EINVAL : 0;
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

/* [-0, +0, m]  whether the function at index has parameters */
static bool takes_any(lua_State *L, int index)
{
	lua_Debug ar;

	lua_pushvalue(L, index);
	lua_getinfo(L, ">u", &ar);
	return ar.nparams > 0 || ar.isvararg;
}

int link_bind(lua_State *L, struct box *box, int function, int index,
	      const struct calls *calls, enum demi_exception on_exception,
	      unsigned int flags)
{
	const char *place = complaint_push_place(L, function);
	struct handler *ud = malloc(sizeof *ud);
	struct demi_handler *handler;

	if (!ud)
		return -ENOMEM;
	*ud = (struct handler){ box, index, flags & DEMI_WATCH, takes_any(L, function) };
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

