/*
 * Landlock rulesets from plain values, landlock(7). Which rights a kernel knows is
 * its ABI; what follows from an ABI is arithmetic, and pure.
 */
#ifndef DEMI_LANDLOCK_H
#define DEMI_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a domain takes charge of; what it does not grant then is refused. */
struct landlock_scope {
	bool files;
	bool binds, connects;	/* of TCP sockets */
};

struct landlock_masks {
	uint64_t fs, net, scoped;
};

/* What a path may be granted. Writing includes reading. */
enum landlock_access {
	LANDLOCK_LIST = 1,	/* the names in directories */
	LANDLOCK_READ = 2,	/* list, read, execute */
	LANDLOCK_WRITE = 4,
};

/* The newest ABI that is known here. */
#define LANDLOCK_ABI_MAX 7

/* The kernel's ABI, 0 if it has no Landlock or does not use it. */
int landlock_abi(void);

/* What a domain of this scope handles; signals and abstract sockets always. */
struct landlock_masks landlock_masks(int abi, const struct landlock_scope *scope);

/*
 * The rights of a rule on a file of this type, S_IFMT in inode(7).
 * 0: there is nothing to grant.
 */
uint64_t landlock_rights(int abi, unsigned int access, mode_t mode);

/* Returns a ruleset's descriptor or -errno. */
int landlock_create(const struct landlock_masks *masks);

/* fd: of the file or directory, O_PATH suffices. Returns 0 or -errno. */
int landlock_allow_path(int ruleset, int fd, uint64_t rights);

/* right: one of LANDLOCK_ACCESS_NET_*. Returns 0 or -errno. */
int landlock_allow_port(int ruleset, uint64_t right, uint16_t port);

/*
 * Confines the calling thread for good. Async-signal-safe. Returns 0 or -errno,
 * -EPERM without no_new_privs.
 */
int landlock_restrict(int ruleset);

#endif
