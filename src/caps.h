/* Privilege: capabilities and ids, given up. */
#ifndef DEMI_CAPS_H
#define DEMI_CAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * caps_drop_all - this thread keeps no capability: effective, permitted,
 * inheritable, ambient, and the bounding set
 *
 * Async-signal-safe. The bounding set stays if CAP_SETPCAP is not there to drop it
 * with, as for an ordinary user; no_new_privs keeps execve(2) from using it.
 *
 * Returns 0, or -errno; -EPERM if a capability is still there.
 */
int caps_drop_all(void);

/*
 * caps_become - other ids for this thread, and no supplementary groups
 *
 * Async-signal-safe. Clears PR_SET_PDEATHSIG(2const): set that afterwards.
 */
int caps_become(uid_t uid, gid_t gid);

/*
 * caps_keep - of what this thread has, only these are left: bits 1 << CAP_...
 *
 * Async-signal-safe; for capabilities 0 to 31.
 */
int caps_keep(uint32_t mask);

/*
 * caps_keep_for_supervising - what a supervisor of programs of any user needs:
 * CAP_KILL and CAP_SYS_PTRACE, to look up their paths CAP_DAC_READ_SEARCH, too, as far
 * as this thread has them; nothing else
 */
int caps_keep_for_supervising(bool looks_up_paths);

#endif
