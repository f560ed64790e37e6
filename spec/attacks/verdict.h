/* What the attacks share: each prints "worked" or "refused ERRNO" and exits with 0. */
#ifndef VERDICT_H
#define VERDICT_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* result as of a system call: negative with errno */
static inline int verdict(long result)
{
	if (result < 0)
		printf("refused %s\n", strerrorname_np(errno));
	else
		printf("worked\n");
	return 0;
}

/* For what needs a privilege: anyone has it in a user namespace of their own. */
static inline void gain_privilege(int flags)
{
	if (unshare(CLONE_NEWUSER | flags) < 0)
		fprintf(stderr, "no user namespace: %s\n", strerrorname_np(errno));
}

#endif
