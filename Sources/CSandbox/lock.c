/// How a child gives up all that it does not need, for good, before it reads the first byte of a stranger's source.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSandbox.h"
#include <errno.h>

#ifdef __linux__

#include "filter.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static int drop_privileges(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  // Nobody of the same user can look into it or trace it, and it leaves no core.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
  // Also when the parent is killed. It was the parent's keeper of processes that started this one, a thread that lives
  // as long as the parent.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
  return 0;
}

static int limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit wanted = {.rlim_cur = soft, .rlim_max = hard};
  return setrlimit((__rlimit_resource_t)resource, &wanted) == 0 ? 0 : errno;
}

/// Bytes of address space and of data that this process has now.
static int memory_now(uint64_t *space, uint64_t *data) {
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return errno;
  unsigned long pages[6] = {0};
  int found = fscanf(file, "%lu %lu %lu %lu %lu %lu", &pages[0], &pages[1], &pages[2], &pages[3], &pages[4], &pages[5]);
  fclose(file);
  if (found != 6) return EIO;
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
  *space = pages[0] * page;
  *data = pages[5] * page;
  return 0;
}

static int set_limits(uint64_t memory_bytes, uint64_t cpu_seconds) {
  int error = 0;
  if (memory_bytes != 0) {
    uint64_t space = 0, data = 0;
    error = memory_now(&space, &data);
    if (error == 0) error = limit(RLIMIT_AS, space + memory_bytes, space + memory_bytes);
    if (error == 0) error = limit(RLIMIT_DATA, data + memory_bytes, data + memory_bytes);
  }
  // The parent raises it as events use it up; what runs when no event does is cut off.
  if (error == 0) error = limit(RLIMIT_CPU, cpu_seconds, RLIM_INFINITY);
  if (error == 0) error = limit(RLIMIT_CORE, 0, 0);
  if (error == 0) error = limit(RLIMIT_FSIZE, 0, 0);
  if (error == 0) error = limit(RLIMIT_NPROC, 0, 0);
  if (error == 0) error = limit(RLIMIT_MEMLOCK, 0, 0);
  if (error == 0) error = limit(RLIMIT_MSGQUEUE, 0, 0);
  // The files that are open stay so; no other can be.
  if (error == 0) error = limit(RLIMIT_NOFILE, SANDBOX_SOCKET_FD + 1, SANDBOX_SOCKET_FD + 1);
  return error;
}

sandbox_failure sandbox_enter(pid_t parent, uint64_t memory_bytes, uint64_t cpu_seconds) {
  int error = drop_privileges();
  if (error != 0) return (sandbox_failure){SANDBOX_STEP_PRIVILEGES, error};
  // It may have died before it could be asked to tell.
  if (getppid() != parent) return (sandbox_failure){SANDBOX_STEP_ORPHAN, ESRCH};
  error = set_limits(memory_bytes, cpu_seconds);
  if (error != 0) return (sandbox_failure){SANDBOX_STEP_LIMITS, error};
  error = install_filter();
  if (error != 0) return (sandbox_failure){SANDBOX_STEP_FILTER, error};
  return (sandbox_failure){SANDBOX_STEP_NONE, 0};
}

#else

sandbox_failure sandbox_enter(pid_t parent, uint64_t memory_bytes, uint64_t cpu_seconds) {
  (void)parent, (void)memory_bytes, (void)cpu_seconds;
  return (sandbox_failure){SANDBOX_STEP_FILTER, ENOSYS};
}

#endif
