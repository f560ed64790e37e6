/* handler CALL COMMAND... - a C handler that continues, through libdemilune */
#include <demilune.h>

static int go_on(void *ud, const struct demi_notif *notif, struct demi_mem *mem,
		 struct demi_action *act)
{
	(void)ud;
	(void)notif;
	(void)mem;
	demi_action_set_continue(act);
	return 0;
}

int main(int argc, char **argv)
{
	struct demi_sandbox *sb;
	struct demi_handler *handler;
	struct demi_run *run;

	if (argc < 3)
		return 2;
	int nr = demi_syscall_number(argv[1]);
	if (demi_sandbox_new(&sb) < 0 ||
	    demi_handler_new(go_on, NULL, NULL, DEMI_EXCEPTION_KILL, &handler) < 0 ||
	    demi_sandbox_handle(sb, &nr, 1, handler, 0) < 0 ||
	    demi_sandbox_start(sb, argv + 2, &run) < 0)
		return 125;
	demi_run_wait(run, -1);
	demi_run_free(run);
	demi_sandbox_free(sb);
	return 0;
}
