/*
 * calls: makes many system calls, each with arguments that are worth decoding, between
 * two calls of getppid. Their results do not matter. Everything pointed to is static,
 * so that without address randomization two runs show the same.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define CALL(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

static char buf[4096];
static struct timespec moment = { .tv_sec = 0, .tv_nsec = 1000 };

static void by_path(void)
{
	static struct open_how how = { .flags = O_RDONLY | O_CLOEXEC,
				       .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH };
	static struct timespec times[2] = { { 1, 2 }, { 3, UTIME_NOW } };

	CALL(openat, AT_FDCWD, "new\n\t\"\303\251\0011", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	CALL(openat, AT_FDCWD, ".", O_WRONLY | O_TMPFILE, 0600);
	CALL(openat, 7, "../x/./y", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	CALL(openat, AT_FDCWD, NULL, O_RDONLY | 0x40000000);
	CALL(openat, AT_FDCWD, (char *)8, O_WRONLY | O_SYNC | O_APPEND | O_NONBLOCK);
	CALL(openat2, AT_FDCWD, "none", &how, sizeof how);
	CALL(newfstatat, AT_FDCWD, "none", buf, AT_SYMLINK_NOFOLLOW);
	CALL(statx, AT_FDCWD, "none", AT_STATX_DONT_SYNC | AT_EMPTY_PATH, STATX_BASIC_STATS, buf);
	CALL(statx, AT_FDCWD, "none", 0, STATX_SIZE | STATX_MODE, buf);
	CALL(faccessat, AT_FDCWD, "none", R_OK | X_OK);
	CALL(faccessat, AT_FDCWD, "none", F_OK);
	CALL(readlinkat, AT_FDCWD, "none", buf, sizeof buf);
	CALL(mkdirat, AT_FDCWD, "dir", 0755);
	CALL(mkdirat, AT_FDCWD, "dir", 0);
	CALL(mknodat, AT_FDCWD, "fifo", S_IFIFO | 0600, 0);
	CALL(renameat, AT_FDCWD, "none", 5, "other");
	CALL(renameat2, AT_FDCWD, "none", AT_FDCWD, "other", RENAME_NOREPLACE);
	CALL(linkat, AT_FDCWD, "none", AT_FDCWD, "other", AT_SYMLINK_FOLLOW);
	CALL(symlinkat, "to", AT_FDCWD, "link");
	CALL(unlinkat, AT_FDCWD, "none", AT_REMOVEDIR);
	CALL(unlinkat, AT_FDCWD, "none", 0);
	CALL(fchmodat, AT_FDCWD, "none", 04755);
	CALL(fchownat, AT_FDCWD, "none", 0, -1, AT_SYMLINK_NOFOLLOW);
	CALL(utimensat, AT_FDCWD, "none", times, 0);
	CALL(utimensat, AT_FDCWD, "none", NULL, AT_SYMLINK_NOFOLLOW);
	CALL(truncate, "none", 5L);
	CALL(chdir, "none");
	CALL(statfs, "none", buf);
	CALL(setxattr, "none", "user.x", "value", 5, XATTR_CREATE);
	CALL(getxattr, "none", "user.x", buf, 10);
	CALL(inotify_add_watch, -1, "none", IN_CREATE | IN_DELETE);
#ifdef SYS_open
	CALL(open, "none", O_RDWR | O_EXCL);
	CALL(stat, "none", buf);
	CALL(access, "none", W_OK);
	CALL(rename, "none", "other");
	CALL(creat, "none/none", 0666);
	CALL(chmod, "none", 0600);
	CALL(lchown, "none", 1000, 1000);
	CALL(rmdir, "none");
	CALL(symlink, "to", "link");
#endif
}

static void descriptors(void)
{
	static struct iovec iov[2] = { { "abc", 3 }, { "a longer text than what is shown of one", 39 } };
	static struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1 };
	static struct pollfd fds[2] = { { 0, POLLIN, 0 }, { -1, POLLOUT | POLLPRI, 0 } };
	static struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.u64 = 7 };
	static struct itimerspec timer = { { 1, 2 }, { 3, 4 } };
	static uint64_t mask = 1 << (SIGUSR1 - 1);
	static struct timespec left = { .tv_nsec = 1000 };	/* ppoll(2) writes there */

	CALL(write, -1, "a text\n", 7);
	CALL(write, -1, "a text that is longer than 32 bytes, in all", 43);
	CALL(write, -1, NULL, 3);
	CALL(writev, -1, iov, 2);
	CALL(pwrite64, -1, "x", 1, 4096L);
	CALL(pread64, -1, buf, 16, -1L);
	CALL(lseek, -1, -10L, SEEK_END);
	CALL(ftruncate, -1, 1L << 40);
	CALL(fallocate, -1, FALLOC_FL_KEEP_SIZE, 0L, 4096L);
	CALL(fadvise64, -1, 0L, 0L, POSIX_FADV_SEQUENTIAL);
	CALL(fcntl, 0, F_SETFD, FD_CLOEXEC);
	CALL(fcntl, 0, F_GETFL);
	CALL(fcntl, -1, F_SETFL, O_RDWR | O_NONBLOCK);
	CALL(fcntl, -1, F_DUPFD_CLOEXEC, 10);
	CALL(fcntl, -1, F_SETLK, &lock);
	CALL(flock, -1, LOCK_EX | LOCK_NB);
	CALL(dup3, -1, 9, O_CLOEXEC);
	CALL(pipe2, NULL, O_CLOEXEC | O_NONBLOCK);
	CALL(ppoll, fds, 2, &left, NULL, 8);
	CALL(epoll_create1, EPOLL_CLOEXEC);
	CALL(epoll_ctl, -1, EPOLL_CTL_ADD, 3, &event);
	CALL(eventfd2, 1, EFD_CLOEXEC | EFD_SEMAPHORE);
	CALL(signalfd4, -2, &mask, 8, SFD_NONBLOCK);
	CALL(timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC);
	CALL(timerfd_settime, -1, TFD_TIMER_ABSTIME, &timer, NULL);
	CALL(inotify_init1, IN_NONBLOCK);
	CALL(memfd_create, "name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CALL(splice, -1, NULL, -1, NULL, 10, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	CALL(fchmod, -1, 0600);
	CALL(fsync, -1);
	CALL(close, 77);
	CALL(close_range, 1000, ~0U, 4);
}

static void sockets(void)
{
	static struct sockaddr_in in = { .sin_family = AF_INET };
	static struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	static struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/none" };
	static struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0name" };
	static struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 5, .nl_groups = 0x11 };
	static struct iovec iov = { "bytes", 5 };
	static struct msghdr msg = { .msg_name = &in, .msg_namelen = sizeof in,
				     .msg_iov = &iov, .msg_iovlen = 1 };
	static int one = 1;

	in.sin_port = htons(8080);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in6.sin6_port = htons(443);
	in6.sin6_addr = (struct in6_addr){ .s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	CALL(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	CALL(socket, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CALL(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	CALL(connect, -1, &in, sizeof in);
	CALL(connect, -1, &in6, sizeof in6);
	CALL(connect, -1, &un, sizeof un);
	CALL(connect, -1, &abstract, offsetof(struct sockaddr_un, sun_path) + 5);
	CALL(bind, -1, &nl, sizeof nl);
	CALL(bind, -1, NULL, 16);
	CALL(listen, -1, 128);
	CALL(accept4, -1, NULL, NULL, SOCK_CLOEXEC);
	CALL(sendto, -1, "x\0y", 3, MSG_NOSIGNAL | MSG_DONTWAIT, &in, sizeof in);
	CALL(sendmsg, -1, &msg, MSG_NOSIGNAL);
	CALL(shutdown, -1, SHUT_RDWR);
	CALL(setsockopt, -1, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	CALL(setsockopt, -1, SOL_TCP, TCP_NODELAY, &one, sizeof one);
	CALL(socketpair, AF_UNIX, SOCK_SEQPACKET, 0, NULL);
}

static void processes(void)
{
	static struct rlimit limit = { 1024 * 1024, RLIM_INFINITY };
	static uint64_t mask = 1 << (SIGINT - 1) | 1 << (SIGTERM - 1);
	static struct { void *handler; unsigned long flags; void *restorer; uint64_t mask; } action = {
		(void *)1, SA_RESTART, NULL, 1 << (SIGHUP - 1),
	};
	static struct itimerval timer = { { 0, 0 }, { 0, 5 } };
	static char *argv[] = { "none", "an argument", NULL };
	static char *envp[] = { "A=1", "B=2", NULL };
	static int word;

	CALL(execve, "./none", argv, envp);
	CALL(execveat, 9, "none", argv, envp, AT_EMPTY_PATH);
	CALL(kill, 999999999, SIGUSR1);
	CALL(kill, 999999999, 0);
	CALL(tgkill, -1, -1, SIGKILL);
	CALL(wait4, 999999999, NULL, WNOHANG | WUNTRACED, NULL);
	CALL(waitid, P_PID, 999999999, NULL, WEXITED | WNOWAIT, NULL);
	CALL(prctl, PR_SET_NAME, "thread name");
	CALL(prctl, PR_GET_DUMPABLE);
	CALL(setpgid, -1, -1);
	CALL(setresuid, -1, -1, -1);
	CALL(setuid, -1);
	CALL(umask, 022);
	CALL(prlimit64, -1, RLIMIT_NOFILE, &limit, NULL);
	CALL(getpriority, PRIO_PROCESS, 0);
	CALL(getrusage, RUSAGE_SELF, NULL);
	CALL(unshare, 0x1);
	CALL(rt_sigaction, SIGUSR2, &action, NULL, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, &mask, NULL, 8);
	CALL(futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
	CALL(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, &moment);
	CALL(setitimer, ITIMER_VIRTUAL, &timer, NULL);
	CALL(nanosleep, &moment, NULL);
	CALL(clock_nanosleep, CLOCK_REALTIME, 0, &moment, NULL);
	CALL(clock_gettime, CLOCK_MONOTONIC_COARSE, buf);
	CALL(sched_setaffinity, -1, 0, NULL);
	CALL(getrandom, NULL, 0, GRND_NONBLOCK);
}

static void memory(void)
{
	CALL(mmap, NULL, 0, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
	CALL(mmap, 4096, 0, PROT_NONE, MAP_SHARED | MAP_FIXED, 5, 8192L);
	CALL(munmap, 1, 4096);
	CALL(mprotect, 1, 0, PROT_READ | PROT_WRITE);
	CALL(mremap, 1, 0, 0, MREMAP_MAYMOVE);
	CALL(madvise, 1, 0, MADV_DONTNEED);
	CALL(msync, 1, 0, MS_SYNC | MS_INVALIDATE);
	CALL(mlock, ~0UL, ~0UL);
}

int main(void)
{
	getppid();
	by_path();
	descriptors();
	sockets();
	processes();
	memory();
	getppid();
	return 0;
}
