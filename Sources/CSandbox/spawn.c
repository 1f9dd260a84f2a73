/// Starting children with nothing of their parent's, and taking note of their end.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSandbox.h"
#include <errno.h>
#include <signal.h>

#ifdef __linux__

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int add_actions(posix_spawn_file_actions_t *actions, int socket_fd, int memory_fd) {
  int error = 0;
  for (int fd = 0; fd <= 2 && error == 0; fd += 1)
    error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
  if (error == 0) error = posix_spawn_file_actions_adddup2(actions, socket_fd, SANDBOX_SOCKET_FD);
  if (error == 0) error = posix_spawn_file_actions_adddup2(actions, memory_fd, SANDBOX_MEMORY_FD);
  if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, SANDBOX_MEMORY_FD + 1);
  return error;
}

/// Copies of both, above the numbers that the child wants, so that neither dup2 closes what the other needs.
static int copy_above(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, SANDBOX_MEMORY_FD + 1); }

static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
  if (error == 0) error = posix_spawnattr_setsigmask(attributes, &none);
  return error;
}

int sandbox_spawn(const char *path, char *const arguments[], char *const environment[], int socket_fd, int memory_fd,
                  pid_t *pid) {
  int socket_copy = copy_above(socket_fd), memory_copy = copy_above(memory_fd);
  int error = socket_copy < 0 || memory_copy < 0 ? errno : 0;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  if (error == 0) error = add_actions(&actions, socket_copy, memory_copy);
  if (error == 0) error = set_attributes(&attributes);
  if (error == 0) error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (socket_copy >= 0) close(socket_copy);
  if (memory_copy >= 0) close(memory_copy);
  return error;
}

bool sandbox_reap(pid_t pid, bool wait, int *status) {
  *status = 0;
  for (;;) {
    pid_t reaped = waitpid(pid, status, wait ? 0 : WNOHANG);
    if (reaped == pid) return true;
    if (reaped == 0) return false;
    if (errno != EINTR) return true;
  }
}

int sandbox_allow_cpu(pid_t pid, uint64_t seconds) {
  struct rlimit limit = {.rlim_cur = seconds, .rlim_max = RLIM_INFINITY};
  return prlimit(pid, RLIMIT_CPU, &limit, NULL) == 0 ? 0 : errno;
}

#else

int sandbox_spawn(const char *path, char *const arguments[], char *const environment[], int socket_fd, int memory_fd,
                  pid_t *pid) {
  (void)path, (void)arguments, (void)environment, (void)socket_fd, (void)memory_fd;
  *pid = -1;
  return ENOSYS;
}
bool sandbox_reap(pid_t pid, bool wait, int *status) {
  (void)pid, (void)wait;
  *status = 0;
  return true;
}
int sandbox_allow_cpu(pid_t pid, uint64_t seconds) {
  (void)pid, (void)seconds;
  return ENOSYS;
}

#endif
