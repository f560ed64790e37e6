/* queue - leave a message queue behind; without a sandbox it is removed again */
#include "verdict.h"

#include <fcntl.h>
#include <mqueue.h>

int main(void)
{
	char name[64];

	snprintf(name, sizeof name, "/demilune-attack-%d", (int)getpid());
	mqd_t queue = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL);
	verdict(queue);
	if (queue >= 0)
		mq_unlink(name);
	return 0;
}
