/* connect(2), bind(2), sendto(2), on the program's own socket. */
#include "resolve.h"

#include "../util.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define PATH_AT offsetof(struct sockaddr_un, sun_path)

static int64_t result_of(long rc)
{
	return rc < 0 ? -errno : rc;
}

/*
 * The path of an AF_UNIX address, or false: another family, an abstract name, none.
 * It may fill the address without a NUL, unix(7).
 */
static bool get_path(const struct job *job, char path[PATH_MAX])
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)&job->input.address;

	if (job->input_len <= PATH_AT || address->sun_family != AF_UNIX ||
	    job->input_len > sizeof *address)
		return false;
	size_t len = strnlen(address->sun_path, job->input_len - PATH_AT);
	memcpy(path, address->sun_path, len);
	path[len] = 0;
	return len > 0;
}

/* The address with the socket's file as our directory names it, or the address itself. */
static int resolve_address(struct worker *w, struct sockaddr_storage *out, socklen_t *len,
			   struct object *object)
{
	struct job *job = w->job;
	char path[PATH_MAX];

	*object = (struct object){ .fd = -1 };
	*out = job->input.address;
	*len = job->input_len;
	if (!get_path(job, path))
		return job->wants_real ? -EAFNOSUPPORT : 0;
	job->dir[0] = AT_FDCWD;
	memcpy(job->path[0], path, sizeof path);
	job->has_path[0] = true;
	int rc = resolve_job(w, 0, true, false, object);
	if (rc < 0)
		return rc;
	struct sockaddr_un *address = (struct sockaddr_un *)out;
	strcpy(address->sun_path, resolve_name(object->fd).text);
	*len = (socklen_t)(PATH_AT + strlen(address->sun_path) + 1);
	return 0;
}

int64_t job_connect(struct worker *w)
{
	struct sockaddr_storage address;
	struct object object;
	socklen_t len;
	int rc = resolve_address(w, &address, &len, &object);

	if (rc < 0)
		return rc;
	int64_t result = result_of(connect(w->given, (struct sockaddr *)&address, len));
	fd_close(&object.fd);
	return result;
}

/*
 * The kernel keeps the text of a bound address and shows it to peers, so the text must
 * be the program's. What it leads to is looked at first: nothing of /proc, which
 * would be ours.
 */
int64_t job_bind(struct worker *w)
{
	struct job *job = w->job;
	struct entry entry;
	char path[PATH_MAX];

	if (!get_path(job, path))
		return result_of(bind(w->given, (struct sockaddr *)&job->input.address,
				      job->input_len));
	job->dir[0] = AT_FDCWD;
	memcpy(job->path[0], path, sizeof path);
	job->has_path[0] = true;
	AUTO_FD base = resolve_base(w, 0);
	if (base < 0 && base != AT_FDCWD)
		return base;
	int rc = resolve_entry(w, base, path, 0, &entry);
	if (rc < 0)
		return rc;
	bool is_proc = resolve_is_proc(entry.dir);
	close(entry.dir);
	if (is_proc || strstr(path, "/proc/"))
		return job_refuse(job, EACCES, "bind beneath /proc");
	if (base >= 0 && fchdir(base) < 0)
		return -errno;
	int64_t result = result_of(bind(w->given, (struct sockaddr *)&job->input.address,
					job->input_len));
	return fchdir(w->own_fds) < 0 ? -errno : result;
}

static bool is_stream(int socket)
{
	int type = 0;
	socklen_t len = sizeof type;

	return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM;
}

int64_t job_sendto(struct worker *w)
{
	struct job *job = w->job;
	int flags = (int)job->arg[0];
	struct sockaddr_storage address;
	struct object object;
	socklen_t len;

	/* of a stream a part may be sent, send(2); a datagram is one whole */
	if (job->is_cut && !is_stream(w->given))
		return job_refuse(job, EMSGSIZE, "a message of more than 65536 bytes");
	int rc = resolve_address(w, &address, &len, &object);
	if (rc < 0)
		return rc;
	int64_t n = result_of(sendto(w->given, job->body, job->body_len, flags | MSG_NOSIGNAL,
				     len ? (struct sockaddr *)&address : NULL, len));
	fd_close(&object.fd);
	/* the signal is the caller's, send(2) */
	if (n == -EPIPE && !(flags & MSG_NOSIGNAL) && !w->has_own_numbers)
		syscall(SYS_tkill, job->tid, SIGPIPE);
	return n;
}
