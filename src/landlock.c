/* Landlock rulesets from plain values: landlock(7). */
#include "landlock.h"

#include "compat.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights that mean something for what is not a directory; the kernel refuses others. */
#define FILE_RIGHTS                                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                    \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                    \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV)

/* every right of ABI 1, bits 0 to 12 */
#define FIRST_RIGHTS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

#define READ_RIGHTS                                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |                     \
	 LANDLOCK_ACCESS_FS_READ_DIR)

/* Device nodes stay out: mknod(2) of one is the way to a disk, not a file. */
#define WRITE_RIGHTS                                                                     \
	(READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |   \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                  \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                    \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |                    \
	 LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE |                        \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV)

/* struct landlock_ruleset_attr and landlock_net_port_attr as of ABI 6; an older
 * kernel takes a longer one whose tail is 0 */
struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};
struct port_attr {
	uint64_t allowed_access, port;
};

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

/* The file rights that a kernel of this ABI knows. */
static uint64_t known_rights(int abi)
{
	uint64_t known = abi >= 1 ? FIRST_RIGHTS : 0;

	if (abi >= 2)
		known |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		known |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		known |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return known;
}

struct landlock_masks landlock_masks(int abi, const struct landlock_scope *scope)
{
	struct landlock_masks masks = { 0 };

	if (scope->files)
		masks.fs = known_rights(abi);
	if (abi >= 4 && scope->binds)
		masks.net |= LANDLOCK_ACCESS_NET_BIND_TCP;
	if (abi >= 4 && scope->connects)
		masks.net |= LANDLOCK_ACCESS_NET_CONNECT_TCP;
	if (abi >= 6)
		masks.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
	return masks;
}

uint64_t landlock_rights(int abi, unsigned int access, mode_t mode)
{
	uint64_t rights = 0;

	if (access & LANDLOCK_LIST)
		rights |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (access & LANDLOCK_READ)
		rights |= READ_RIGHTS;
	if (access & LANDLOCK_WRITE)
		rights |= WRITE_RIGHTS;
	if (!S_ISDIR(mode))
		rights &= FILE_RIGHTS;
	return rights & known_rights(abi);
}

int landlock_create(const struct landlock_masks *masks)
{
	struct ruleset_attr attr = { masks->fs, masks->net, masks->scoped };
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);

	return fd < 0 ? -errno : (int)fd;
}

int landlock_allow_path(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr attr = { .allowed_access = rights, .parent_fd = fd };

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr,
		       0) < 0 ? -errno : 0;
}

int landlock_allow_port(int ruleset, uint64_t right, uint16_t port)
{
	struct port_attr attr = { right, port };

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT_NR, &attr,
		       0) < 0 ? -errno : 0;
}

int landlock_restrict(int ruleset)
{
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}
