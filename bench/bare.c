/*
 * bare [-r|-o|-p] CALL COMMAND... - the yardstick: a supervisor that does nothing but
 * receive CALL and continue it, the best that this kernel allows
 *
 *   -r  also copy the string of the second argument, checked as demilune must
 *   -o  also open that file for reading and hand the descriptor over (CALL is openat)
 *   -p  never answer a call whose first argument is 1
 *
 * No handler, no chain, no policy, no report, no protection of itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int listen_to(int nr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER |
			    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
}

static _Noreturn void child(int nr, _Atomic int *shared, char **argv)
{
	*shared = listen_to(nr);
	while (*shared >= 0)	/* execve(2) closes the listener: it is taken first */
		usleep(20);
	execvp(argv[0], argv);
	_exit(127);
}

static void read_string(const struct seccomp_notif *call, int listener, char path[256])
{
	uint64_t id = call->id, addr = call->data.args[1];
	size_t len = 4096 - addr % 4096 < 256 ? 4096 - addr % 4096 : 256;
	struct iovec here = { path, len }, there = { (void *)addr, len };

	process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0);
	ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

/* false: it is not there, and the call is to be continued */
static int hand_over(const struct seccomp_notif *call, int listener, const char *path)
{
	int fd = open(path, (int)call->data.args[2] | O_CLOEXEC);
	struct seccomp_notif_addfd add = {
		.id = call->id, .srcfd = (uint32_t)fd, .flags = SECCOMP_ADDFD_FLAG_SEND,
		.newfd_flags = (uint32_t)call->data.args[2] & O_CLOEXEC,
	};

	if (fd < 0)
		return 0;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	close(fd);
	return 1;
}

static void serve(int listener, char mode)
{
	struct seccomp_notif call;
	char path[256] = "";
	struct seccomp_notif_resp resp;

	for (;;) {
		memset(&call, 0, sizeof call);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (mode == 'p' && call.data.args[0] == 1)
			continue;
		if (mode == 'r' || mode == 'o')
			read_string(&call, listener, path);
		if (mode == 'o' && hand_over(&call, listener, path))
			continue;
		resp = (struct seccomp_notif_resp){
			.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
}

int main(int argc, char **argv)
{
	char mode = argc > 1 && argv[1][0] == '-' ? argv[1][1] : 0;
	int status;

	if (argc < (mode ? 4 : 3))
		return 2;
	argv += mode ? 2 : 1;
	int nr = seccomp_syscall_resolve_name(argv[0]);
	_Atomic int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = -1;
	pid_t pid = fork();
	if (pid == 0)
		child(nr, shared, argv + 1);
	while (*shared < 0)
		usleep(20);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int listener = (int)syscall(SYS_pidfd_getfd, pidfd, *shared, 0);
	*shared = -1;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	serve(listener, mode);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}
