/* What a call takes from the program's memory, in one copy. */
#include "gather.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

int gather_bytes(struct call *call, uint64_t addr, void *dst, size_t len)
{
	ssize_t n = snapshot_read(&call->seen, (pid_t)call->notif.pid, addr, dst, len);

	return n < 0 ? (int)n : (size_t)n == len ? 0 : -EFAULT;
}

/* Appends to the body. */
static int append(struct call *call, uint64_t addr, uint64_t len, struct job *job)
{
	uint64_t room = JOB_BODY_MAX - job->body_len;

	job->is_cut |= len > room;
	len = len < room ? len : room;
	int rc = len ? gather_bytes(call, addr, job->body + job->body_len, len) : 0;
	job->body_len += rc < 0 ? 0 : len;
	return rc;
}

int gather_body(struct call *call, uint64_t addr, uint64_t len, struct job *job)
{
	return append(call, addr, len, job);
}

static int gather_parts(struct call *call, uint64_t addr, uint64_t n, struct job *job)
{
	if (n > IOV_MAX)
		return -EMSGSIZE;
	for (uint64_t i = 0; i < n && !job->is_cut; i++) {
		struct iovec part;
		int rc = gather_bytes(call, addr + i * sizeof part, &part, sizeof part);
		if (rc == 0)
			rc = append(call, (uintptr_t)part.iov_base, part.iov_len, job);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int gather_address(struct call *call, uint64_t addr, uint64_t len,
		   struct sockaddr_storage *out, uint32_t *out_len)
{
	*out_len = (uint32_t)len;	/* an int in a register */
	if ((int32_t)len < 0 || *out_len > sizeof *out)
		return -EINVAL;
	return gather_bytes(call, addr, out, *out_len);
}

/*
 * struct msghdr is the kernel's own on the 64-bit machines that we build for. Of an
 * address that is too long it takes a part.
 */
static int gather_name(struct call *call, const struct msghdr *header,
		       struct sockaddr_storage *out, uint32_t *out_len)
{
	uint32_t len = header->msg_name ? header->msg_namelen : 0;

	if ((int32_t)len > (int32_t)sizeof *out)
		len = sizeof *out;
	return gather_address(call, (uintptr_t)header->msg_name, len, out, out_len);
}

int gather_peer(struct call *call, struct sockaddr_storage *out, uint32_t *len)
{
	const uint64_t *args = call->notif.args;
	struct msghdr header;

	if (call->notif.syscall_nr == SYS_connect)
		return gather_address(call, args[1], args[2], out, len);
	if (call->notif.syscall_nr == SYS_sendto)
		return gather_address(call, args[4], args[4] ? args[5] : 0, out, len);
	int rc = gather_bytes(call, args[1], &header, sizeof header);
	return rc < 0 ? rc : gather_name(call, &header, out, len);
}

int gather_message(struct call *call, uint64_t addr, struct job *job)
{
	struct msghdr header;
	int rc = gather_bytes(call, addr, &header, sizeof header);

	if (rc < 0)
		return rc;
	if (header.msg_control && header.msg_controllen)
		return job_refuse(job, EOPNOTSUPP, "sendmsg with ancillary data");
	rc = gather_name(call, &header, &job->input.address, &job->input_len);
	return rc < 0 ? rc : gather_parts(call, (uintptr_t)header.msg_iov, header.msg_iovlen, job);
}
