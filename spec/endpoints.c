/*
 * endpoints PORT PATH - binds and connects sockets of many kinds, prints "NAME: ERRNO"
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static union address at;
static socklen_t len;

static void try(const char *name, int domain, int type, int binds)
{
	int fd = socket(domain, type, 0);
	int rc = fd < 0 ? -2 : binds ? bind(fd, &at.any, len) : connect(fd, &at.any, len);

	printf("%s: %s%s\n", name, rc == -2 ? "no socket " : "",
	       rc < 0 ? strerrorname_np(errno) : "0");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	uint16_t port = htons((uint16_t)atoi(argv[1]));

	at.in = (struct sockaddr_in){ AF_INET, port, { htonl(INADDR_LOOPBACK) }, { 0 } };
	len = sizeof at.in;
	try("connect", AF_INET, SOCK_STREAM, 0);
	try("bind", AF_INET, SOCK_STREAM, 1);
	try("connect udp", AF_INET, SOCK_DGRAM, 0);
	try("bind udp", AF_INET, SOCK_DGRAM, 1);
	try("connect as the wrong family", AF_INET6, SOCK_STREAM, 0);
	len = 8;
	try("connect too short", AF_INET, SOCK_STREAM, 0);
	len = sizeof at.in;
	at.in.sin_family = AF_UNSPEC;
	try("disconnect", AF_INET, SOCK_STREAM, 0);
	at.in6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	len = sizeof at.in6;
	try("connect v6", AF_INET6, SOCK_STREAM, 0);
	at.un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(at.un.sun_path, argv[2], sizeof at.un.sun_path - 1);
	len = sizeof at.un;
	try("bind a path", AF_UNIX, SOCK_STREAM, 1);
	return 0;
}
