/* Kernel constants that are newer than the headers of Debian 12 (Linux 6.1). */
#ifndef DEMI_COMPAT_H
#define DEMI_COMPAT_H

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

#ifndef MFD_NOEXEC_SEAL					/* Linux 6.3 */
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#endif
