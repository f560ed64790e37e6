/* A message and at most one descriptor through a socket, unix(7). */
#ifndef DEMI_MESSAGE_H
#define DEMI_MESSAGE_H

#include <stddef.h>

/* fd, if not -1, goes along. flags as sendmsg(2). Returns 0 or -errno. */
int message_send(int socket, const void *bytes, size_t size, int fd, int flags);

/*
 * message_receive - a message of just this size
 *
 * fd  set to the descriptor that came along, which the caller owns, or -1
 *
 * Returns 0, -ECONNRESET when the other end is gone, or -errno of recvmsg(2).
 */
int message_receive(int socket, void *bytes, size_t size, int *fd, int flags);

#endif
