/* What to execute, with which arguments and environment. */
#ifndef DEMI_COMMAND_H
#define DEMI_COMMAND_H

#include "child.h"
#include "sandbox.h"

/*
 * command_prepare - fill path, shell_argv and envp of plan; argv is kept as it is
 *
 * Returns 0; -ENOENT, -EACCES for a program that a shell would not find or not
 * execute; -ENOMEM.
 */
int command_prepare(struct demi_sandbox *sb, char *const argv[], struct child_plan *plan);

void command_free(struct child_plan *plan);

#endif
