/*
 * The calls that a confined program never needs and an attacker does. A table: the
 * reason of an entry stands beside it, and demi_sandbox_denial() tells it.
 *
 * EPERM is what a program gets that lacks the privilege, so it copes with it.
 * ENOSYS is for what programs probe for: they then do the same in another way.
 */
#include "denylist.h"

#include <demilune.h>

#include <errno.h>
#include <linux/ioprio.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define ALL_BITS 0xffffffffU
#define IS(n, v) { .arg = (n), .mask = ALL_BITS, .value = (uint32_t)(v) }
#define IS_NOT(n, v) { .arg = (n), .differs = true, .mask = ALL_BITS, .value = (uint32_t)(v) }
#define MATCHES(n, m, v) { .arg = (n), .mask = (uint32_t)(m), .value = (uint32_t)(v) }
#define HAS_ANY(n, m) { .arg = (n), .differs = true, .mask = (uint32_t)(m), .value = 0 }

#ifndef CLONE_NEWTIME		/* Linux 5.6 */
#define CLONE_NEWTIME 0x80
#endif
/* clone(2) has CLONE_NEWTIME's bit in its exit signal: only unshare(2) takes it. */
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* socket(2): the type shares its argument with SOCK_CLOEXEC and SOCK_NONBLOCK */
#define TYPE_MASK 0xfU
/* AF_INET is 2 and AF_INET6 is 10: they differ in one bit */
#define IS_INET MATCHES(0, ~8U, AF_INET)
#define IS_TYPE(t) MATCHES(1, TYPE_MASK, t)

#define BINDS "it changes what every path means"
#define ESCAPES "new namespaces give capabilities back and open kernel code to everyone"
#define REACHES "it reads or changes another process, the supervisor among them"
#define KERNEL "it puts code into the kernel"
#define TIME "the clock is the machine's"
#define BEHIND "it makes system calls that no filter sees"
#define OLD_IPC "System V IPC is shared with everyone on the machine and outlives the run"
#define QUEUES "message queues are all of the user's programs' and outlive the run"
#define LIMITS "a limit of CPU time kills, also what is outside of the run"
#define ALL_OF_USER "it slows down all processes of the user"
#define SECRETS "keys are the user's, not the program's, and outlive the run"
#define MACHINE "it is about the machine, not about a program"
#define PORTS "it opens the hardware's ports"
#define FAMILIES "rare protocols are loaded on demand and seldom tried"

const char denylist_newest[] = "file_setattr";	/* Linux 6.17 */

const struct denial denylist[] = {
	{ "mount", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "umount2", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "pivot_root", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "chroot", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "fsopen", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "fsconfig", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "fsmount", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "fspick", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "move_mount", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "open_tree", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "open_tree_attr", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "mount_setattr", "%mount", NULL, BINDS, EPERM, { { 0 } } },
	{ "open_by_handle_at", "%mount", NULL,
	  "it opens any file of a filesystem without a path", EPERM, { { 0 } } },

	{ "unshare", "%namespace", "with a CLONE_NEW flag", ESCAPES, EPERM,
	  { HAS_ANY(0, NEW_NAMESPACES | CLONE_NEWTIME) } },
	{ "setns", "%namespace", NULL, ESCAPES, EPERM, { { 0 } } },
	{ "clone", "%namespace", "with a CLONE_NEW flag", ESCAPES, EPERM,
	  { HAS_ANY(0, NEW_NAMESPACES) } },
	{ "clone3", "%namespace", NULL,
	  "its flags are in memory, where no filter sees them; libc falls back to clone",
	  ENOSYS, { { 0 } } },

	{ "init_module", "%module", NULL, KERNEL, EPERM, { { 0 } } },
	{ "finit_module", "%module", NULL, KERNEL, EPERM, { { 0 } } },
	{ "delete_module", "%module", NULL, KERNEL, EPERM, { { 0 } } },
	{ "bpf", "%module", NULL, KERNEL, EPERM, { { 0 } } },
	{ "kexec_load", "%reboot", NULL, KERNEL, EPERM, { { 0 } } },
	{ "kexec_file_load", "%reboot", NULL, KERNEL, EPERM, { { 0 } } },
	{ "reboot", "%reboot", NULL, MACHINE, EPERM, { { 0 } } },

	{ "ptrace", "%ptrace", NULL, REACHES, EPERM, { { 0 } } },
	{ "process_vm_readv", "%ptrace", NULL, REACHES, EPERM, { { 0 } } },
	{ "process_vm_writev", "%ptrace", NULL, REACHES, EPERM, { { 0 } } },
	{ "process_madvise", "%ptrace", NULL, REACHES, EPERM, { { 0 } } },
	{ "pidfd_getfd", "%ptrace", NULL, REACHES, EPERM, { { 0 } } },
	{ "kcmp", "%ptrace", NULL, "it tells kernel addresses of other processes apart",
	  EPERM, { { 0 } } },
	{ "perf_event_open", "%ptrace", NULL, "it watches other processes and the kernel",
	  EPERM, { { 0 } } },
	{ "userfaultfd", "%ptrace", NULL,
	  "it stalls whoever reads the program's memory, the kernel and us", EPERM, { { 0 } } },
	{ "memfd_secret", "%ptrace", NULL, "it hides memory from the supervisor", ENOSYS,
	  { { 0 } } },
	{ "prctl", "%ptrace", "PR_SET_DUMPABLE to 0", "it hides memory from the supervisor",
	  EPERM, { IS(0, PR_SET_DUMPABLE), IS(1, 0) } },
	{ "prctl", "%ptrace", "PR_SET_MM", "it forges /proc/PID/exe and cmdline", EPERM,
	  { IS(0, PR_SET_MM) } },

	{ "prlimit64", "%other", "of another process", LIMITS, EPERM, { IS_NOT(0, 0) } },
	{ "setpriority", "%other", "PRIO_USER", ALL_OF_USER, EPERM, { IS(0, PRIO_USER) } },
	{ "ioprio_set", "%other", "IOPRIO_WHO_USER", ALL_OF_USER, EPERM,
	  { IS(0, IOPRIO_WHO_USER) } },

	{ "add_key", "%keyring", NULL, SECRETS, EPERM, { { 0 } } },
	{ "request_key", "%keyring", NULL, SECRETS, EPERM, { { 0 } } },
	{ "keyctl", "%keyring", NULL, SECRETS, EPERM, { { 0 } } },

	{ "io_uring_setup", "%io_uring", NULL, BEHIND, ENOSYS, { { 0 } } },
	{ "io_uring_enter", "%io_uring", NULL, BEHIND, ENOSYS, { { 0 } } },
	{ "io_uring_register", "%io_uring", NULL, BEHIND, ENOSYS, { { 0 } } },

	{ "clock_settime", "%clock", NULL, TIME, EPERM, { { 0 } } },
	{ "clock_adjtime", "%clock", NULL, TIME, EPERM, { { 0 } } },
	{ "settimeofday", "%clock", NULL, TIME, EPERM, { { 0 } } },
	{ "adjtimex", "%clock", NULL, TIME, EPERM, { { 0 } } },
	{ "stime", "%clock", NULL, TIME, EPERM, { { 0 } } },

	{ "swapon", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "swapoff", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "quotactl", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "quotactl_fd", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "acct", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "syslog", "%machine", NULL, "the kernel's log tells addresses and others' doings",
	  EPERM, { { 0 } } },
	{ "sethostname", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "setdomainname", "%machine", NULL, MACHINE, EPERM, { { 0 } } },
	{ "lsm_set_self_attr", "%machine", NULL, "it changes the program's security label",
	  EPERM, { { 0 } } },
	{ "iopl", "%machine", NULL, PORTS, EPERM, { { 0 } } },
	{ "ioperm", "%machine", NULL, PORTS, EPERM, { { 0 } } },
	{ "modify_ldt", "%machine", NULL, "16-bit segments: old kernel code, often broken",
	  ENOSYS, { { 0 } } },
	{ "personality", "%machine", "other than to read it",
	  "it switches off address randomization and memory protection", EPERM,
	  { IS_NOT(0, 0xffffffff) } },

	{ "shmget", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "shmat", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "shmctl", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "shmdt", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "semget", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "semop", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "semtimedop", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "semctl", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "msgget", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "msgsnd", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "msgrcv", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },
	{ "msgctl", "%ipc", NULL, OLD_IPC, EPERM, { { 0 } } },

	{ "mq_open", "%ipc", NULL, QUEUES, EPERM, { { 0 } } },
	{ "mq_unlink", "%ipc", NULL, QUEUES, EPERM, { { 0 } } },

	{ "ioctl", "%terminal", "TIOCSTI", "it types into the terminal, for the shell to run",
	  EPERM, { IS(1, TIOCSTI) } },
	{ "ioctl", "%terminal", "TIOCLINUX", "it pastes into the console, for the shell to run",
	  EPERM, { IS(1, TIOCLINUX) } },

	{ "socket", "%raw", "SOCK_RAW of AF_INET or AF_INET6",
	  "a raw socket forges and overhears packets", EPERM, { IS_INET, IS_TYPE(SOCK_RAW) } },
	{ "socket", "%raw", "SOCK_PACKET, the old name of AF_PACKET",
	  "a packet socket forges and overhears packets", EPERM,
	  { IS_INET, IS_TYPE(SOCK_PACKET) } },
	{ "socket", "%raw", "AF_PACKET", "a packet socket forges and overhears packets", EPERM,
	  { IS(0, AF_PACKET) } },
	/* All that is not AF_UNIX 1, AF_INET 2, AF_INET6 10, AF_NETLINK 16 or
	 * AF_PACKET 17, as bit patterns: 3; 4-7; 8, 9; 11; 12-15; 18, 19; 20-23;
	 * 24-31; 32-63. The kernel knows none above, linux/socket.h */
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { IS(0, 3) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~3U, 4) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~1U, 8) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { IS(0, 11) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~3U, 12) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~1U, 18) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~3U, 20) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, ~7U, 24) } },
	{ "socket", "%socket", "a rare family", FAMILIES, EPERM, { MATCHES(0, 32, 32) } },
};
const size_t denylist_len = sizeof denylist / sizeof *denylist;

#define NOT_NAMED "this kind of socket was not named"
#define AROUND "it is a way around the rules about TCP ports"
#define DATAGRAMS (DEMI_SOCKET_UDP | DEMI_SOCKET_ICMP)
#define ROUTES "it leads packets to other addresses than the rules saw"
#define IPV6_OPTION(name) { IS(1, IPPROTO_IPV6), IS(2, name) }
#ifndef IPV6_FLOWLABEL_MGR	/* linux/in6.h */
#define IPV6_FLOWLABEL_MGR 32
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

const struct socket_denial socket_denylist[] = {
	{ DEMI_SOCKET_NETLINK, { "socket", "%net", "AF_NETLINK", NOT_NAMED, EPERM,
	  { IS(0, AF_NETLINK) } } },
	{ DATAGRAMS, { "socket", "%net", "SOCK_DGRAM", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM) } } },
	/* protocols: ICMP 1, ICMPv6 58; none 0, UDP 17, UDP-Lite 136 */
	{ DEMI_SOCKET_ICMP, { "socket", "%net", "ICMP", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM), IS(2, IPPROTO_ICMP) } } },
	{ DEMI_SOCKET_ICMP, { "socket", "%net", "ICMPv6", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM), IS(2, IPPROTO_ICMPV6) } } },
	{ DEMI_SOCKET_UDP, { "socket", "%net", "UDP", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM), IS(2, 0) } } },
	{ DEMI_SOCKET_UDP, { "socket", "%net", "UDP", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM), IS(2, IPPROTO_UDP) } } },
	{ DEMI_SOCKET_UDP, { "socket", "%net", "UDP-Lite", NOT_NAMED, EPERM,
	  { IS_INET, IS_TYPE(SOCK_DGRAM), IS(2, IPPROTO_UDPLITE) } } },
	/* Landlock's ports are TCP's alone: of the streams, protocol 0 and 6 stay.
	 * The kernel knows no protocol of 512 or more. */
	{ 0, { "socket", "%net", "a stream that is not TCP", AROUND, EPERM,
	  { IS_INET, IS_TYPE(SOCK_STREAM), HAS_ANY(2, 0x1ff & ~IPPROTO_TCP) } } },
	{ 0, { "socket", "%net", "SCTP, DCCP", AROUND, EPERM,
	  { IS_INET, MATCHES(1, 0xc, 4) } } },
	{ 0, { "socket", "%net", "SCTP, DCCP", AROUND, EPERM,
	  { IS_INET, MATCHES(1, 0x8, 8) } } },
	/* Landlock asks at connect(2), which these make unnecessary: tcp(7) */
	{ 0, { "sendto", "%net", "MSG_FASTOPEN", AROUND, EPERM, { HAS_ANY(3, MSG_FASTOPEN) } } },
	{ 0, { "sendmsg", "%net", "MSG_FASTOPEN", AROUND, EPERM, { HAS_ANY(2, MSG_FASTOPEN) } } },
	{ 0, { "sendmmsg", "%net", "MSG_FASTOPEN", AROUND, EPERM, { HAS_ANY(3, MSG_FASTOPEN) } } },
	/* the packets of a connection to one address go to another first: ipv6(7), RFC 8754 */
	{ 0, { "setsockopt", "%net", "IPV6_RTHDR", ROUTES, EPERM, IPV6_OPTION(IPV6_RTHDR) } },
	{ 0, { "setsockopt", "%net", "IPV6_2292RTHDR", ROUTES, EPERM,
	  IPV6_OPTION(IPV6_2292RTHDR) } },
	{ 0, { "setsockopt", "%net", "IPV6_2292PKTOPTIONS", ROUTES, EPERM,
	  IPV6_OPTION(IPV6_2292PKTOPTIONS) } },
	{ 0, { "setsockopt", "%net", "IPV6_FLOWLABEL_MGR", ROUTES, EPERM,
	  IPV6_OPTION(IPV6_FLOWLABEL_MGR) } },
	{ 0, { "setsockopt", "%net", "IP_OPTIONS", ROUTES, EPERM,
	  { IS(1, IPPROTO_IP), IS(2, IP_OPTIONS) } } },
};
const size_t socket_denylist_len = sizeof socket_denylist / sizeof *socket_denylist;
