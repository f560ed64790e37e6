/*
 * demilune.h - run a program and decide its system calls
 *
 * This header is the manual of the C library. The order of use:
 *
 *     demi_sandbox_new, its setters, demi_sandbox_handle
 *     demi_sandbox_start        the program runs
 *     demi_run_wait             handlers are asked, until the program ends
 *     demi_run_result           how it ended
 *     demi_run_free, demi_sandbox_free
 *
 * A function that can fail returns 0 or a useful non-negative number, else a
 * negated errno value. demi_sandbox_error() then has one line that says more.
 *
 * Threads: one thread at a time may use a sandbox and its runs; handlers are
 * called on the thread that is inside demi_run_wait() or demi_run_step(). The
 * thread that calls demi_sandbox_start() must outlive the run: its end ends the
 * program, PR_SET_PDEATHSIG(2const).
 *
 * Needs Linux 5.14, for an injection that answers at once; 5.19 to keep a signal from repeating a call that a handler
 * already saw (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV); 6.6 for its speed.
 */
#ifndef DEMILUNE_H
#define DEMILUNE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct demi_sandbox;	/* what a program may do, and who decides */
struct demi_handler;	/* a function of yours, its argument, its exception policy */
struct demi_mem;	/* the memory of the program whose call is being decided */
struct demi_run;	/* one program that was started, and all it starts */

/* What a handler may decide. The numbers are part of the interface. */
enum demi_action_kind {
	DEMI_ACTION_UNSET = 0,		/* nothing: the exception policy applies */
	DEMI_ACTION_CONTINUE = 1,	/* ask the next handler, then the kernel */
	DEMI_ACTION_ERRNO = 2,
	DEMI_ACTION_RETURN_VALUE = 3,
	DEMI_ACTION_INJECT_FD_SEND = 4,
	DEMI_ACTION_INJECT_FD_SEND_TRACKED = 5,
	DEMI_ACTION_HOLD = 6,
	DEMI_ACTION_KILL = 7,
	DEMI_ACTION_PERFORM = 8,
};

/* What happens when a handler fails, is too slow, or decides nothing. */
enum demi_exception {
	DEMI_EXCEPTION_KILL = 0,	/* the program and all of its run die */
	DEMI_EXCEPTION_DENY_EPERM = 1,
	DEMI_EXCEPTION_CONTINUE = 2,	/* as if the handler had continued */
	DEMI_EXCEPTION_DENY_EIO = 3,
};

/*
 * One system call that waits for its decision: 80 bytes, laid out as struct
 * seccomp_notif of seccomp_unotify(2).
 */
struct demi_notif {
	uint64_t id;			/* for demi_run_release() */
	uint32_t pid;			/* the thread that made the call */
	uint32_t flags;
	int32_t syscall_nr;
	uint32_t arch;			/* AUDIT_ARCH_*, <linux/audit.h> */
	uint64_t instruction_pointer;
	uint64_t args[6];		/* as the registers hold them */
};

/*
 * struct demi_action - a decision; filled by the demi_action_set_* functions
 *
 * Zeroed it is DEMI_ACTION_UNSET. The fields are public so that an action can
 * be stored and printed; a copy of an injecting action shares its descriptor,
 * so give only one of the copies to the library.
 */
struct demi_action {
	uint32_t kind;			/* enum demi_action_kind */
	uint32_t fd_flags;		/* 0 or O_CLOEXEC */
	int32_t error;			/* of ERRNO: 1..4095 */
	int32_t fd;			/* of INJECT_FD_* and HOLD: owned, else -1 */
	int32_t sig;			/* of KILL */
	int32_t pgid;
	int32_t events;			/* of HOLD: what fd is awaited for */
	int64_t value;			/* of RETURN_VALUE */
	int64_t wait_ms;		/* of HOLD: until the handler is asked again, or -1 */
	char *path;			/* of PERFORM: owned, or NULL */
	int (*on_injected)(void *ud, struct demi_mem *mem, int newfd);
	int (*on_performed)(void *ud, struct demi_mem *mem, int64_t result);
	void *ud;
	void (*ud_drop)(void *ud);
};

/*
 * demi_action_set_continue - ask the next handler; after the last one the
 * kernel runs the call
 *
 * Kernel: SECCOMP_USER_NOTIF_FLAG_CONTINUE, Linux 5.5
 * Danger: the kernel reads pointers again. A decision on memory that was read
 *         can be undone by another thread: seccomp_unotify(2), NOTES
 */
void demi_action_set_continue(struct demi_action *act);

/*
 * demi_action_set_errno - the call fails
 *
 * error  1..4095, as in <errno.h>
 *
 * Returns 0, or -EINVAL for any other number; the action is unchanged then.
 * Kernel: seccomp_unotify(2); an error above 4095 would reach the program as a
 *         plain number, and 0 as a success
 */
int demi_action_set_errno(struct demi_action *act, int error);

/*
 * demi_action_set_value - the call is not made and returns value
 *
 * Returns 0, or -EINVAL for -4095..-1, which libc would take for an errno; the
 * action is unchanged then.
 */
int demi_action_set_value(struct demi_action *act, int64_t value);

/*
 * demi_action_set_inject_fd - a copy of fd appears in the program; its number
 * there is the result of the call
 *
 * fd        a descriptor of this process, not O_PATH
 * fd_flags  0 or O_CLOEXEC: of the copy
 *
 * Returns 0, or -EINVAL for other flags, -EBADF for a negative fd; the action is
 * unchanged then.
 * Owner:  the library owns fd from here on, also if this fails, and closes it
 *         once. What the program gets is the same open file: its rights are
 *         those it was opened with.
 *         If the injection fails (the program has no descriptor left) the call
 *         fails with that errno.
 * Kernel: SECCOMP_IOCTL_NOTIF_ADDFD, Linux 5.9; seccomp_unotify(2)
 */
int demi_action_set_inject_fd(struct demi_action *act, int fd, unsigned int fd_flags);

/*
 * demi_action_set_inject_fd_tracked - the same, and on_injected learns the
 * number before the program runs on
 *
 * on_injected  called with ud and the number in the program, within the handler's
 *              time; a negative return makes the exception policy apply (DEMI_EXCEPTION_CONTINUE then
 *              means EIO: the call was already done). The descriptor stays in the
 *              program then: nothing takes it back
 * ud_drop      called once with ud when the action is over on whatever path,
 *              this function's failure included; may be NULL
 *
 * Returns and Owner: as demi_action_set_inject_fd(); -EINVAL without on_injected.
 */
int demi_action_set_inject_fd_tracked(struct demi_action *act, int fd,
				      unsigned int fd_flags,
				      int (*on_injected)(void *ud, struct demi_mem *mem,
							 int newfd),
				      void *ud, void (*ud_drop)(void *ud));

/*
 * demi_action_set_perform - the call is made for the program, on one private copy
 * of its arguments: the race-free form of continue
 *
 * path          takes the place of the call's first path and is resolved as the
 *               program would; NULL: the path that it passed. Copied.
 * on_performed  NULL, or called with ud and the result as the kernel gives it
 *               (-4095..-1 is a negated errno) when the call was made and has not
 *               returned yet; a negative return makes the exception policy apply
 *               (DEMI_EXCEPTION_CONTINUE then means EIO: the call was already made,
 *               and what it did, an open descriptor too, stays)
 * ud_drop       called once with ud when the action is over on whatever path,
 *               this function's failure included; may be NULL
 *
 * What the handler read of the program's memory by demi_mem_read() and
 * demi_mem_read_cstr() is what the call is made with: later changes do not count.
 * It is made with the program's root, directory, mounts, credentials and Landlock
 * rules, by a process that is started beside the program as what the program is. A
 * call that waits (a FIFO, a connection) holds no other call up, and is broken off
 * when its caller is gone. /proc/self and its like are the caller's. A sandbox with a
 * handler on such a call refuses landlock_create_ruleset(2) and landlock_restrict_self(2)
 * with EOPNOTSUPP: a domain that the program enters later cannot be taken on. Nor can a
 * security label that execve(2) gives it, as by AppArmor profiles: those of the program's
 * start are the performing process's.
 *
 * Known are the calls for which demi_syscall_performable() says so; on any other
 * the exception policy applies. What cannot be made as the program would fails,
 * and the run has an error that says why:
 *   EOPNOTSUPP  O_PATH of what is not a directory (of a directory that may be read the
 *               program gets an ordinary descriptor: an O_PATH one cannot be handed
 *               over); RESOLVE_BENEATH, _IN_ROOT or _NO_XDEV into /proc; linkat(2)
 *               with AT_EMPTY_PATH; sendmsg(2) with ancillary data; a clock that
 *               runs for its caller alone
 *   EACCES      a path through /proc/self of another pid namespace; bind(2) beneath
 *               /proc; a socket that cannot be had
 *   ENXIO       /dev/tty of another session
 *   EMSGSIZE    a datagram of more than 65536 bytes (of a stream, so much is sent)
 *   EPERM       the program made itself unreadable, PR_SET_DUMPABLE(2const), or its
 *               credentials or namespaces cannot be taken on
 *   EAGAIN      256 calls are being performed already
 *   EIO         the performing process was killed or could not be started
 *
 * Returns 0, -ENAMETOOLONG, or -ENOMEM; the action is unchanged then.
 * Kernel: openat2(2) (Linux 5.6), pidfd_getfd(2) for sockets
 * Danger: a peer of a socket sees the performing process, not the program, in
 *         SO_PEERCRED (its pid) and SCM_CREDENTIALS. At the program's limit of
 *         descriptors a file may be made or cut before open(2) gives EMFILE.
 */
int demi_action_set_perform(struct demi_action *act, const char *path,
			    int (*on_performed)(void *ud, struct demi_mem *mem,
						int64_t result),
			    void *ud, void (*ud_drop)(void *ud));

/*
 * demi_action_set_hold - no answer now: demi_run_release(), the hold limit, or
 * the end of the run decides
 *
 * The program's thread sleeps meanwhile. One call more than
 * demi_sandbox_set_hold_limit() allows fails with EAGAIN.
 */
void demi_action_set_hold(struct demi_action *act);

/*
 * demi_action_set_hold_until - no answer now: the same handler is asked again
 *
 * fd          of this process: when it is ready; or -1
 * events      POLLIN or POLLOUT of poll(2), or both
 * timeout_ms  at the latest after so long; or -1
 *
 * The handler gets the same notification again, within a new handler limit, and
 * demi_mem_is_ready() says which of the two it was. It may hold once more; the hold
 * limits count from the first time. demi_run_release() works meanwhile. A handler
 * whose call is decided otherwise is not asked again: demi_mem_holds().
 *
 * Returns 0, -EINVAL for neither fd nor timeout, or -errno of fcntl(2); the action
 * is unchanged then.
 * Owner:  the library keeps a copy of fd
 * Kernel: epoll(7); what cannot be polled, as a regular file, is ready at once
 */
int demi_action_set_hold_until(struct demi_action *act, int fd, int events,
			       int64_t timeout_ms);

/*
 * demi_action_set_kill - signal a process group; the call fails with EPERM if
 * its caller survives that
 *
 * sig   1..64
 * pgid  a process group, or 0 for the caller's
 *
 * If the caller's group is none that the run made, as that of a program that shares our
 * terminal or that went to another by setpgid(2), only its members that belong to the
 * run get it.
 *
 * Returns 0, or with the action unchanged
 *   -EINVAL  a wrong signal, a negative group, or group 1, which is init's
 *   -EPERM   this process's own group
 * Kernel: kill(2), getpgid(2)
 */
int demi_action_set_kill(struct demi_action *act, int sig, pid_t pgid);

/*
 * demi_action_drop - close and free what an action owns, once
 *
 * For an action that was never given to the library. It is UNSET afterwards;
 * to drop it again does nothing. The setters drop what the action was before.
 */
void demi_action_drop(struct demi_action *act);

/*
 * demi_bytes_fd - an in-memory file with this content, rewound, read-only
 *
 * seal  nonzero: nobody can change it any more, F_ADD_SEALS in fcntl(2);
 *       zero: the program may write to it
 *
 * Returns a close-on-exec descriptor that the caller owns, or -errno of
 * memfd_create(2), write(2), open(2).
 * Kernel: memfd_create(2); MFD_NOEXEC_SEAL where there is Linux 6.3
 */
int demi_bytes_fd(const void *bytes, size_t len, int seal);

/*
 * demi_mem_read - copy bytes out of the program
 *
 * addr  in the program; untrusted
 * dst   at least len bytes, len at most 1 MiB
 *
 * Returns how many bytes could be read, which is less than len where the
 * mapping ends, or
 *   -EFAULT  not one byte can be read
 *   -EPERM   the program made itself unreadable, PR_SET_DUMPABLE(2const)
 *   -ESRCH   the call is over: the program died or was interrupted
 *   -E2BIG   len is more than 1 MiB
 * Owner:  mem is valid only inside the handler that got it
 * Kernel: process_vm_readv(2), SECCOMP_IOCTL_NOTIF_ID_VALID (Linux 5.0)
 * Danger: dst is a copy. See demi_action_set_continue().
 *         Memory that does not arrive (userfaultfd(2), a stuck FUSE server)
 *         makes this wait; the handler limit then decides the call.
 */
ssize_t demi_mem_read(struct demi_mem *mem, uint64_t addr, void *dst, size_t len);

/*
 * demi_mem_read_cstr - copy a string out of the program
 *
 * dst  cap bytes; NUL-terminated on success, undefined on failure
 *
 * Returns the length without the NUL, or an error of demi_mem_read(), or
 *   -ENAMETOOLONG  no NUL within cap bytes
 * Owner, Kernel, Danger: as demi_mem_read()
 */
ssize_t demi_mem_read_cstr(struct demi_mem *mem, uint64_t addr, char *dst, size_t cap);

/*
 * demi_mem_call_text - a call as text: openat(AT_FDCWD, "/etc/hosts", O_RDONLY)
 *
 * notif  the handler's
 * dst    cap bytes, NUL-terminated on success; 64 KiB hold every call
 *
 * What the call is going to fill, and a string that cannot be read, show as an address.
 *
 * Returns the length, or
 *   -ENOTSUP       an argument leads to a structure or a list, or what it is depends on
 *                  another one; or the arguments of the call are not known
 *   -ENAMETOOLONG  the text is not shorter than cap
 * Owner, Kernel, Danger: as demi_mem_read()
 */
ssize_t demi_mem_call_text(struct demi_mem *mem, const struct demi_notif *notif, char *dst,
			   size_t cap);

/*
 * demi_mem_write - copy bytes into the program, all or an error
 *
 * Returns 0, or what demi_mem_read() returns; after -EFAULT the start of the
 * bytes may have been written.
 * Owner:  as demi_mem_read()
 * Kernel: process_vm_writev(2), which honours page protection
 */
int demi_mem_write(struct demi_mem *mem, uint64_t addr, const void *src, size_t len);

/* Enough for every path that demi_mem_path() gives: two of PATH_MAX, joined. */
enum {
	DEMI_PATH_CAP = 8192,
};

/*
 * demi_mem_path - the path that a call means: absolute, joined with the directory
 * descriptor or the working directory of the calling thread
 *
 * arg  0..5, one of demi_syscall_paths()
 * dst  cap bytes; NUL-terminated on success, undefined on failure
 *
 * ".", ".." and "//" are folded and a "/" at the end is dropped. An empty path is the
 * descriptor's own file where the call takes it so (AT_EMPTY_PATH), in the words of
 * proc_pid_fd(5): "/tmp/x (deleted)" and "pipe:[4711]", which have no name, too.
 *
 * Returns the length, or
 *   -ENAMETOOLONG  no NUL within PATH_MAX, as the kernel says, or cap is too small
 *   -EFAULT        not mapped
 *   -ENOENT        empty where the call does not take that, or the directory was
 *                  removed: no name leads to what the call means
 *   -EBADF, -ENOTDIR  the directory descriptor is none
 *   -EACCES, -EPERM   the program made itself unreadable, PR_SET_DUMPABLE(2const)
 *   -ESRCH         the call is over
 *   -EINVAL        the call has no path there
 * Kernel: proc_pid_cwd(5), proc_pid_fd(5), path_resolution(7)
 * Danger: a text. Symbolic links are not followed, so "x/.." may lead elsewhere than
 *         to where it started, and another thread can change all of it before the
 *         kernel reads it again: see demi_action_set_continue(). Names are those of
 *         the caller's root directory, what is joined to them those of ours: they
 *         are the same unless the program could call chroot(2).
 */
ssize_t demi_mem_path(struct demi_mem *mem, int arg, char *dst, size_t cap);

/*
 * demi_mem_fd_path - what a descriptor of the calling thread leads to
 *
 * fd          a descriptor, or AT_FDCWD: the working directory
 * is_deleted  set nonzero if it has no name any more; dst is the last one then
 *
 * Returns the length of a path, or of a text as "pipe:[4711]", or -errno as
 * demi_mem_path().
 */
ssize_t demi_mem_fd_path(struct demi_mem *mem, int fd, char *dst, size_t cap,
			 int *is_deleted);

/* demi_mem_exe - the program file of the caller; returns as demi_mem_fd_path() */
ssize_t demi_mem_exe(struct demi_mem *mem, char *dst, size_t cap);

/* demi_mem_comm - the name of the calling thread; its length or -errno. It can be
 * anything that the program likes, PR_SET_NAME(2const). */
ssize_t demi_mem_comm(struct demi_mem *mem, char *dst, size_t cap);

/* demi_mem_ids - the process of the calling thread, and its parent; 0 or -errno */
int demi_mem_ids(struct demi_mem *mem, pid_t *tgid, pid_t *ppid);

/*
 * demi_mem_real_path - where a path argument leads to, all links followed
 *
 * arg  0..5; a path of a call that demi_syscall_resolvable() knows
 * dst  cap bytes; absolute, as seen from the program's root. The last name need not
 *      exist where the call would make it; it is not followed where the call does
 *      not. What has no name is written as proc_pid_fd(5) does: "pipe:[4026]".
 *
 * DEMI_ACTION_PERFORM then does the call there or nowhere: if the path leads elsewhere
 * by then, it fails with ESTALE; after a failure of this function it fails with the
 * same errno.
 *
 * Returns the length, or what the call would fail with before it does anything
 * (-ENOENT, -EACCES, -ELOOP, ...), or
 *   -EINVAL   argument arg is no such path
 *   -EAFNOSUPPORT  connect: the address has no path
 *   -EIO      it took too long, or the process that performs calls was killed
 */
ssize_t demi_mem_real_path(struct demi_mem *mem, int arg, char *dst, size_t cap);

/*
 * demi_handle_fn - decides one system call
 *
 * notif  the call; valid until the function returns
 * act    UNSET on entry
 *
 * Returns 0 when it has set act. A negative number, or an act that is still
 * UNSET, makes the handler's exception policy apply; demi_mem_fail() can say why.
 */
typedef int (*demi_handle_fn)(void *ud, const struct demi_notif *notif,
			      struct demi_mem *mem, struct demi_action *act);

/*
 * demi_mem_fail - says why the handler that got mem is going to fail
 *
 * message    one line, copied
 * traceback  more lines, copied, or NULL
 *
 * Said twice, the last one counts. Returns rc, so that a handler can write: return demi_mem_fail(mem, -EIO, ...).
 */
int demi_mem_fail(struct demi_mem *mem, int rc, const char *message,
		  const char *traceback);

/*
 * demi_mem_is_ready - whether the descriptor of demi_action_set_hold_until() is
 *
 * Nonzero in the handler that is asked again because of it; 0 after the time, and
 * when the handler is asked for the first time.
 */
int demi_mem_is_ready(const struct demi_mem *mem);

/*
 * demi_mem_holds - whether a call is held: a handler that keeps something for calls
 * that it held can tell by this what is over
 *
 * id  of the notification
 *
 * Returns nonzero if it is.
 */
int demi_mem_holds(struct demi_mem *mem, uint64_t id);

/*
 * demi_mem_late - nonzero once the running handler has used up its time
 *
 * Cheap and safe from any thread: for an interpreter that must stop its script.
 */
int demi_mem_late(const struct demi_mem *mem);

/*
 * demi_handler_new - a handler
 *
 * ud_drop  called with ud exactly once: when the sandbox that took the handler
 *          is freed, when taking it fails, when demi_handler_free() is called,
 *          or when this function fails. May be NULL.
 *
 * Returns 0, or -EINVAL for no fn or an unknown policy, -ENOMEM; *out is NULL then.
 * Owner:  the caller owns *out until demi_sandbox_handle() takes it, which it
 *         may do once: a handler belongs to one sandbox.
 */
int demi_handler_new(demi_handle_fn fn, void *ud, void (*ud_drop)(void *ud),
		     enum demi_exception on_exception, struct demi_handler **out);

/*
 * demi_handler_set_name - how failures of the handler that it cannot tell itself
 * name it, as "policy.lua:12"
 *
 * Returns 0 or -ENOMEM; the old name stays then. The name is copied.
 */
int demi_handler_set_name(struct demi_handler *handler, const char *name);

/* How an argument is compared. */
enum demi_op {
	DEMI_OP_EQ = 1,
	DEMI_OP_NE = 2,
	DEMI_OP_LT = 3,
	DEMI_OP_GE = 4,
	DEMI_OP_ANY = 5,		/* some of the bits of value are set */
	DEMI_OP_ALL = 6,		/* all of them are */
};

/*
 * struct demi_condition - what an argument must be for a handler to be asked
 *
 * Conditions that follow each other with the same alternative must all hold; one
 * alternative that holds is enough.
 */
struct demi_condition {
	uint8_t arg;			/* 0..5 */
	uint8_t op;			/* enum demi_op */
	uint8_t type;			/* enum demi_type: what of the register counts */
	uint8_t alternative;
	uint64_t mask;			/* the bits that count; UINT64_MAX: all */
	uint64_t value;
};

/*
 * demi_handler_when - ask this handler only for calls that meet the conditions
 *
 * The filter checks them: a call that no handler wants costs nothing. (Where handlers
 * of one call compare different arguments, with more than 32 comparisons in all, the
 * call is notified always and the conditions are checked before they are asked.) Only
 * numbers can be compared; what an address leads to is not seen by a filter. LT and GE
 * follow the sign of the type; with a mask they compare what it leaves, as a number
 * without one.
 *
 * Returns 0, or
 *   -EINVAL  a malformed condition, or a value that the argument can never have
 *   -EDOM    no call can meet them all
 *   -E2BIG   too many comparisons: what they are taken apart into is at most 256
 *   -ENOMEM
 * Owner:  the list is copied; call it before demi_sandbox_handle().
 * Kernel: seccomp(2). Another thread can change memory but no register: a decision on
 *         conditions alone holds.
 */
int demi_handler_when(struct demi_handler *handler, const struct demi_condition *list,
		      size_t n);

/*
 * demi_conditions_hold - whether a call with these registers meets n conditions
 *
 * Returns nonzero if it does; without conditions every call does.
 */
int demi_conditions_hold(const struct demi_condition *list, size_t n,
			 const uint64_t args[6]);

/*
 * demi_handler_free - free a handler that no sandbox took; drops its ud
 *
 * NULL is fine.
 */
void demi_handler_free(struct demi_handler *handler);

/*
 * demi_syscall_number - the number of a system call on this architecture
 *
 * Returns it, or -ENOENT for a name that does not exist here.
 * Kernel: syscalls(2); names as libseccomp knows them
 */
int demi_syscall_number(const char *name);

/* No system call of an architecture that we build for has this number or one above. */
enum {
	DEMI_SYSCALL_END = 1024,
};

/*
 * demi_syscall_name - the name of a number on this architecture
 *
 * Returns a string that lives as long as the process, or NULL.
 */
const char *demi_syscall_name(int nr);

/*
 * demi_syscall_fragile - why a handler on this call cannot be transparent
 *
 * A signal that comes before the supervisor received the call makes it fail
 * with EINTR. Most programs cope with that where the manual names EINTR. For
 * close(2), fork(2), mmap(2) and their like it does not.
 *
 * Returns a nonzero number for such a call, else 0.
 * Kernel: seccomp_unotify(2), signal(7)
 */
int demi_syscall_fragile(int nr);

/*
 * demi_syscall_performable - whether demi_action_set_perform() works on a call
 *
 * Returns nonzero if it does; 0 also for a number that is no system call here.
 */
int demi_syscall_performable(int nr);

/*
 * demi_syscall_resolvable - whether demi_mem_real_path() knows a path of a call
 *
 * It knows the paths of the calls that can be performed, of connect the path in its
 * address (args[1], AF_UNIX), and those of chdir, execve, execveat and statfs.
 *
 * Returns nonzero if it does; 0 also for a number that is no system call here.
 * Danger: what cannot be performed continues, and its path may lead elsewhere by then.
 */
int demi_syscall_resolvable(int nr);

/*
 * demi_syscall_paths - which arguments are paths
 *
 * Returns a set of bits: bit i says that args[i] is the address of a path; 0 for a
 * number that is no system call here.
 */
unsigned int demi_syscall_paths(int nr);

/* The C type of an argument: how much of its register counts, and its sign. */
enum demi_type {
	DEMI_TYPE_INT = 1,		/* 32 bits; the upper half is undefined */
	DEMI_TYPE_UINT = 2,
	DEMI_TYPE_LONG = 3,		/* 64 bits */
	DEMI_TYPE_ULONG = 4,
	DEMI_TYPE_ADDRESS = 5,
};

/* One argument of a system call, as its manual page names it. */
struct demi_arg {
	char name[20];
	char kind[16];			/* "fd", "path", "mode", ..., or a demi_constants */
	uint8_t type;			/* enum demi_type */
	int8_t refs[2];			/* arguments that it needs, or -1: of a path its */
					/* directory descriptor and its AT_* flags; of */
					/* bytes, a list, a structure its size */
	uint8_t may_be_null;		/* of a path: without one the descriptor is meant */
};

/*
 * demi_syscall_args - the arguments of a call
 *
 * Returns the first of *n, for as long as the process lives; NULL for a call whose
 * arguments are not known.
 */
const struct demi_arg *demi_syscall_args(int nr, size_t *n);

/* demi_arg_value - the value that the kernel takes from a register */
int64_t demi_arg_value(enum demi_type type, uint64_t reg);

/*
 * demi_number_text - the number of an argument as strace(1) shows it: "O_RDWR|O_CREAT"
 *
 * kind  of a demi_arg, or the name of a demi_constants
 * reg   the register; what of it counts is the kind's matter. What leads to memory, or
 *       means another thing with other arguments, shows as an address
 * dst   cap bytes; NUL-terminated on success
 *
 * Returns the length, or
 *   -ENOENT        no such kind
 *   -ENAMETOOLONG  the text is not shorter than cap
 */
ssize_t demi_number_text(const char *kind, uint64_t reg, char *dst, size_t cap);

/*
 * demi_bytes_text - n bytes quoted as in C, on one line of printable ASCII
 *
 * Returns the length, at most 4 * n + 2, or -ENAMETOOLONG
 */
ssize_t demi_bytes_text(const void *bytes, size_t n, char *dst, size_t cap);

struct demi_constant {
	char name[44];
	uint32_t value;
};

/* Constants that one argument may hold, with the values of this architecture. */
struct demi_constants {
	const char *name;
	const struct demi_constant *list;	/* a name of "" ends it */
	int is_enum;			/* one of them, not a sum */
	uint32_t enum_mask;		/* of a sum: the bits that hold one of them */
};

/* demi_constants_find - the set of constants that a demi_arg's kind names, or NULL */
const struct demi_constants *demi_constants_find(const char *name);

/*
 * demi_constant_value - the value of a constant that any of the sets has
 *
 * Returns 0, or -ENOENT. AT_FDCWD is -100 here, as an int argument has it.
 */
int demi_constant_value(const char *name, int64_t *value);

/*
 * demi_sandbox_new - an empty sandbox: it changes nothing about a program
 *
 * Returns 0, or -ENOMEM; *out is NULL then.
 * Owner:  the caller, until demi_sandbox_free()
 */
int demi_sandbox_new(struct demi_sandbox **out);

/*
 * demi_sandbox_free - free it and drop its handlers
 *
 * Every run of it must be freed before. NULL is fine.
 */
void demi_sandbox_free(struct demi_sandbox *sb);

/*
 * demi_sandbox_error - what the last failure was about
 *
 * Returns one line about the last function that took sb and failed; "" if there
 * was none.
 * Owner:  sb; valid until the next call with sb
 */
const char *demi_sandbox_error(const struct demi_sandbox *sb);

/*
 * The static layer: system calls that the kernel refuses by itself, in every run.
 *
 * What a confined program never needs and an attacker does is denied by default:
 * mounts, namespaces, modules, reaching into other processes, keyrings, io_uring,
 * clock setting, System V IPC, raw sockets, and so on; demi_sandbox_denial() lists
 * it with the reasons. A denied call fails with EPERM, or with ENOSYS where programs
 * probe for it and have another way (clone3, io_uring). Numbers that are newer
 * than this library give ENOSYS. Another architecture's table kills the program.
 * No handler sees a denied call, and none can allow it.
 */

/*
 * demi_sandbox_allow_syscall - take a call, or a family, off the default deny list
 *
 * name  "mount", or a family as demi_sandbox_denial() names it: "%ipc"
 *
 * A call of which only some arguments are denied ("ioctl") is freed of all of them.
 * Whether the kernel then grants it is another question: the program has no
 * capabilities.
 *
 * Returns 0, -EINVAL for an unknown name, -ENOMEM.
 */
int demi_sandbox_allow_syscall(struct demi_sandbox *sb, const char *name);

/*
 * demi_sandbox_deny_syscall - deny one more call, with EPERM; stronger than allow
 *
 * Returns 0, or -EINVAL for an unknown call or one that has a handler.
 */
int demi_sandbox_deny_syscall(struct demi_sandbox *sb, const char *name);

/* Kinds of sockets, for demi_sandbox_restrict_sockets(). */
enum demi_socket {
	DEMI_SOCKET_UDP = 1,
	DEMI_SOCKET_ICMP = 2,		/* "ping" sockets: SOCK_DGRAM, icmp(7) */
	DEMI_SOCKET_RAW = 4,
	DEMI_SOCKET_NETLINK = 8,
};

/*
 * demi_sandbox_restrict_sockets - beside AF_UNIX and TCP only these kinds
 *
 * kinds  of enum demi_socket, or 0
 *
 * Also closes the ways around rules about TCP ports: MPTCP, SCTP, MSG_FASTOPEN.
 * Without this call every kind may be made but raw and packet sockets and those of
 * rare families. Raw sockets need CAP_NET_RAW too, which the program never has.
 *
 * Returns 0, -EINVAL for other bits, -ENOMEM.
 * Kernel: socket(2); seccomp sees no socket that a descriptor brings in
 */
int demi_sandbox_restrict_sockets(struct demi_sandbox *sb, unsigned int kinds);

/*
 * demi_sandbox_denies - nonzero if the static layer refuses this call whatever its
 * arguments are, so that no handler can be bound to it
 */
int demi_sandbox_denies(const struct demi_sandbox *sb, int nr);

/* One entry of the deny list that is in force. The strings live as long as sb. */
struct demi_denial {
	const char *syscall;
	const char *when;		/* the condition in words; "": always */
	const char *family;		/* "%mount", or "" */
	const char *reason;
	int32_t syscall_nr;		/* negative: unknown here, so ENOSYS */
	int32_t error;			/* what the program gets */
};

/* demi_sandbox_denial - the i-th entry, from 0; -ENOENT after the last */
int demi_sandbox_denial(const struct demi_sandbox *sb, size_t i, struct demi_denial *out);

/* The seccomp programs of a run. */
enum demi_filter {
	DEMI_FILTER_STATIC = 0,		/* the deny list */
	DEMI_FILTER_GUARD = 1,		/* what goes around rules about files and ports */
	DEMI_FILTER_NOTIFY = 2,		/* the calls that handlers are asked about */
};

/*
 * demi_sandbox_filter_text - one of the programs that a run would have, for people
 *
 * The three stand beside each other and each call goes through all of them: the
 * stricter result wins, so that no handler undoes a denial. The text is libseccomp's
 * pseudo code, for a run that does not explain. GUARD looks up the paths of the rules
 * about files, as a start would.
 *
 * Returns 0, and NULL in *out if the run has no such program; or with *out NULL
 *   -EINVAL  no such kind
 *   other    as demi_sandbox_start(); demi_sandbox_error() says what
 * Owner:  the caller frees *out
 * Kernel: seccomp(2); seccomp_export_pfc(3)
 */
int demi_sandbox_filter_text(struct demi_sandbox *sb, enum demi_filter which, char **out);

/* Where the descriptors 0, 1 and 2 of the program come from. */
enum demi_stdio {
	DEMI_STDIO_INHERIT = 0,		/* ours (the default) */
	DEMI_STDIO_NULL = 1,		/* /dev/null */
	DEMI_STDIO_PIPE = 2,		/* a pipe: demi_run_stdio() has our end */
	DEMI_STDIO_CAPTURE = 3,		/* collected: demi_run_output(); 1 and 2 only */
};

/*
 * demi_sandbox_set_stdio - fd 0..2, how one of enum demi_stdio
 *
 * A program that inherits our descriptor 0, and that is a terminal, shares our
 * process group, so that the terminal's signals reach both. Any other gets a
 * session of its own: demi_sandbox_keep_terminal().
 *
 * Returns 0 or -EINVAL.
 */
int demi_sandbox_set_stdio(struct demi_sandbox *sb, int fd, enum demi_stdio how);

/*
 * demi_sandbox_set_cwd - the directory to start in
 *
 * Whether it exists is known at demi_sandbox_start(). A relative path means ours
 * then. Returns 0 or -ENOMEM. The path is copied.
 */
int demi_sandbox_set_cwd(struct demi_sandbox *sb, const char *path);

/*
 * demi_sandbox_set_env - set a variable for the program, or remove it (value NULL)
 *
 * Returns 0, -EINVAL for an empty name or one with '=', -ENOMEM. The program
 * starts from a copy of our environment as it is at demi_sandbox_start().
 */
int demi_sandbox_set_env(struct demi_sandbox *sb, const char *name, const char *value);

/*
 * demi_sandbox_clear_env - start from an empty environment instead
 *
 * What demi_sandbox_set_env() set before is forgotten, too.
 */
void demi_sandbox_clear_env(struct demi_sandbox *sb);

/*
 * demi_sandbox_clean_env - start from PATH, HOME, USER, TERM and LANG, as far as we
 * have them; forgets what was set before
 */
void demi_sandbox_clean_env(struct demi_sandbox *sb);

/* demi_sandbox_set_umask - 0..0777; 0 or -EINVAL. Without it: ours */
int demi_sandbox_set_umask(struct demi_sandbox *sb, mode_t mask);

/*
 * demi_sandbox_keep_fd - the program gets descriptor fd of ours under its number
 *
 * All others above 2 are closed when the program is executed.
 *
 * Returns 0, -EINVAL for 0..2 (the stdio), -EBADF for one that is not open.
 * Owner:  the caller, who keeps it open until demi_sandbox_start().
 * Danger: what an open descriptor can do no static rule takes away: a directory
 *         leads to all that is beneath it and, by "..", above.
 */
int demi_sandbox_keep_fd(struct demi_sandbox *sb, int fd);

/*
 * demi_sandbox_keep_terminal - the program shares our session and process group
 *
 * Without this it does so only if it inherits our standard input and that is a
 * terminal. Otherwise it gets a session of its own, and has no controlling terminal:
 * /dev/tty does not open.
 */
void demi_sandbox_keep_terminal(struct demi_sandbox *sb);

/*
 * demi_sandbox_set_ids - run the program as uid and gid, with no supplementary groups
 *
 * Needs CAP_SETUID and CAP_SETGID at the start. Whatever the ids are, the program has
 * no_new_privs and no capability, so that uid 0 is a user as any other who happens to
 * own the system's files: file modes hold for it.
 *
 * Returns 0, -EINVAL for -1.
 * Kernel: setgroups(2), setresgid(2), setresuid(2), capabilities(7)
 */
int demi_sandbox_set_ids(struct demi_sandbox *sb, uid_t uid, gid_t gid);

/*
 * demi_sandbox_drop_privileges - for a process that only runs this program: once the
 * program runs, the thread that started it keeps CAP_KILL and CAP_SYS_PTRACE of its
 * capabilities, to end and to read programs of other users, and no others
 *
 * A library must not do that by itself: capabilities are its host's.
 */
void demi_sandbox_drop_privileges(struct demi_sandbox *sb);

/* What a run can be limited in. */
enum demi_limit {
	DEMI_LIMIT_NONE = 0,
	DEMI_LIMIT_PROCESSES = 1,	/* processes and threads of the run at a time */
	DEMI_LIMIT_MEMORY = 2,		/* bytes, of the whole run */
	DEMI_LIMIT_OPEN_FILES = 3,	/* descriptors of one process; more give EMFILE */
	DEMI_LIMIT_FILE_SIZE = 4,	/* bytes of one file; more give SIGXFSZ or EFBIG */
	DEMI_LIMIT_CPU = 5,		/* seconds of CPU, of the whole run */
	DEMI_LIMIT_OUTPUT = 6,		/* bytes that DEMI_STDIO_CAPTURE collects, 1 and 2
					 * together; 256 MiB if not set */
};

/*
 * demi_sandbox_set_limit - set a limit; 0 removes it
 *
 * Over the limit of cpu or of output the run is ended with DEMI_REASON_LIMIT;
 * demi_result.limit says which limit it was. So it is with processes and memory, unless a control group
 * could be made (the controller is delegated to us in version 2, or mounted in version
 * 1): then one process too many gives EAGAIN, and what is too much memory is first
 * reclaimed. A program that may write to that group's files can leave it.
 *
 * In either case all processes of the run are looked at about a hundred times a second
 * (five times where there are thousands of processes), so a run can be over
 * its limit for that long. Memory counts what processes map, a shared page once;
 * files in memory that nobody maps (memfd_create(2), tmpfs) and what sockets and pipes
 * hold count only in a control group. Should a bomb be faster than we, larger bounds
 * stop it: on one process's private writable memory (with ENOMEM), and on the number
 * of the user's processes (with EAGAIN; uid 0 is exempt).
 *
 * Core dumps are always off.
 *
 * Returns 0, -EINVAL for an unknown limit or an absurd number.
 * Kernel: cgroups(7), setrlimit(2), proc_pid_stat(5), proc_pid_smaps(5)
 */
int demi_sandbox_set_limit(struct demi_sandbox *sb, enum demi_limit which, uint64_t most);

/*
 * demi_sandbox_set_time_limit - end the run after timeout_ms (0: never)
 *
 * The result's reason is DEMI_REASON_TIMEOUT then.
 */
void demi_sandbox_set_time_limit(struct demi_sandbox *sb, uint64_t timeout_ms);

/*
 * demi_sandbox_set_handler_limit - how long one handler may take, default 1,000 ms
 *
 * Returns 0 or -EINVAL for 0.
 */
int demi_sandbox_set_handler_limit(struct demi_sandbox *sb, uint64_t timeout_ms);

/*
 * demi_sandbox_set_hold_limit - how many calls may be held (default 1,024: one
 * more fails with EAGAIN) and how long each (default 30,000 ms: then the
 * exception policy of the handler that held it); a 0 leaves its limit as it is
 */
void demi_sandbox_set_hold_limit(struct demi_sandbox *sb, unsigned int calls,
				 uint64_t timeout_ms);

/*
 * demi_sandbox_forward_signals - for a process that only runs this program
 *
 * SIGINT and SIGQUIT of the terminal are left to the program, if it shares our
 * process group, else passed on to its group; SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2
 * to us are passed on to it. While a run lasts these signals, and SIGPIPE, are blocked
 * in the thread that started it, and the process is a subreaper; it stays one.
 *
 * Kernel: signalfd(2), PR_SET_CHILD_SUBREAPER(2const)
 */
void demi_sandbox_forward_signals(struct demi_sandbox *sb);

/*
 * demi_sandbox_on_stuck - called when a run is over but a handler will not return
 *
 * A handler that loops in C, or a read of memory that never arrives, has been
 * decided by its exception policy long before; but demi_run_wait() cannot
 * return while the handler is on its stack. fn is called on a thread of the
 * library, after nothing of the program is left; it may end the process.
 */
void demi_sandbox_on_stuck(struct demi_sandbox *sb, void (*fn)(void *ud, const char *what),
			   void *ud);

struct demi_error;

/*
 * demi_sandbox_on_error - fn is told each distinct failure of a handler, once
 *
 * It is called on the thread that is inside demi_run_wait() or demi_run_step(),
 * soon after the failure; the strings belong to the run. One fn for a sandbox:
 * the last one set counts, NULL is silence.
 */
void demi_sandbox_on_error(struct demi_sandbox *sb,
			   void (*fn)(void *ud, const struct demi_error *error),
			   void *ud);

/* What the machine may lack. The numbers are part of the interface. */
enum demi_protection {
	DEMI_PROTECTION_FILES = 0,	/* Landlock: ABI 1, Linux 5.13 */
	DEMI_PROTECTION_RENAMES = 1,	/* ABI 2, 5.19; before, none between directories */
	DEMI_PROTECTION_TRUNCATION = 2,	/* ABI 3, 6.2; before, a filter keeps it that
					 * refuses truncate(2) and openat2(2) everywhere */
	DEMI_PROTECTION_TCP = 3,	/* ABI 4, 6.7; asked for by a port: without one no TCP
					 * socket can be made, and before, one that the program
					 * is given connects and binds to any */
	DEMI_PROTECTION_DEVICES = 4,	/* ABI 5, 6.10: ioctl(2); before, of each device that
					 * may be read: asked for by a READ of one, of /,
					 * of /dev and beneath it, not of mem(4)'s null, zero
					 * and full, nor of random(4) */
	DEMI_PROTECTION_SIGNALS = 5,	/* ABI 6, 6.12: signals and abstract sockets stay
					 * inside; without it the run goes on by default */
	DEMI_PROTECTION_ISOLATE_NET = 6, /* and so on: DEMI_ISOLATE_*, namespaces(7) */
	DEMI_PROTECTION_ISOLATE_PID = 7,
	DEMI_PROTECTION_ISOLATE_IPC = 8,
	DEMI_PROTECTION_ISOLATE_UTS = 9,
	DEMI_PROTECTION_ISOLATE_MOUNT = 10,
	DEMI_PROTECTION_MAP_ROOT = 11,	/* DEMI_ISOLATE_ROOT */
	DEMI_PROTECTION_END,
};

/* demi_protection_name - "truncation", or NULL */
const char *demi_protection_name(unsigned int protection);

/* demi_protection_is_there - nonzero if this machine has it; a namespace is tried in a
 * child, for a millisecond */
int demi_protection_is_there(unsigned int protection);

/*
 * demi_sandbox_on_missing - whether a run starts without a protection that its
 * sandbox asks for and this machine lacks
 *
 * degrade  zero: it does not start (the default): -EOPNOTSUPP, or the errno of the step
 *          that makes the namespace; nonzero: it does, and demi_run_missing() tells
 *
 * Whether a namespace that may be missing can be had is tried before a start, in
 * children. It is missing if the kernel says no: EPERM, ENOSPC (a limit in
 * /proc/sys/user, which other programs of the user can use up), EINVAL, ENOSYS and
 * their like. The rest is as without it: in particular nothing is read-only without
 * ISOLATE_MOUNT.
 *
 * Returns 0 or -EINVAL.
 */
int demi_sandbox_on_missing(struct demi_sandbox *sb, unsigned int protection, int degrade);

/* Flags of demi_sandbox_add_path() */
enum {
	DEMI_PATH_READ = 1,	/* read, list and execute what is beneath it */
	DEMI_PATH_WRITE = 2,	/* and write, create, remove, rename, truncate, ioctl */
	DEMI_PATH_DENY = 4,	/* none of it: carved out of a wider rule */
	DEMI_PATH_OPTIONAL = 8,	/* no error if it does not exist */
};

/*
 * demi_sandbox_add_path - a rule about files; with the first one every file that no
 * rule grants is refused
 *
 * path   of a file, a directory, a device, a FIFO; looked up when a run starts, from
 *        this process's working directory, through symbolic links
 * flags  one of READ, WRITE, DENY, and OPTIONAL
 *
 * Rules hold for what the path led to, whatever it is called later: by "..", by
 * /proc/self/root, /proc/self/cwd, a symbolic link, after a rename.
 *
 * Writing to a directory does not include making device nodes in it.
 *
 * DENY needs a READ or WRITE above it, and nothing granted beneath it. Landlock has
 * no such rule: everything beside the denied path is granted instead, as it is found
 * at the start. So in each directory from the granted one down to that of the denied
 * path
 *   - nothing can be created, removed or renamed (what stands in them can be, inside
 *     it), so a denied path that does not exist cannot be made either;
 *   - what others put there later is not granted;
 *   - names cannot be listed if the denied path is a directory, because that right
 *     would reach it, too.
 * It holds against other names of the file, too: a symbolic link, a bind mount that
 * is there at the start. A denied file with a second hard link is an error; hard
 * links from elsewhere into a denied directory are not looked for. A directory that
 * others make under a denied name later can be listed, not read. What others move
 * out of a denied directory, or mount later, is granted where it then is.
 *
 * Not covered at all, so the permissions of the files decide: stat(2), access(2),
 * chdir(2), readlink(2), chmod(2), chown(2), utime(2), setxattr(2), flock(2),
 * descriptors that the program is started with, and connect(2) to a UNIX socket with
 * a path. Where nothing but devices is granted for writing, what changes modes, owners,
 * times, attributes and flags is refused as a whole. memfd_create(2) without
 * MFD_NOEXEC_SEAL gives ENOSYS: what is in memory could be executed.
 * demi_sandbox_allow_syscall() lifts these by name. DEMI_ISOLATE_MOUNT makes what is not granted for writing read-only for
 * these, too.
 *
 * Returns 0, -EINVAL for other flags or an empty path, -ENOMEM.
 * Kernel: Landlock, landlock(7): ABI 1 (Linux 5.13) to 5 (6.10)
 */
int demi_sandbox_add_path(struct demi_sandbox *sb, const char *path, unsigned int flags);

/* demi_sandbox_confine_files - refuse every file, as the first rule would */
void demi_sandbox_confine_files(struct demi_sandbox *sb);

/* Ways of a TCP port */
enum {
	DEMI_TCP_CONNECT = 1,
	DEMI_TCP_BIND = 2,
};

/*
 * demi_sandbox_confine_net - refuse every TCP port that demi_sandbox_add_port() does
 * not grant
 *
 * Other kinds of sockets than TCP and AF_UNIX are refused, too, but those that
 * demi_sandbox_restrict_sockets() names; so are MPTCP and MSG_FASTOPEN. Landlock is not
 * asked when a socket listens without bind(2): where no port is granted no TCP socket
 * can be made, and where none is granted for a bind, listen(2) is refused, to UNIX
 * sockets as well. Where one is, another one can be got in this way. UNIX sockets with
 * a path are files, but connect(2) to them is not refused before ABI 9.
 */
void demi_sandbox_confine_net(struct demi_sandbox *sb);

/*
 * demi_sandbox_add_port - grant TCP ports; confines the net, too
 *
 * ways  DEMI_TCP_CONNECT, DEMI_TCP_BIND, or both
 * first, last  1..65535, for a bind 0..65535: port 0 is "one that the kernel
 *              chooses", ip_local_port_range in ip(7). 0 to 65535 is every port.
 *
 * Returns 0, -EINVAL, -ENOMEM, or -E2BIG: Landlock takes one rule a port, and all
 * ranges together may have 4,096 (3 ms of a start); every port costs nothing.
 * Kernel: Landlock ABI 4 (Linux 6.7)
 */
int demi_sandbox_add_port(struct demi_sandbox *sb, unsigned int ways, unsigned int first,
			  unsigned int last);

/* A rule about addresses. */
struct demi_address {
	char name[256];			/* of a host that is to be looked up, or "" */
	uint8_t bytes[16];		/* else the address, in network order */
	uint8_t len;			/* of it: 4, 16, or 0: every address */
	uint8_t bits;			/* of its prefix */
	uint16_t first_port, last_port;
};

/*
 * demi_address_parse - read a rule about addresses
 *
 * text  "10.0.0.0/8:443", "[2001:db8::]/32:1-1023", "[::1]:8080", "example.org:443",
 *       "192.0.2.1:*"
 * why   cap bytes: the rest of a sentence on failure, 'has no port: ...'
 *
 * A mapped address, ::ffff:10.0.0.1, becomes one of IPv4.
 *
 * Returns 0, or -EINVAL, also for bits beyond the prefix and for numbers that
 * inet_aton(3) reads otherwise than people do ("010.0.0.1", "127.1").
 */
int demi_address_parse(const char *text, struct demi_address *out, char *why, size_t cap);

/*
 * demi_address_judge - do n rules grant this struct sockaddr?
 *
 * address  len bytes, as a program passed them; untrusted
 * is_sent  nonzero: of a datagram, else of connect(2)
 *
 * What is no IP address is granted: AF_UNIX, AF_UNSPEC, which ends a connection. A name
 * grants nothing: it has to be looked up.
 *
 * Returns 0, -EACCES, -EINVAL: too short for its family, or -EAFNOSUPPORT: of a datagram,
 * without a family, which the kernel would take for the socket's.
 */
int demi_address_judge(const struct demi_address *rules, size_t n, const void *address,
		       size_t len, int is_sent);

/*
 * demi_sandbox_connect_address - grant connections to an address; confines the net, too
 *
 * text  as demi_address_parse() reads it. A name is looked up at each
 *       demi_sandbox_start(), by getaddrinfo(3), which may take as long as name servers
 *       do, and means all its addresses; if it cannot be, the run does not start.
 *
 * With the first such rule connect(2) fails with EACCES for what neither it nor a
 * DEMI_TCP_CONNECT port of demi_sandbox_add_port() grants: that is a port of every
 * address. Where demi_sandbox_restrict_sockets() names UDP, ICMP or RAW the rules hold
 * for sendto(2) and sendmsg(2), too; sendmmsg(2) gives ENOSYS then, sendmsg(2) with
 * ancillary data EOPNOTSUPP.
 *
 * Your handlers are asked only about what the rules grant. When all continue the call is
 * performed, demi_action_set_perform(), and judged once more, on the bytes that it is made with:
 * no thread, and no handler that writes another address, gets around it. The kernel
 * alone holds the ports.
 *
 * Returns 0, -EINVAL for a malformed rule, -ENOMEM, or -E2BIG as demi_sandbox_add_port().
 * Kernel: Landlock ABI 4 for the ports; seccomp_unotify(2)
 */
int demi_sandbox_connect_address(struct demi_sandbox *sb, const char *text);

/* Flags of demi_sandbox_isolate() */
enum {
	DEMI_ISOLATE_NET = 1,	/* no network but a loopback of its own */
	DEMI_ISOLATE_PID = 2,	/* sees its own processes only, in a /proc of its own */
	DEMI_ISOLATE_IPC = 4,	/* System V IPC and POSIX message queues */
	DEMI_ISOLATE_UTS = 8,	/* the host name */
	DEMI_ISOLATE_MOUNT = 16, /* /tmp and /dev/shm are empty and private; all that no
				  * DEMI_PATH_WRITE grants is mounted read-only */
	DEMI_ISOLATE_ROOT = 32,	/* is uid 0 and gid 0 of a user namespace */
};

/*
 * demi_sandbox_isolate - run in namespaces of its own
 *
 * Whoever lacks CAP_SYS_ADMIN gets a user namespace, too, in which only their own
 * uid and gid exist. Where a machine does not allow that, demi_sandbox_start() fails
 * and names the step, unless demi_sandbox_on_missing() says otherwise.
 *
 * With PID the program is not process 1, whose signals are ignored by default, but a
 * child of a small one that reaps orphans; its getppid(2) is 0.
 * With MOUNT what is granted beneath /tmp or /dev/shm appears there; a working
 * directory there must be granted. Device nodes stay usable.
 *
 * Returns 0, or -EINVAL for other flags.
 * Kernel: user_namespaces(7), mount_setattr(2) (Linux 5.12)
 */
int demi_sandbox_isolate(struct demi_sandbox *sb, unsigned int flags);

/*
 * demi_sandbox_explain - find out what the static layer refuses: demi_run_refused()
 *
 * For those who write rules; it has a price. The calls of the deny list are not refused
 * by the kernel alone any more: they are notified, and answered with the errno of the
 * list before any handler hears of them. This then rests on the supervisor; without it
 * they fail with ENOSYS, they are never let through. Other architectures' calls are
 * killed, and Landlock and all else hold, as without this. Every call that opens,
 * makes, removes or executes a file is looked up before the kernel makes it, and bind(2)
 * and connect(2): some 50 microseconds each.
 *
 * Told is what the rules of this sandbox refuse. A call that fails before they are asked
 * (no such file, permission bits, a read-only mount) is not told. Not seen: ioctl(2) on
 * a device that is granted for reading only; signals and abstract sockets of others;
 * what perform() runs into; calls newer than the deny list (ENOSYS); openat2(2) with
 * RESOLVE_ flags; what an outer sandbox refuses; /proc files of processes outside. Access
 * lists, acl(5), are not read. A path that another thread changes after it was looked up
 * can make an entry wrong, but not the refusal.
 */
void demi_sandbox_explain(struct demi_sandbox *sb);

/* What kind of rule is missing. */
enum demi_refused_kind {
	DEMI_REFUSED_SYSCALL = 1,	/* the deny list: demi_sandbox_allow_syscall() */
	DEMI_REFUSED_READ = 2,		/* DEMI_PATH_READ */
	DEMI_REFUSED_WRITE = 3,		/* DEMI_PATH_WRITE */
	DEMI_REFUSED_CONNECT = 4,	/* DEMI_TCP_CONNECT */
	DEMI_REFUSED_BIND = 5,		/* DEMI_TCP_BIND */
};

/* A call that was refused. Equal ones are counted, not repeated. */
struct demi_refused {
	uint32_t kind;			/* enum demi_refused_kind */
	int32_t syscall_nr;
	int32_t error;			/* what the program got */
	uint32_t pid;			/* of the thread that made the first one */
	uint64_t count;
	uint32_t port;			/* of CONNECT and BIND */
	const char *family, *when;	/* of SYSCALL: as in demi_denial; the family is "" if
					 * demi_sandbox_deny_syscall() denied it, "guard" if it
					 * would get around rules about files or ports */
	const char *path;		/* of READ and WRITE: the real path, no symbolic link */
	const char *grant;		/* what to grant, the path or its directory; "": no rule
					 * would help (device nodes) */
	const char *deny;		/* "", or the DENY rule that carves it out of a grant */
};

/* What seccomp(2) can do here, by the Linux that brought it. */
enum {
	DEMI_SECCOMP_FILTER = 1,	/* programs that refuse and kill, 4.14: needed */
	DEMI_SECCOMP_NOTIFY = 2,	/* handlers, which can continue, 5.5: needed */
	DEMI_SECCOMP_ADD_FD = 4,	/* injection, 5.9: needed */
	DEMI_SECCOMP_ADD_FD_SEND = 8,	/* injection and answer in one step, 5.14: needed */
	DEMI_SECCOMP_KILLABLE_WAIT = 16, /* a signal does not repeat a call, 5.19 */
	DEMI_SECCOMP_FAST_WAKE_UP = 32,	/* a handler costs a sixth, 6.6 */
};

/* What this machine offers to runs of this process. */
struct demi_features {
	char release[65], machine[65];	/* uname(2) */
	char libseccomp[24];		/* the version that is loaded */
	int32_t landlock_abi;		/* 0: none; demi_protection_is_there() */
	uint32_t has_process_calls;	/* pidfd_open(2), close_range(2): 5.11, needed */
	uint32_t can_read_programs;	/* process_vm_readv(2) of a child: needed */
	uint32_t seccomp;		/* DEMI_SECCOMP_* */
	uint32_t isolation;		/* DEMI_ISOLATE_* that a run can have */
	int32_t isolation_error;	/* errno of the first one that failed, or 0 */
	uint32_t processes_group;	/* version of the control group that holds the limit */
	uint32_t memory_group;		/* of processes, of memory; 0: none can be made */
};

/*
 * demi_features_find - try what a run would use
 *
 * Some 10 ms: children are made that install a filter and enter namespaces, and a
 * control group is made and removed. Nothing of it stays. What the process may do
 * counts: another user, or another control group, can have another result.
 *
 * Kernel: seccomp(2), namespaces(7), cgroups(7), landlock(7)
 */
void demi_features_find(struct demi_features *out);

/* Flags of demi_sandbox_handle() */
enum {
	DEMI_WATCH = 1,	/* sees the call before all handlers; cannot decide */
};

/*
 * demi_sandbox_handle - bind a handler to system calls
 *
 * nrs    n numbers of this architecture, from demi_syscall_number()
 * flags  0 or DEMI_WATCH
 *
 * Handlers of one call are asked in the order of this function's calls.
 *
 * Returns 0, or with no call bound
 *   -EINVAL  a number that is not a system call here, no number at all, no
 *            handler, or unknown flags
 *   -ENOMEM
 *   -EPERM, -ENOSYS  the static layer denies the call: the handler could never run
 * Owner:  sb owns handler from here on; if this fails it is already freed.
 */
int demi_sandbox_handle(struct demi_sandbox *sb, const int *nrs, size_t n,
			struct demi_handler *handler, unsigned int flags);

/*
 * demi_sandbox_start - start a program
 *
 * argv  NULL-terminated; argv[0] without a slash is looked up in PATH
 *
 * Returns 0, or with nothing left behind
 *   -EINVAL        argv is empty
 *   -ENOENT        no such program (a shell would exit with 127)
 *   -EACCES, -ENOEXEC  it cannot be executed (126)
 *   -ENOSYS        the kernel is older than Linux 5.14
 *   other          a step before execve(2) failed; demi_sandbox_error() names it
 * While the program's own execve(2) has a handler, its failure is not known
 * here: it ends the run with DEMI_REASON_EXEC.
 * Owner:  the caller owns *out; sb must stay unchanged until it is freed.
 * Danger: a process of ours stands between us and the program, and holds all of
 *         the run together. Who may signal it, as any process of the same user
 *         may that Landlock does not scope, can kill it. The program and its
 *         group die then; what left the group dies, too, only after
 *         demi_sandbox_forward_signals(), which makes us the next subreaper.
 * Kernel: seccomp(2) with SECCOMP_FILTER_FLAG_NEW_LISTENER (Linux 5.0),
 *         no_new_privs, PR_SET_CHILD_SUBREAPER(2const), pidfd_open(2)
 */
int demi_sandbox_start(struct demi_sandbox *sb, char *const argv[],
		       struct demi_run **out);

/*
 * demi_run_wait - ask the handlers until the run is over
 *
 * timeout_ms  -1: for ever
 *
 * Returns 0 when nothing of the run is left, 1 if the time passed first, or
 *   -EINTR  a signal handler of ours ran: call it again
 *   other   what poll(2) or the listener said
 */
int demi_run_wait(struct demi_run *run, int timeout_ms);

/*
 * demi_run_step - ask the handlers of the calls that wait now, and return
 *
 * Never waits for the program, only for the handlers. Returns 1 while the run goes
 * on, 0 when it is over.
 */
int demi_run_step(struct demi_run *run);

/*
 * demi_run_pollfd - readable when demi_run_step() has something to do
 *
 * It stays readable when the run is over. Returns the descriptor.
 * Owner:  the run; do not read from it or close it.
 */
int demi_run_pollfd(struct demi_run *run);

/* demi_run_missing - bit p: protection p was asked for, this machine lacks it */
unsigned int demi_run_missing(const struct demi_run *run);

/*
 * demi_run_pid - the program's process id
 *
 * Danger: when the run is over the number may be someone else's. To signal the
 *         program use demi_run_signal(), which holds a pidfd_open(2).
 */
pid_t demi_run_pid(const struct demi_run *run);

/*
 * demi_run_stdio - our end of a DEMI_STDIO_PIPE
 *
 * Returns a close-on-exec descriptor that the caller owns from now on, or
 * -EBADF if there is none or it was already taken.
 */
int demi_run_stdio(struct demi_run *run, int fd);

/* demi_run_holds - nonzero while a call with this id is held */
int demi_run_holds(struct demi_run *run, uint64_t id);

/*
 * demi_run_release - decide a held call
 *
 * id  of its notification
 *
 * CONTINUE asks the handlers after the one that held it. Returns 0, or -ENOENT
 * if no such call is held; the action is dropped either way.
 */
int demi_run_release(struct demi_run *run, uint64_t id, struct demi_action *act);

/*
 * demi_run_signal - signal the program, or with tree nonzero all that belongs
 * to the run
 *
 * Returns 0, or
 *   -EINVAL  a wrong signal
 *   -ESRCH   the run is over
 *   other    the tree could not be read, proc(5)
 * Kernel: pidfd_send_signal(2); the tree is signalled as it is seen in proc(5)
 */
int demi_run_signal(struct demi_run *run, int sig, int tree);

/*
 * demi_run_processes - how many processes belong to the run now, its zombies too
 *
 * Returns a number, 0 when the run is over, or -errno: proc(5) could not be read.
 */
ssize_t demi_run_processes(const struct demi_run *run);

/* The end of a process that was followed. */
struct demi_ended {
	int32_t pid;
	int32_t status;			/* as wait(2) gives it, if has_status */
	uint32_t has_status;
	uint64_t time_ns;		/* of CLOCK_REALTIME */
};

/*
 * demi_run_follow - note when and how a process of the run ends
 *
 * pid  of a process, not of one of its other threads; a handler that is asked
 *      about a call of this process knows that it exists
 *
 * Returns 1, 0 if it is followed already, or -errno of pidfd_open(2).
 * Kernel: pidfd_open(2); the status needs PIDFD_GET_INFO of Linux 6.15. Each
 *         takes a descriptor of ours until it is reaped.
 */
int demi_run_follow(struct demi_run *run, pid_t pid);

/*
 * demi_run_ended - the next followed process that ended and was reaped
 *
 * Returns 1, or 0 if there is none now. When the run is over all have ended; a
 * run that is killed with its supervisor tells nobody.
 */
int demi_run_ended(struct demi_run *run, struct demi_ended *out);

/*
 * demi_run_end - kill all that belongs to the run
 *
 * It does not wait: demi_run_wait() then ends, with DEMI_REASON_KILLED. Nothing
 * happens if the run is over.
 */
void demi_run_end(struct demi_run *run);

/* Why a run ended. */
enum demi_reason {
	DEMI_REASON_RUNNING = 0,
	DEMI_REASON_EXITED = 1,		/* exit_code is the program's */
	DEMI_REASON_SIGNALED = 2,	/* by signal */
	DEMI_REASON_KILLED = 3,		/* by an exception policy or demi_run_end() */
	DEMI_REASON_TIMEOUT = 4,	/* the time limit */
	DEMI_REASON_EXEC = 5,		/* execve(2) failed with exec_errno */
	DEMI_REASON_LIMIT = 6,		/* it was over a limit: enum demi_limit */
};

struct demi_result {
	uint32_t reason;		/* enum demi_reason */
	int32_t exit_code;		/* of EXITED, else -1 */
	int32_t signal;			/* of SIGNALED, KILLED and LIMIT, else 0 */
	int32_t exec_errno;
	uint64_t calls;			/* notifications that were received */
	uint64_t held;			/* of them, how many were held */
	uint64_t errors;		/* failures of handlers, all together */
	uint32_t limit;			/* of LIMIT: enum demi_limit */
};

/*
 * demi_run_result - how it ended
 *
 * The reason is DEMI_REASON_RUNNING while it has not; the counts are those so far.
 */
void demi_run_result(const struct demi_run *run, struct demi_result *out);

/* How often a handler decided on memory that the program could still change. */
struct demi_unsafe {
	const char *handler;		/* its name, or "" */
	uint64_t count;
};

/*
 * demi_run_unsafe - what a handler read of the program's memory before its call went on
 *
 * i  the i-th handler that demi_sandbox_handle() took, from 0
 *
 * The kernel reads the memory again, so another thread can undo such a decision:
 * demi_action_set_perform() is the form that cannot be undone. Watchers decide
 * nothing and are not counted.
 *
 * Returns 0, or -ENOENT after the last handler. The string belongs to the sandbox.
 */
int demi_run_unsafe(const struct demi_run *run, size_t i, struct demi_unsafe *out);

/*
 * demi_run_output - what a DEMI_STDIO_CAPTURE collected
 *
 * fd  1 or 2
 *
 * Returns the bytes, owned by the run, and their number in *len; NULL and 0 if
 * there are none. Only after the run is over.
 */
const char *demi_run_output(struct demi_run *run, int fd, size_t *len);

/* One distinct failure of a handler. Equal ones are counted, not repeated. */
struct demi_error {
	const char *message;		/* one line */
	const char *traceback;		/* "" if there is none */
	const char *outcome;		/* what was done about it: "kill", "deny_eperm", ... */
	int32_t syscall_nr;
	uint32_t pid;			/* of the first one */
	uint64_t count;
};

/*
 * demi_run_error - the i-th distinct failure, from 0
 *
 * Returns 0, or -ENOENT after the last; *out is zeroed then. At most 256 distinct
 * ones are kept; struct demi_result counts them all.
 * Owner:  the strings belong to the run
 */
int demi_run_error(struct demi_run *run, size_t i, struct demi_error *out);

/*
 * demi_run_refused - the i-th distinct refusal of a run that explains, from 0
 *
 * Returns 0, or -ENOENT after the last. At most 256 distinct ones are kept; those
 * beyond are counted by demi_run_refused_more().
 * Owner:  the strings belong to the run
 */
int demi_run_refused(struct demi_run *run, size_t i, struct demi_refused *out);

/* demi_run_refused_more - how many refusals found no room */
uint64_t demi_run_refused_more(struct demi_run *run);

/*
 * demi_run_free - end the run if it has not ended, wait until nothing of it is
 * left, free it
 *
 * NULL is fine. Not from a handler of the run.
 */
void demi_run_free(struct demi_run *run);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif
#endif
