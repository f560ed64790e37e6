/* raw_socket inet|inet6|packet|vsock - a socket that forges or overhears packets */
#include "verdict.h"

#include <netinet/in.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	const char *kind = argc == 2 ? argv[1] : "";

	gain_privilege(CLONE_NEWNET);
	if (strcmp(kind, "inet") == 0)
		return verdict(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
	if (strcmp(kind, "inet6") == 0)
		return verdict(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	if (strcmp(kind, "packet") == 0)
		return verdict(socket(AF_PACKET, SOCK_DGRAM, 0));
	return 2;
}
