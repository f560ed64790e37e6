/* What the sandbox and run userdata and the chain's link into Lua share. */
#ifndef DEMI_LUA_SANDBOX_H
#define DEMI_LUA_SANDBOX_H

#include "budget.h"
#include "convert.h"

/*
 * The userdata of a sandbox. Its uservalue is the table of its functions:
 * [1..n] handlers, [ON_ERROR], [ON_INJECTED], [ON_PERFORMED] by call; [THREAD] is the
 * coroutine for the next handler, or false, [PARKED] has those that wait. While a run is
 * served it also stands in the registry, under the address of this struct.
 */
struct box {
	struct demi_sandbox *sb;	/* NULL: closed */
	lua_State *L;			/* whoever serves now */
	int n_handlers;
	int n_runs;
	int n_parked;			/* handlers that wait, and when to look which still do */
	int sweep_at;
	lua_State *thread;		/* that of functions[THREAD], or NULL */
	bool is_thread_busy;		/* a handler runs in it */
	struct budget budget;
};

enum { THREAD = 0, ON_ERROR = -1, ON_INJECTED = -2, ON_PERFORMED = -3, PARKED = -4 };

/* when.c: [-0, +1, v]  the conditions at arg, in a userdata that is left on the stack */
const struct demi_condition *check_conditions(lua_State *L, int arg, size_t *n);

/* [-0, +1|3, v]  core.try_conditions(list) -> true | nil, message, errno */
int conditions_try(lua_State *L);

/* [-0, +1, v]  core.conditions_hold(list, { register, ... }) -> boolean */
int conditions_hold(lua_State *L);

/* [-0, +0, v] */
struct box *check_box(lua_State *L, int arg);

/* [-0, +1|3, m]  what a setter of the library returned: true | nil, message, errno */
int push_result(lua_State *L, const struct box *box, int rc);

/* [-0, +1, m]  the names of a set of protections */
void push_protections(lua_State *L, unsigned int set);

/* [-0, +0, m]  access.c: adds its methods to the metatable on top */
void access_set_methods(lua_State *L);

/* of enum demi_limit; [DEMI_LIMIT_NONE] is "" and the end NULL */
extern const char *const limit_names[];

/* [-0, +0, m]  confine.c: adds its methods to the sandbox's */
void confine_open(lua_State *L);

/* explain.c: sb:explain(), on the metatable on top */
int sandbox_explain(lua_State *L);

/* [-0, +2, m]  the list of what a run was refused, and how many found no room */
int push_refused(lua_State *L, struct demi_run *run);

/* [-0, +1|3, v]  starts argv in the sandbox at arg: run | nil, message, errno */
int run_start(lua_State *L, struct box *box, int arg, char **argv);

#endif
