/* What is said of a function of the policy that did not decide. */
#ifndef DEMI_LUA_COMPLAINT_H
#define DEMI_LUA_COMPLAINT_H

#include <demilune.h>
#include <lua.h>

struct complaint {
	lua_State *L;		/* with the function on top */
	lua_State *co;		/* it ran in */
	struct demi_mem *mem;
	const char *syscall;	/* NULL: it was no handler */
};

/* [-0, +1, m]  "policy.lua:3" of the function at index */
const char *complaint_push_place(lua_State *L, int index);

/* [-0, +0, m]  co stopped by an error or by a yield that is no wait */
void complain_of_end(const struct complaint *about, int status);

/* [-0, +0, m]  the value on top of co is no decision */
void complain_of_value(const struct complaint *about, const char *why);

/* [-0, +0, m]  it asked for more memory than there is for handlers; whatever it made of
 * that, it did not get what it wanted */
void complain_of_memory(const struct complaint *about, size_t limit);

#endif
