/* What a report needs of the host and Lua does not have: writing that never waits,
 * the width of a terminal, clocks, an alarm, what a path leads to, what a socket speaks. */
#include "convert.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum way { BY_WRITE, BY_SEND, BY_POLL };

struct sink {
	int fd;		/* -1: closed */
	enum way way;
};

static struct sink *check_sink(lua_State *L)
{
	struct sink *sink = check_type(L, 1, SINK);

	luaL_argcheck(L, sink->fd >= 0, 1, "the sink is closed");
	return sink;
}

/*
 * O_NONBLOCK belongs to the open file, which the program may share with us: a pipe or
 * a terminal is opened anew. A file is not: its offset must stay shared, too.
 */
static int reopen(int fd, enum way *way)
{
	char path[sizeof "/proc/self/fd/" + 3 * sizeof fd];
	struct stat st;

	*way = BY_WRITE;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(fd))) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (own >= 0)
			return own;
		*way = BY_POLL;		/* someone else's pipe */
	} else if (S_ISSOCK(st.st_mode)) {
		*way = BY_SEND;
	}
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return copy < 0 ? -errno : copy;
}

/* A file of our own, empty; a FIFO is waited for, as a shell would. */
static int create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);

	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* [-0, +1|3, v]  sink(fd|path) -> a sink on the same file, or on a new one */
static int new_sink(lua_State *L)
{
	const char *path = lua_type(L, 1) == LUA_TSTRING ? check_cstring(L, 1) : NULL;
	lua_Integer fd = path ? 0 : luaL_checkinteger(L, 1);
	struct sink *sink = lua_newuserdatauv(L, sizeof *sink, 0);

	luaL_argcheck(L, 0 <= fd && fd <= INT32_MAX, 1, "a descriptor is not negative");
	*sink = (struct sink){ .fd = -1 };
	set_type(L, SINK);
	sink->fd = path ? create(path) : reopen((int)fd, &sink->way);
	if (sink->fd < 0)
		return push_fail(L, sink->fd, path ? path : "descriptor");
	return 1;
}

/* A poll that says "writable" promises room for PIPE_BUF bytes, pipe(7); the program
 * can be quicker: only then can this wait, for as long as its pipe is full. */
static ssize_t write_polled(int fd, const char *bytes, size_t len)
{
	struct pollfd one = { .fd = fd, .events = POLLOUT };

	if (poll(&one, 1, 0) == 1 && one.revents)
		return write(fd, bytes, len < PIPE_BUF ? len : PIPE_BUF);
	errno = EAGAIN;
	return -1;
}

static ssize_t put(const struct sink *sink, const char *bytes, size_t len)
{
	ssize_t n = sink->way == BY_SEND
		? send(sink->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL)
		: sink->way == BY_POLL ? write_polled(sink->fd, bytes, len)
				       : write(sink->fd, bytes, len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n < 0 ? -errno : n;
}

/* A reader that went away is an error here, not the end of us: SIGPIPE is for the thread
 * that writes, and stays with it until someone takes it, pthread_sigmask(3). */
static ssize_t put_quietly(const struct sink *sink, const char *bytes, size_t len)
{
	sigset_t pipe_only, before;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	ssize_t n = put(sink, bytes, len);
	if (n == -EPIPE)
		sigtimedwait(&pipe_only, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

/* [-0, +1|3, v]  sink:write(bytes) -> how many were taken, 0 if it would wait */
static int sink_write(lua_State *L)
{
	const struct sink *sink = check_sink(L);
	size_t len;
	const char *bytes = luaL_checklstring(L, 2, &len);
	ssize_t n = put_quietly(sink, bytes, len);

	if (n < 0)
		return push_fail(L, (int)n, "write");
	lua_pushinteger(L, n);
	return 1;
}

/* [-0, +0, v]  sink:wait(ms): until it takes bytes, or its reader is gone */
static int sink_wait(lua_State *L)
{
	struct pollfd one = { .fd = check_sink(L)->fd, .events = POLLOUT };

	poll(&one, 1, (int)luaL_checkinteger(L, 2));
	return 0;
}

/* [-0, +1, v]  sink:columns() -> the width of the terminal | nil, if it is none */
static int sink_columns(lua_State *L)
{
	struct winsize size;

	if (ioctl(check_sink(L)->fd, TIOCGWINSZ, &size) < 0)
		luaL_pushfail(L);
	else
		lua_pushinteger(L, size.ws_col ? size.ws_col : 80);
	return 1;
}

/* [-0, +0, -]  __gc, __close, sink:close(): may run twice */
static int sink_close(lua_State *L)
{
	struct sink *sink = check_type(L, 1, SINK);

	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
	return 0;
}

/* [-0, +1, v]  clock("realtime"|"monotonic") -> nanoseconds */
static int host_clock(lua_State *L)
{
	static const char *const names[] = { "realtime", "monotonic", NULL };
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };
	struct timespec now;

	clock_gettime(clocks[luaL_checkoption(L, 1, NULL, names)], &now);
	lua_pushinteger(L, now.tv_sec * (lua_Integer)1000000000 + now.tv_nsec);
	return 1;
}

/* [-0, +1, v]  is_program(path) -> boolean: a file that we may execute */
static int is_program(lua_State *L)
{
	const char *path = check_cstring(L, 1);
	struct stat st;

	lua_pushboolean(L, stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
			faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0);
	return 1;
}

static const char *kind_of(mode_t mode)
{
	return S_ISREG(mode) ? "file" : S_ISDIR(mode) ? "directory" :
	       S_ISCHR(mode) || S_ISBLK(mode) ? "device" : S_ISLNK(mode) ? "link" : "other";
}

/* [-0, +2|3, v]  real_path(path) -> path without links, "file", "directory", "device" or
 * "other" | nil, message, errno */
static int real_path(lua_State *L)
{
	char real[PATH_MAX];
	struct stat st;

	if (!realpath(check_cstring(L, 1), real) || stat(real, &st) < 0)
		return push_fail(L, -errno, "real_path");
	lua_pushstring(L, real);
	lua_pushstring(L, kind_of(st.st_mode));
	return 2;
}

/* [-0, +1, v]  entry_kind(path) -> as real_path says, or "link" | nil if there is none */
static int entry_kind(lua_State *L)
{
	struct stat st;

	if (lstat(check_cstring(L, 1), &st) == 0)
		lua_pushstring(L, kind_of(st.st_mode));
	else
		luaL_pushfail(L);
	return 1;
}

/* [-0, +1|3, v]  socket_protocol(pid, fd) -> "TCP", "UDPv6", "UNIX-STREAM" ... | nil,
 * message, errno. The name that lsof shows, too: sockfs has it as an attribute. */
static int socket_protocol(lua_State *L)
{
	char path[64], name[64];

	snprintf(path, sizeof path, "/proc/%lld/fd/%lld", luaL_checkinteger(L, 1),
		 luaL_checkinteger(L, 2));
	ssize_t n = getxattr(path, "system.sockprotoname", name, sizeof name);
	if (n < 0)
		return push_fail(L, -errno, "socket_protocol");
	lua_pushlstring(L, name, strnlen(name, (size_t)n));
	return 1;
}

/* it only has to break off a wait */
static void on_alarm(int sig)
{
	(void)sig;
}

/* [-0, +0, v]  alarm(ms): a run:wait() returns false every so often, 0: no more. For the
 * command, whose process has no other use for SIGALRM. */
static int host_alarm(lua_State *L)
{
	lua_Integer ms = luaL_checkinteger(L, 1);
	struct timeval every = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){ every, every }, NULL);
	return 0;
}

void host_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "sink", new_sink }, { "clock", host_clock }, { "alarm", host_alarm },
		{ "is_program", is_program }, { "real_path", real_path },
		{ "entry_kind", entry_kind }, { "socket_protocol", socket_protocol },
		{ NULL, NULL },
	};
	static const luaL_Reg methods[] = {
		{ "write", sink_write }, { "wait", sink_wait }, { "columns", sink_columns },
		{ "close", sink_close }, { "__gc", sink_close }, { "__close", sink_close },
		{ NULL, NULL },
	};

	new_type(L, SINK, methods);
	lua_pop(L, 1);
	luaL_setfuncs(L, functions, 0);
}
