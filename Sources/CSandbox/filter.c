/// What a child may ask of the system: memory without code in it, its own end, the time, and its one socket. Any other
/// call ends the process at once (SIGSYS). The list is what is allowed, so a call that a later kernel adds is forbidden.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "filter.h"
#include "CSandbox.h"
#include <errno.h>

#ifdef __linux__

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef FILTER_ARCHITECTURE

// Both architectures are little-endian: the low half of an argument comes first.
#define LOW_HALF(index) (offsetof(struct seccomp_data, args) + (index) * sizeof(__u64))
#define HIGH_HALF(index) (LOW_HALF(index) + sizeof(__u32))

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define PERMIT(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), ALLOW
/// `name` when the number in argument `index` is `value`.
#define PERMIT_IF_EQUAL(name, index, value)                                                                            \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOW_HALF(index)),                                       \
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), ALLOW, KILL
/// `name` when none of `bits` is set in argument `index`.
#define PERMIT_WITHOUT(name, index, bits)                                                                              \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4), LOAD(LOW_HALF(index)),                                       \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), ALLOW, KILL

/// Memory of the process's own: no file behind it, nothing executable in it.
#define PERMIT_PLAIN_MEMORY                                                                                            \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 6), LOAD(LOW_HALF(2)),                                             \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 3, 0), LOAD(LOW_HALF(3)),                                        \
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1), ALLOW, KILL

int install_filter(void) {
  __u32 self = (__u32)getpid();
  struct sock_filter program[] = {
      LOAD(offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCHITECTURE, 1, 0),
      KILL,
      // On x86-64 the numbers from 0x40000000 on are another table (x32), in which nothing is allowed: none is equal.
      LOAD(offsetof(struct seccomp_data, nr)),
      PERMIT_IF_EQUAL(recvfrom, 0, SANDBOX_SOCKET_FD),
      PERMIT_IF_EQUAL(sendto, 0, SANDBOX_SOCKET_FD),
#ifdef __NR_poll
      PERMIT(poll),
#endif
      PERMIT(ppoll),
      PERMIT(clock_gettime),
      PERMIT(gettimeofday),
#ifdef __NR_time
      PERMIT(time),
#endif
      PERMIT(brk),
      PERMIT_PLAIN_MEMORY,
      PERMIT(munmap),
      PERMIT(mremap),
      PERMIT(madvise),
      PERMIT_WITHOUT(mprotect, 2, PROT_EXEC),
      PERMIT(futex),
      PERMIT(sched_yield),
      PERMIT(getrandom),
      PERMIT(restart_syscall),
      PERMIT(rt_sigreturn),
      PERMIT(rt_sigprocmask),
      PERMIT(rt_sigaction),
      PERMIT(getpid),
      PERMIT(gettid),
      // `abort`, on itself.
      PERMIT_IF_EQUAL(tgkill, 0, self),
      // What a crashing runtime says last; it goes to /dev/null.
      PERMIT_IF_EQUAL(write, 0, 2),
      PERMIT_IF_EQUAL(writev, 0, 2),
      PERMIT(exit),
      PERMIT(exit_group),
      KILL,
  };
  struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
  // On all threads: one that the runtime started would be outside of it else.
  long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result == 0) return 0;
  return result > 0 ? EBUSY : errno;
}

#else

int install_filter(void) { return ENOSYS; }

#endif
#else

int install_filter(void) { return ENOSYS; }

#endif
