/*
 * addresses HOW PORT ADDRESS... - tries to reach each address, by
 *   tcp, udp        connect(2)
 *   sendto, sendmsg, sendmmsg, unspec  a datagram; the last without a family
 *   flip            connect(2), while another thread flips the first address and the
 *                   second: was the second reached?
 *
 * "addresses -" listens on a free port of every address, prints its number, and waits for the
 * end of stdin.
 */
#include "attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { FLIPS = 20000 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t parse(const char *text, const char *port, union address *out)
{
	memset(out, 0, sizeof *out);
	if (strchr(text, ':')) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)atoi(port));
		inet_pton(AF_INET6, text, &out->v6.sin6_addr);
		return sizeof out->v6;
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons((uint16_t)atoi(port));
	inet_pton(AF_INET, text, &out->v4.sin_addr);
	return sizeof out->v4;
}

static long reach(const char *how, union address *to, socklen_t len)
{
	int is_tcp = strcmp(how, "tcp") == 0;
	int fd = socket(to->any.sa_family, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	struct iovec part = { "x", 1 };
	struct mmsghdr message = {
		.msg_hdr = { .msg_name = to, .msg_namelen = len, .msg_iov = &part,
			     .msg_iovlen = 1 },
	};

	if (fd < 0 || is_tcp || strcmp(how, "udp") == 0)
		return fd < 0 ? -1 : connect(fd, &to->any, len);
	if (strcmp(how, "sendmsg") == 0)
		return sendmsg(fd, &message.msg_hdr, 0);
	if (strcmp(how, "sendmmsg") == 0)
		return sendmmsg(fd, &message, 1, 0);
	if (strcmp(how, "unspec") == 0)
		to->any.sa_family = AF_UNSPEC;
	return sendto(fd, "x", 1, 0, &to->any, len);
}

static _Atomic in_addr_t *flipped;
static in_addr_t flip_between[2];

static void *flip(void *unused)
{
	for (unsigned int i = 0;; i++)
		atomic_store(flipped, flip_between[i & 1]);
	return unused;
}

static long reach_by_flipping(const char *port, char **two)
{
	union address to, other, peer;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_t thread;
	long n = 0;

	parse(two[1], port, &other);
	parse(two[0], port, &to);
	flip_between[0] = to.v4.sin_addr.s_addr;
	flip_between[1] = other.v4.sin_addr.s_addr;
	flipped = (_Atomic in_addr_t *)&to.v4.sin_addr.s_addr;
	alarm(10);
	pthread_create(&thread, NULL, flip, NULL);
	for (int i = 0; i < FLIPS && n == 0; i++) {
		socklen_t len = sizeof peer;
		if (connect(fd, &to.any, sizeof to.v4) == 0 &&
		    getpeername(fd, &peer.any, &len) == 0)
			n += peer.v4.sin_addr.s_addr == other.v4.sin_addr.s_addr;
	}
	errno = EACCES;
	return n ? n : -1;
}

static int serve(void)
{
	struct sockaddr_in6 own = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof own;
	int tcp = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET6, SOCK_DGRAM, 0);
	char byte;

	bind(tcp, (struct sockaddr *)&own, sizeof own);
	listen(tcp, 50);
	getsockname(tcp, (struct sockaddr *)&own, &len);
	bind(udp, (struct sockaddr *)&own, sizeof own);
	printf("%d\n", ntohs(own.sin6_port));
	fflush(stdout);
	return (int)read(0, &byte, 1);
}

int main(int argc, char **argv)
{
	union address to;

	if (argc == 2)
		return serve();
	if (argc < 4)
		return 2;
	if (strcmp(argv[1], "flip") == 0) {
		tell("flip", reach_by_flipping(argv[2], argv + 3));
		_exit(0);
	}
	for (int i = 3; i < argc; i++) {
		socklen_t len = parse(argv[i], argv[2], &to);
		tell(argv[i], reach(argv[1], &to, len));
	}
	return 0;
}
