/*
 * structs: one connect for each kind of address, a writev and an execve, for
 * ctx:sockaddr, ctx:iov and ctx:argv.
 */
#include <netinet/in.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void to(const void *address, size_t len)
{
	connect(-1, address, (socklen_t)len);
}

int main(void)
{
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80),
				  .sin_addr.s_addr = htonl(0x7f000001) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443),
				    .sin6_addr.s6_addr = { 0xfe, 0x80, [15] = 1 },
				    .sin6_scope_id = 2 };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0a\0b" };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 9 };
	struct iovec iov[] = { { "abc", 3 }, { NULL, 1UL << 63 | 5 } };
	struct msghdr msg = { .msg_name = &in, .msg_namelen = sizeof in };
	char *argv[] = { "none", "", "caf\303\251 \377", NULL }, *envp[] = { "A=1", NULL };

	to(&in, sizeof in);
	to(&in6, sizeof in6);
	to(&un, sizeof un);
	to(&abstract, head + 4);
	to(&un, head);
	to(&nl, sizeof nl);
	to(&in, 4);
	to(&in, 1);
	to((void *)8, 16);
	to(NULL, 16);
	to(&in, (size_t)-1);
	sendmsg(-1, &msg, 0);
	writev(-1, iov, 2);
	execve("./none", argv, envp);
	syscall(SYS_execve, "./none", 8L, NULL);	/* gcc would warn of execve(3) */
	return 0;
}
