/* ctx userdata, as the chain's link into Lua makes and ends it. */
#ifndef DEMI_LUA_CTX_H
#define DEMI_LUA_CTX_H

#include "convert.h"

struct ctx {
	struct demi_mem *mem;		/* NULL: the call is over, for ever */
	const struct demi_notif *notif;
};

/* [-0, +0, v]  the ctx at 1; NULL if the call is over */
struct ctx *check_ctx(lua_State *L);

/* [-0, +3, m]  nil, "the call is over", ESRCH */
int push_over(lua_State *L);

/* args.c: [-0, +1, m]  ctx.args, a copy that nobody can change */
int args_push(lua_State *L, const struct demi_notif *notif);

/* args.c: [-0, +0, v]  the argument of call nr, from 0, that index names or numbers */
int check_arg(lua_State *L, int index, int nr);

/* memory.c: [-0, +0, m]  adds its methods to the table on top */
void memory_set_methods(lua_State *L);

/* [-0, +1, m]  its uservalue is the coroutine of a handler that waits */
struct ctx *ctx_push(lua_State *L, struct demi_mem *mem, const struct demi_notif *notif);

#endif
