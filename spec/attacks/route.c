/* route - lead the packets of a socket to another address than it will be connected to */
#include "attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR 32
#endif

/* A segment routing header, RFC 8754: by way of two addresses. */
struct segments {
	unsigned char next, len, type, left, last, flags, tag[2];
	struct in6_addr address[2];
};

/* struct in6_flowlabel_req of linux/in6.h, and a header of a control message behind it */
struct label {
	struct in6_addr dst;
	uint32_t label;
	uint8_t action, share;
	uint16_t flags, expires, linger;
	uint32_t pad;
};

static void try(const char *name, int option, const void *value, size_t len)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	tell(name, fd < 0 ? -1 : setsockopt(fd, IPPROTO_IPV6, option, value, (socklen_t)len));
}

int main(void)
{
	struct segments header = {
		.len = 4, .type = 4, .left = 1, .last = 1,
		.address = { IN6ADDR_LOOPBACK_INIT, IN6ADDR_LOOPBACK_INIT },
	};
	struct label label = {
		.dst = IN6ADDR_LOOPBACK_INIT, .share = 1, .flags = 1, .linger = 1,
	};

	try("routing header", IPV6_RTHDR, &header, sizeof header);
	try("flow label", IPV6_FLOWLABEL_MGR, &label, sizeof label);
	return 0;
}
