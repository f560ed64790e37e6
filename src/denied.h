/* The deny program of the default list, assembled when the library was built. */
#ifndef DEMI_DENIED_H
#define DEMI_DENIED_H

#include <linux/filter.h>

/*
 * libseccomp takes 0.6 ms for it, which is as long as all the rest of a start. It is
 * good for the libseccomp that made it: another one may know other names.
 */
struct denied {
	unsigned int major, minor, micro;	/* of libseccomp */
	int unknown_from;
	unsigned short len;			/* 0: there is none */
	const struct sock_filter *filter;
};
extern const struct denied denied_default;

#endif
