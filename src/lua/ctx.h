/* ctx userdata, as the chain's link into Lua makes and ends it. */
#ifndef DEMI_LUA_CTX_H
#define DEMI_LUA_CTX_H

#include "convert.h"

struct ctx {
	struct demi_mem *mem;		/* NULL: the call is over, for ever */
	const struct demi_notif *notif;
};

/* [-0, +1, m]  its uservalue is the coroutine of a handler that waits */
struct ctx *ctx_push(lua_State *L, struct demi_mem *mem, const struct demi_notif *notif);

#endif
