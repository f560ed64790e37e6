/*
 * tcp CONNECT BIND - tries two ports of 127.0.0.1, and ways around rules about them.
 * "tcp -" listens on a free port, prints its number, and waits for the end of stdin.
 */
#include "attack.h"

#include <netinet/in.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static struct sockaddr_in at(const char *port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static long connect_to(const char *port, int protocol)
{
	struct sockaddr_in address = at(port);
	int fd = socket(AF_INET, SOCK_STREAM, protocol);

	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static long connect_v6(const char *port)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6, .sin6_port = at(port).sin_port,
	};
	const unsigned char mapped[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	memcpy(&address.sin6_addr, mapped, sizeof mapped);
	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}

static long connect_fast(const char *port)
{
	struct sockaddr_in address = at(port);

	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&address,
				    sizeof address);
}

static int bind_to(const char *port)
{
	struct sockaddr_in address = at(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_in own;
	socklen_t len = sizeof own;
	char byte;

	if (argc == 2 && strcmp(argv[1], "-") == 0) {
		int fd = bind_to("0");
		listen(fd, 50);
		getsockname(fd, (struct sockaddr *)&own, &len);
		printf("%d\n", ntohs(own.sin_port));
		fflush(stdout);
		return (int)read(0, &byte, 1);
	}
	if (argc != 3)
		return 2;
	tell("connect", connect_to(argv[1], 0));
	tell("connect by a mapped address", connect_v6(argv[1]));
	tell("connect by MPTCP", connect_to(argv[1], IPPROTO_MPTCP));
	tell("connect by MSG_FASTOPEN", connect_fast(argv[1]));
	tell("bind", bind_to(argv[2]));
	tell("bind to any", bind_to("0"));
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	tell("listen without bind", fd < 0 ? -1 : listen(fd, 1));
	return 0;
}
