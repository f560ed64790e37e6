/*
 * abstract NAME - connects to an abstract UNIX socket of somebody else's, and to one
 * of its own. "abstract -" makes one, prints its name, and waits for the end of stdin.
 */
#include "attack.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t name(struct sockaddr_un *address, const char *text)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(address->sun_path + 1, text, sizeof address->sun_path - 2);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(text));
}

static long connect_to(const char *text)
{
	struct sockaddr_un address;
	socklen_t len = name(&address, text);

	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, len);
}

static long send_to(const char *text)
{
	struct sockaddr_un address;
	socklen_t len = name(&address, text);

	return sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&address,
		      len);
}

static const char *serve(int type)
{
	struct sockaddr_un address;
	char *text;
	int fd = socket(AF_UNIX, type, 0);

	if (asprintf(&text, "demilune-%d-%d", type, (int)getpid()) < 0)
		abort();
	socklen_t len = name(&address, text);
	if (bind(fd, (struct sockaddr *)&address, len) < 0)
		perror("bind");
	if (type == SOCK_STREAM)
		listen(fd, 5);
	return text;
}

int main(int argc, char **argv)
{
	char byte;

	if (argc == 2 && strcmp(argv[1], "-") == 0) {
		printf("%s %s\n", serve(SOCK_STREAM), serve(SOCK_DGRAM));
		fflush(stdout);
		return (int)read(0, &byte, 1);
	}
	if (argc != 3)
		return 2;
	tell("connect", connect_to(argv[1]));
	tell("send", send_to(argv[2]));
	tell("its own", connect_to(serve(SOCK_STREAM)));
	return 0;
}
