/* The action userdata, as the chain's link into Lua needs it. */
#ifndef DEMI_LUA_ACTION_H
#define DEMI_LUA_ACTION_H

#include "convert.h"

#include <stdbool.h>

/* [-0, +0, -]  of the value at index; UNSET for what is no action */
enum demi_action_kind action_kind(lua_State *L, int index);

/*
 * [-0, +0, -]  what the value at index decides
 *
 * The descriptor of an injection moves into out: a second use is refused.
 *
 * Returns NULL, or why it decides nothing.
 */
const char *action_give(lua_State *L, int index, struct demi_action *out);

/* [-0, +1, -]  pushes the function that the action at index wants called, or nil */
void action_push_callback(lua_State *L, int index);

/* [-0, +0, -]  whether it wants one called */
bool action_has_callback(lua_State *L, int index);

#endif
