/* sockets - makes one of each kind that is not TCP */
#include "attack.h"

#include <netinet/in.h>
#include <sys/socket.h>

int main(void)
{
	tell("UDP", socket(AF_INET, SOCK_DGRAM, 0));
	tell("UDP by number", socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
	tell("ICMP", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	tell("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	tell("UNIX", socket(AF_UNIX, SOCK_STREAM, 0));
	return 0;
}
