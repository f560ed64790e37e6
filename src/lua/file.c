/* Lua files that stand on a descriptor. */
#include "convert.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int close_file(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* The userdata comes first, so that no descriptor is lost when memory is short. */
luaL_Stream *new_file(lua_State *L)
{
	luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);

	*stream = (luaL_Stream){ 0 };
	luaL_setmetatable(L, LUA_FILEHANDLE);
	return stream;
}

int open_file(lua_State *L, luaL_Stream *stream, int fd, const char *mode)
{
	stream->f = fdopen(fd, mode);
	if (!stream->f) {
		int rc = -errno;
		close(fd);
		return push_fail(L, rc, "fdopen");
	}
	stream->closef = close_file;
	return 1;
}

/* [-0, +1|3, v]  fd_file(fd) -> a Lua file that writes to a copy of fd */
int fd_file(lua_State *L)
{
	lua_Integer fd = luaL_checkinteger(L, 1);

	luaL_argcheck(L, 0 <= fd && fd <= INT32_MAX, 1, "a descriptor is not negative");
	luaL_Stream *stream = new_file(L);
	int copy = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return push_fail(L, -errno, "descriptor");
	return open_file(L, stream, copy, "w");
}
