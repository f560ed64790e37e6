/* What machines lack: bit p of a set stands for DEMI_PROTECTION p. */
#ifndef DEMI_PROTECTION_H
#define DEMI_PROTECTION_H

struct namespaces;

struct protection {
	const char *name;
	int abi;		/* of Landlock that brought it, or 0 */
	const char *release;	/* of Linux */
};
extern const struct protection protections[];

/* Which of the wanted ones a kernel of this ABI lacks. */
unsigned int protection_lacks(int abi, unsigned int wanted);

/* Fills what DEMI_ISOLATE_* flags ask for. */
void protection_namespaces(unsigned int isolated, struct namespaces *out);

/* Enters them in a child. Returns 0 or -errno. */
int protection_try(unsigned int isolated);

/*
 * protection_refused - which namespaces this machine refuses, of those that may be missing
 *
 * Tried in children, a millisecond each, if any may be. Only a clear no counts: what
 * failed for want of memory or processes is left to fail again at the start.
 */
unsigned int protection_refused(unsigned int isolated, unsigned int may_be_missing);

/* The flags that are left of them without what is missing. */
unsigned int protection_isolated(unsigned int isolated, unsigned int missing);

#endif
