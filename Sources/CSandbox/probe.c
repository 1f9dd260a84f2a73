/// Forbidden calls by name, for the test of the filter.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSandbox.h"
#include <string.h>

#ifdef __linux__

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Straight to the system, past what a library might refuse by itself.
static void probe_open(void) { syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY); }
static void probe_create(void) { syscall(SYS_openat, AT_FDCWD, "/tmp/hearth-probe", O_CREAT | O_WRONLY, 0600); }
static void probe_unlink(void) { syscall(SYS_unlinkat, AT_FDCWD, "/tmp/hearth-probe", 0); }
static void probe_stat(void) {
  char buffer[1024];
  syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buffer, sizeof buffer);
}
static void probe_socket(void) { syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }
static void probe_local_socket(void) { syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0); }
static void probe_connect(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  syscall(SYS_connect, SANDBOX_SOCKET_FD, &address, sizeof address);
}
static void probe_pass_files(void) {
  struct msghdr message = {0};
  syscall(SYS_recvmsg, SANDBOX_SOCKET_FD, &message, 0);
}
static void probe_other_file(void) { syscall(SYS_sendto, 1, "x", 1, 0, NULL, 0); }
static void probe_fork(void) {
  if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) syscall(SYS_exit_group, 0);
}
static void probe_thread(void) { syscall(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0); }
static void probe_exec(void) {
  char *arguments[] = {"/bin/true", NULL};
  syscall(SYS_execve, arguments[0], arguments, arguments + 1);
}
static void probe_trace(void) { syscall(SYS_ptrace, 0, 0, 0, 0); }
static void probe_kill_parent(void) { syscall(SYS_kill, 1, 0); }
static void probe_signal_other(void) { syscall(SYS_tgkill, 1, 1, 0); }
static void probe_executable_memory(void) {
  syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void probe_make_executable(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC);
}
static void probe_map_file(void) { syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_SHARED, SANDBOX_SOCKET_FD, 0); }
static void probe_be_dumpable(void) { syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0); }
static void probe_raise_limit(void) {
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  syscall(SYS_prlimit64, 0, RLIMIT_CPU, &limit, NULL);
}
static void probe_shared_file(void) { syscall(SYS_memfd_create, "probe", 0); }
static void probe_io_ring(void) { syscall(SYS_io_uring_setup, 1, NULL); }
static void probe_read_other(void) { syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0); }
static void probe_sleep(void) {
  struct timespec moment = {0, 1};
  syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, NULL);
}

static const struct {
  const char *name;
  void (*run)(void);
} probes[] = {
    {"open", probe_open},
    {"create", probe_create},
    {"unlink", probe_unlink},
    {"readlink", probe_stat},
    {"socket", probe_socket},
    {"local-socket", probe_local_socket},
    {"connect", probe_connect},
    {"pass-files", probe_pass_files},
    {"other-file", probe_other_file},
    {"fork", probe_fork},
    {"thread", probe_thread},
    {"exec", probe_exec},
    {"trace", probe_trace},
    {"kill", probe_kill_parent},
    {"signal-other", probe_signal_other},
    {"executable-memory", probe_executable_memory},
    {"make-executable", probe_make_executable},
    {"map-file", probe_map_file},
    {"be-dumpable", probe_be_dumpable},
    {"raise-limit", probe_raise_limit},
    {"shared-file", probe_shared_file},
    {"io-ring", probe_io_ring},
    {"read-other", probe_read_other},
    {"sleep", probe_sleep},
};

enum { PROBE_COUNT = sizeof probes / sizeof probes[0] };

int sandbox_probe(const char *name) {
  for (int index = 0; index < PROBE_COUNT; index += 1) {
    if (strcmp(probes[index].name, name) != 0) continue;
    probes[index].run();
    return 0;
  }
  return -1;
}

const char *const *sandbox_probes(void) {
  static const char *names[PROBE_COUNT + 1];
  for (int index = 0; index < PROBE_COUNT; index += 1) names[index] = probes[index].name;
  return names;
}

#else

int sandbox_probe(const char *name) {
  (void)name;
  return -1;
}
const char *const *sandbox_probes(void) {
  static const char *none[1];
  return none;
}

#endif
