/*
 * strange WHAT [ARGUMENT...] - programs that a supervisor has to bear with
 *
 * Each prints what it saw. All are bounded: an alarm ends what hangs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 20
#define BATCH 200

static const char *errno_or_0(long result)
{
	return result < 0 ? strerrorname_np(errno) : "0";
}

static int open_at(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

/* What kind of descriptor an open gives, and what is in it. */
static int opened(char **args)
{
	char text[64] = "";
	int fd = open_at(args[0]);

	if (fd < 0)
		return printf("%s\n", errno_or_0(fd)) < 0;
	ssize_t n = read(fd, text, sizeof text - 1);
	int can_write = pwrite(fd, "x", 1, 0) == 1;
	printf("cloexec=%d seals=%#x writable=%d offset=%d %s\n", fcntl(fd, F_GETFD),
	       (unsigned int)fcntl(fd, F_GET_SEALS), can_write, (int)n, text);
	return 0;
}

/* A path whose NUL is the last byte before an unmapped page; and one without NUL. */
static int at_page_end(char **args)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = strlen(args[0]);
	char *start = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || munmap(start + page, page) < 0)
		return 1;
	char *string = start + page - len - 1;
	memcpy(string, args[0], len + 1);
	printf("with NUL: %s\n", errno_or_0(open_at(string)));
	memcpy(string + 1, args[0], len);
	printf("without: %s\n", errno_or_0(open_at(string + 1)));
	return 0;
}

/* No descriptor at all, then a call; the exit status is its result. */
static int closes_all(char **args)
{
	(void)args;
	syscall(SYS_close_range, 0, ~0U, 0);
	return (int)syscall(SYS_getppid);
}

static int exhausts(char **args)
{
	int fd;

	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 16, 16 });
	while ((fd = dup(1)) >= 0)
		;
	printf("%s\n", errno_or_0(open_at(args[0])));
	return 0;
}

static void *execute(void *args)
{
	execv(((char **)args)[0], args);
	return NULL;
}

/* execve(2) from a thread: the leader is gone, its pid is the thread's now. */
static int thread_executes(char **args)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, execute, args) == 0)
		pthread_join(thread, NULL);
	return 1;
}

static void nothing(int sig)
{
	(void)sig;
}

/* Many getppid(2) while signals arrive: how many gave 42, EINTR, anything else. */
static int interrupted(char **args)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct sigaction action = { .sa_handler = nothing };
	int right = 0, broken_off = 0, wrong = 0;

	action.sa_flags = strcmp(args[0], "restart") == 0 ? SA_RESTART : 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 500; i++) {
		errno = 0;
		long result = syscall(SYS_getppid);
		if (result == 42)
			right++;
		else if (result < 0 && errno == EINTR)
			broken_off++;
		else
			wrong++;
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	printf("%d %d %d\n", right, broken_off, wrong);
	return 0;
}

/* A signal 250 ms after a call that has to wait, while another call's handler runs. */
static int queued(char **args)
{
	struct sigaction action = { .sa_handler = nothing };
	pid_t other = fork();

	(void)args;
	if (other == 0) {
		alarm(PATIENCE_S);
		_exit(syscall(SYS_getppid) == 0);
	}
	usleep(100 * 1000);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 250 * 1000 }, NULL);
	long result = syscall(SYS_getsid, 0);
	printf("%ld %s\n", result, errno_or_0(result));
	waitpid(other, NULL, 0);
	return 0;
}

static int wait_for(int n)
{
	int good = 0, status;

	while (n-- > 0 && wait(&status) > 0)
		good += status == 0;
	return good;
}

/* N processes, BATCH at a time, each of which makes one call. */
static int forks(char **args)
{
	int n = atoi(args[0]), good = 0;

	for (int done = 0; done < n; done += BATCH) {
		int started = 0;
		while (started < BATCH && done + started < n) {
			pid_t pid = fork();
			if (pid == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				alarm(PATIENCE_S);
				_exit(syscall(SYS_getppid) != 42);
			}
			if (pid < 0)
				break;
			started++;
		}
		good += wait_for(started);
	}
	printf("%d\n", good);
	return 0;
}

/* A path on a page that never arrives. As an ordinary user only our own faults may
 * be caught, userfaultfd(2): the kernel's get EFAULT. */
static int page_that_never_arrives(char **args)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	long fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	int is_ours_only = fd < 0 && errno == EPERM;
	struct uffdio_api api = { .api = UFFD_API };

	(void)args;
	if (is_ours_only)
		fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd < 0 || ioctl((int)fd, UFFDIO_API, &api) < 0)
		return printf("unsupported\n") < 0;
	void *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register range = {
		.range = { (__u64)(uintptr_t)at, page }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	if (ioctl((int)fd, UFFDIO_REGISTER, &range) < 0)
		return printf("unsupported\n") < 0;
	printf("%s %s\n", is_ours_only ? "refused" : "stalled", errno_or_0(open_at(at)));
	return 0;
}

static const struct {
	const char *name;
	int n_args;
	int (*main)(char **args);
} programs[] = {
	{ "opened", 1, opened }, { "at-page-end", 1, at_page_end },
	{ "closes-all", 0, closes_all }, { "exhausts", 1, exhausts },
	{ "thread-executes", 1, thread_executes }, { "interrupted", 1, interrupted },
	{ "forks", 1, forks }, { "queued", 0, queued }, { "page-that-never-arrives", 0, page_that_never_arrives },
};

int main(int argc, char **argv)
{
	alarm(PATIENCE_S);
	for (size_t i = 0; argc > 1 && i < sizeof programs / sizeof *programs; i++)
		if (strcmp(programs[i].name, argv[1]) == 0 && argc - 2 >= programs[i].n_args)
			return programs[i].main(argv + 2);
	return 2;
}
