/* A message and at most one descriptor through a socket, unix(7). */
#include "message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union ancillary {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int message_send(int socket, const void *bytes, size_t size, int fd, int flags)
{
	union ancillary ancillary = { 0 };
	struct iovec part = { (void *)bytes, size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		header.msg_control = ancillary.bytes;
		header.msg_controllen = sizeof ancillary.bytes;
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&header);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	}
	return sendmsg(socket, &header, MSG_NOSIGNAL | flags) < 0 ? -errno : 0;
}

int message_receive(int socket, void *bytes, size_t size, int *fd, int flags)
{
	union ancillary ancillary;
	struct iovec part = { bytes, size };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.bytes,
		.msg_controllen = sizeof ancillary.bytes,
	};
	ssize_t n;

	*fd = -1;
	do
		n = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(cmsg), sizeof(int));
	return n == (ssize_t)size ? 0 : -ECONNRESET;
}
