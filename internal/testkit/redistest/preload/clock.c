// A clock that a test sets: gettimeofday and time of the process that this is preloaded into are so many
// microseconds ahead as the file that CLOCK_FILE names holds. The monotonic clock is left as it is.
// Nothing here allocates: redis-server asks for the time while its allocator starts.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void) {
	const char *name = getenv("CLOCK_FILE");
	int file = name ? open(name, O_RDONLY) : -1;
	if (file < 0) return;
	void *at = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
	if (at != MAP_FAILED) ahead = at;
	close(file);
}

static int64_t now(void) {
	struct timespec t;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + (ahead ? *ahead : 0);
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
	(void)zone;
	int64_t micros = now();
	tv->tv_sec = micros / 1000000;
	tv->tv_usec = micros % 1000000;
	return 0;
}

time_t time(time_t *to) {
	time_t seconds = now() / 1000000;
	if (to) *to = seconds;
	return seconds;
}
