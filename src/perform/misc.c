/* getrandom(2), clock_gettime(2), uname(2): no path, no descriptor, no wait to speak of. */
#include "worker.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>

/* A short result is one that the manual allows for more than 256 bytes. */
int64_t job_getrandom(struct worker *w)
{
	struct job *job = w->job;
	size_t len = job->arg[0] < JOB_OUT_MAX ? (size_t)job->arg[0] : JOB_OUT_MAX;
	ssize_t n = getrandom(job->out.bytes, len, (unsigned int)job->arg[1]);

	job->out_len = n < 0 ? 0 : (uint32_t)n;
	return n < 0 ? -errno : n;
}

int64_t job_clock_gettime(struct worker *w)
{
	struct job *job = w->job;
	clockid_t clock = (clockid_t)job->arg[0];

	/* the clocks of "this process" and "this thread" would be ours; a negative
	 * number is another process's, or a device's that the caller opened */
	if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0)
		return job_refuse(job, EOPNOTSUPP, "a clock that runs for its caller alone");
	if (clock_gettime(clock, (struct timespec *)job->out.bytes) < 0)
		return -errno;
	job->out_len = sizeof(struct timespec);
	return 0;
}

int64_t job_uname(struct worker *w)
{
	struct job *job = w->job;

	if (uname((struct utsname *)job->out.bytes) < 0)
		return -errno;
	job->out_len = sizeof(struct utsname);
	return 0;
}
