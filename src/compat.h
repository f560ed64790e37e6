/* Kernel constants that are newer than the headers of Debian 12 (Linux 6.1). */
#ifndef DEMI_COMPAT_H
#define DEMI_COMPAT_H

#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV		/* Linux 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP		/* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

/* landlock(7): rights by the ABI that brought them */
#ifndef LANDLOCK_ACCESS_FS_REFER			/* ABI 2, Linux 5.19 */
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE			/* ABI 3, Linux 6.2 */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP			/* ABI 4, Linux 6.7 */
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV			/* ABI 5, Linux 6.10 */
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL				/* ABI 6, Linux 6.12 */
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif
/* of enum landlock_rule_type, so that #ifndef cannot ask for it */
#define LANDLOCK_RULE_NET_PORT_NR 2			/* ABI 4 */

#ifndef MFD_NOEXEC_SEAL					/* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define PIDFD_INFO_EXIT (1UL << 3)				/* Linux 6.15 */
/* struct pidfd_info of <linux/pidfd.h>, as long as it was at first */
struct pidfd_info_exit {
	__u64 mask, cgroupid;
	__u32 ids[11];
	__s32 exit_code;
};
#define PIDFD_GET_INFO_EXIT _IOWR(0xFF, 11, struct pidfd_info_exit)

#ifndef PIDFD_THREAD					/* Linux 6.9 */
#define PIDFD_THREAD O_EXCL
#endif

#endif
