/*
 * What a run uses up, all its processes together, against its limits. The kernel's
 * own limits are a process's or a user's; a control group is not everyone's to make,
 * and can be left by a program of the user who made it. So this looks at /proc, some
 * hundred times a second, and ends the run that is over its limit: what a program can
 * take between two looks is what it can exceed it by.
 */
#include "usage.h"

#include "dispatch.h"
#include "kernel.h"
#include "processes.h"
#include "util.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* How often it looks: less than a twentieth of a CPU is spent on it, but on a machine
 * with more than some two thousand processes. */
#define LOOK_MIN_MS 10
#define LOOK_MAX_MS 200
#define LOOK_SHARE 20

/*
 * The looks below keep the limits that are the whole run's; this is what the kernel can
 * do for it. A control group holds exactly, but a program that may write to its files
 * (the same user's, where they are delegated) leaves it. RLIMIT_NPROC counts all of
 * the user's, and RLIMIT_DATA the stacks of threads at their full 8 MiB: these are far
 * enough off not to be met but by a bomb between two looks.
 */
#define PROCESS_ROOM 256
#define MEMORY_ROOM (1ULL << 30)

void usage_limit(struct demi_run *run, struct child_plan *plan)
{
	const struct limits *limits = &run->sb->limits;
	const uint64_t wanted[CGROUPS] = {
		[CGROUP_PIDS] = limits->processes, [CGROUP_MEMORY] = limits->memory,
	};

	cgroup_open(wanted, run->groups);
	plan->groups = run->groups;
	plan->limits = *limits;
	if (limits->processes)
		plan->limits.processes = processes_total() + 2 * limits->processes + PROCESS_ROOM;
	if (limits->memory)
		plan->limits.memory = limits->memory + MEMORY_ROOM;
}

static bool is_watched(const struct demi_run *run)
{
	const struct limits *limits = &run->sb->limits;

	return !run->is_over &&
	       (limits->processes || limits->memory || limits->cpu);
}

static unsigned long long sum_shares(const struct process *all, ssize_t n,
				      unsigned long long page)
{
	unsigned long long sum = 0;

	for (ssize_t i = 0; i < n; i++) {
		long long share = processes_share(all[i].pid);
		if (share == -EACCES)	/* it made itself unreadable: all counts, then */
			sum += all[i].rss_pages * page;
		else if (share > 0)
			sum += (unsigned long long)share;
	}
	return sum;
}

/*
 * Pages that processes share count in the RSS of each: good enough to see that all is
 * well, and too rough to kill by. Shares are read one after the other, so those of a
 * program that forks or ends meanwhile can count twice: it must be over twice in a row.
 */
static bool is_memory_over(const struct process *all, ssize_t n, uint64_t most)
{
	const unsigned long long page = (unsigned long long)sysconf(_SC_PAGESIZE);
	unsigned long long rough = 0;

	for (ssize_t i = 0; i < n; i++)
		rough += all[i].rss_pages * page;
	return rough > most && sum_shares(all, n, page) > most && sum_shares(all, n, page) > most;
}

static enum demi_limit find_excess(const struct demi_run *run, const struct process *all,
				   ssize_t n, unsigned long long warden_ticks)
{
	const struct limits *limits = &run->sb->limits;
	const unsigned long long per_second = (unsigned long long)sysconf(_SC_CLK_TCK);
	unsigned long long tasks = 0, ticks = warden_ticks;

	for (ssize_t i = 0; i < n; i++) {
		tasks += all[i].threads;
		ticks += all[i].ticks;
	}
	if (limits->processes && tasks > limits->processes)
		return DEMI_LIMIT_PROCESSES;
	if (limits->memory && cgroup_has_killed(run->groups))
		return DEMI_LIMIT_MEMORY;
	if (limits->memory && is_memory_over(all, n, limits->memory))
		return DEMI_LIMIT_MEMORY;
	if (limits->cpu && ticks >= limits->cpu * per_second)
		return DEMI_LIMIT_CPU;
	return DEMI_LIMIT_NONE;
}

static enum demi_limit look(struct demi_run *run)
{
	AUTO_FREE struct process *below = NULL;
	struct process warden;
	ssize_t n = processes_below(run->warden.pid, &below);

	/* Out of memory, or /proc is gone: nobody could say that it is below its limit. */
	if (n < 0 || !processes_read(run->warden.pid, &warden))
		return run->sb->limits.memory ? DEMI_LIMIT_MEMORY : DEMI_LIMIT_PROCESSES;
	return find_excess(run, below, n, warden.ticks);
}

void usage_look(struct demi_run *run)
{
	uint64_t now = kernel_now_ms();

	if (!is_watched(run) || now < run->next_look_ms)
		return;
	/* CPU time: a machine that is busy with a bomb is no reason to look away */
	uint64_t before = kernel_thread_us();
	enum demi_limit over = look(run);
	uint64_t pause = (kernel_thread_us() - before) * LOOK_SHARE / 1000;
	if (pause < LOOK_MIN_MS)
		pause = LOOK_MIN_MS;
	run->next_look_ms = now + (pause < LOOK_MAX_MS ? pause : LOOK_MAX_MS);
	if (over == DEMI_LIMIT_NONE)
		return;
	pthread_mutex_lock(&run->lock);
	if (!run->cause) {
		run->result.limit = over;
		dispatch_end(run, DEMI_REASON_LIMIT);
	}
	pthread_mutex_unlock(&run->lock);
}

int usage_wait_ms(const struct demi_run *run)
{
	uint64_t now = kernel_now_ms();

	if (!is_watched(run))
		return -1;
	return now < run->next_look_ms ? (int)(run->next_look_ms - now) : 0;
}

ssize_t demi_run_processes(const struct demi_run *run)
{
	AUTO_FREE struct process *below = NULL;
	struct demi_result result;

	demi_run_result(run, &result);
	return result.reason == DEMI_REASON_RUNNING ? processes_below(run->warden.pid, &below) : 0;
}

void usage_blame(const struct demi_run *run, struct demi_result *result)
{
	const struct limits *limits = &run->sb->limits;

	if (result->signal == SIGKILL && cgroup_has_killed(run->groups))
		result->limit = DEMI_LIMIT_MEMORY;
	else if (result->signal == SIGXCPU && limits->cpu)
		result->limit = DEMI_LIMIT_CPU;
	else if (result->signal == SIGXFSZ && limits->file_size)
		result->limit = DEMI_LIMIT_FILE_SIZE;
	else
		return;
	result->reason = DEMI_REASON_LIMIT;
}
