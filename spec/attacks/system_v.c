/* system_v - a shared memory segment that stays when we are gone */
#include "verdict.h"

#include <sys/ipc.h>
#include <sys/shm.h>

int main(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	int error = errno;

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	errno = error;
	return verdict(id);
}
