/* One line of context for an error number. */
#ifndef DEMI_FAIL_H
#define DEMI_FAIL_H

struct why {
	char text[256];
};

/*
 * fail - note what was being done when rc came, and hand rc back
 *
 * rc  a negated errno value; its text is appended
 */
int fail(struct why *why, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
