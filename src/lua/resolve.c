/* core.resolve: the addresses of a host, by the system's resolver. */
#include "convert.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

static const char RESOLVED[] = "demilune.resolved";

/* [-0, +0, -]  __gc */
static int free_list(lua_State *L)
{
	struct addrinfo **list = check_type(L, 1, RESOLVED);

	if (*list)
		freeaddrinfo(*list);
	*list = NULL;
	return 0;
}

/* [-0, +1, m]  pushes the address in network order; nothing of another family */
static int push_address(lua_State *L, const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family == AF_INET)
		lua_pushlstring(L, (const char *)&v4->sin_addr, sizeof v4->sin_addr);
	else if (address->sa_family == AF_INET6)
		lua_pushlstring(L, (const char *)&v6->sin6_addr, sizeof v6->sin6_addr);
	return address->sa_family == AF_INET || address->sa_family == AF_INET6;
}

/* [-0, +1|3, v]  resolve(name) -> { bytes, ... } | nil, message, errno */
int host_resolve(lua_State *L)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *name = check_cstring(L, 1);
	struct addrinfo **list = lua_newuserdatauv(L, sizeof *list, 0);
	lua_Integer n = 0;

	*list = NULL;
	set_type(L, RESOLVED);
	int rc = getaddrinfo(name, NULL, &hints, list);
	if (rc != 0) {
		int error = rc == EAI_SYSTEM ? errno : EHOSTUNREACH;
		luaL_pushfail(L);
		lua_pushfstring(L, "the name %s cannot be looked up: %s", name,
				rc == EAI_SYSTEM ? strerror(error) : gai_strerror(rc));
		lua_pushinteger(L, error);
		return 3;
	}
	lua_newtable(L);
	for (const struct addrinfo *one = *list; one; one = one->ai_next)
		if (push_address(L, one->ai_addr))
			lua_rawseti(L, -2, ++n);
	return 1;
}

void resolve_open(lua_State *L)
{
	static const luaL_Reg methods[] = { { "__gc", free_list }, { NULL, NULL } };

	new_type(L, RESOLVED, methods);
	lua_pop(L, 1);
}
