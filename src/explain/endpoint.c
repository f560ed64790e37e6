/* The address of a bind(2) or connect(2), as far as rules are about it. */
#include "need.h"

#include "../kernel.h"
#include "../util.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage storage;
};

/* Its length, or 0. */
static size_t read_address(const struct call_facts *call, union address *out)
{
	const uint64_t *args = call->notif->args;
	size_t len = (size_t)(uint32_t)args[2];

	*out = (union address){ 0 };
	if (len < sizeof out->any.sa_family || len > sizeof *out)
		return 0;
	return demi_mem_read(call->mem, args[1], out, len) == (ssize_t)len ? len : 0;
}

static int get(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

/* A copy of a descriptor of the calling process; -1 if we may not have it. */
static int copy_fd(const struct call_facts *call, int fd)
{
	pid_t tgid, ppid;

	if (demi_mem_ids(call->mem, &tgid, &ppid) < 0)
		return -1;
	return kernel_getfd((pid_t)call->notif->pid, tgid, fd);
}

static bool has_room(const union address *address, size_t len)
{
	/* struct sockaddr_in6 without sin6_scope_id is long enough: ipv6(7) */
	return address->any.sa_family == AF_INET6
		? len >= offsetof(struct sockaddr_in6, sin6_scope_id)
		: len >= sizeof address->in;
}

bool need_port(const struct call_facts *call, bool *binds, unsigned int *port)
{
	const char *name = demi_syscall_name(call->notif->syscall_nr);
	union address address;
	size_t len;

	*binds = strcmp(name, "bind") == 0;
	if ((!*binds && strcmp(name, "connect") != 0) || !(len = read_address(call, &address)))
		return false;
	sa_family_t family = address.any.sa_family;
	/* AF_UNSPEC disconnects; bind(2) takes it for AF_INET, ip(7) */
	if ((family != AF_INET && family != AF_INET6 && !(*binds && family == AF_UNSPEC)) ||
	    !has_room(&address, len))
		return false;
	AUTO_FD fd = copy_fd(call, (int)call->notif->args[0]);
	if (fd < 0 || get(fd, SO_PROTOCOL) != IPPROTO_TCP || get(fd, SO_TYPE) != SOCK_STREAM)
		return false;
	/* another family is EINVAL before the port counts */
	if (get(fd, SO_DOMAIN) != (family == AF_UNSPEC ? AF_INET : family))
		return false;
	*port = ntohs(family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
	return true;
}

bool need_address(const struct call_facts *call, char path[PATH_MAX])
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	union address address;
	size_t len = read_address(call, &address);

	if (len <= head || address.any.sa_family != AF_UNIX || !address.un.sun_path[0])
		return false;	/* unnamed, or abstract: no file */
	size_t n = strnlen(address.un.sun_path, len - head < sizeof address.un.sun_path
							? len - head : sizeof address.un.sun_path);
	memcpy(path, address.un.sun_path, n);
	path[n] = 0;
	return true;
}
