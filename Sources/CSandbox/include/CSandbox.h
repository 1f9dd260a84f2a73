/// A process that may compute and talk to its parent, and nothing else: how it is started, how it locks itself up, and
/// the channel between the two. Linux on x86-64 and arm64; elsewhere every call fails with ENOSYS.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: - Starting and ending

/// Where a child finds its ends of the channel.
#define SANDBOX_SOCKET_FD 3
#define SANDBOX_MEMORY_FD 4

/// Starts `path` with `arguments` (ended by NULL): in a session of its own, with `environment` (ended by NULL) and
/// nothing of this process's, no open file but the two ends of the channel, standard streams at /dev/null, and every
/// signal at its default. Returns 0 or an errno.
int sandbox_spawn(const char *path, char *const arguments[], char *const environment[], int socket_fd, int memory_fd,
                  pid_t *pid);
/// Whether the child has ended; then `status` says how, as waitpid has it. With `wait` set it waits for that. A child
/// that somebody else reaped counts as ended with status 0.
bool sandbox_reap(pid_t pid, bool wait, int *status);
/// Raises the seconds of processor time that a child may use. Returns 0 or an errno.
int sandbox_allow_cpu(pid_t pid, uint64_t seconds);

// MARK: - Inside the child

/// What a step of locking up is called, for messages.
enum sandbox_step {
  SANDBOX_STEP_NONE = 0,
  SANDBOX_STEP_PRIVILEGES = 1, ///< no new privileges, not dumpable, dies with its parent
  SANDBOX_STEP_ORPHAN = 2,     ///< the parent was gone already
  SANDBOX_STEP_LIMITS = 3,     ///< resource limits
  SANDBOX_STEP_FILTER = 4,     ///< the filter of system calls
  SANDBOX_STEP_CHANNEL = 5,    ///< the channel cannot be mapped
};

typedef struct sandbox_failure {
  int32_t step; ///< `sandbox_step`; none: all went well
  int32_t error; ///< errno
} sandbox_failure;

/// Locks this process up for good: from here on it can neither open, connect, start nor signal anything.
///
/// `memory_bytes` may be added to the memory it has now (0: no limit), `cpu_seconds` of processor time be used until
/// the parent raises them.
sandbox_failure sandbox_enter(pid_t parent, uint64_t memory_bytes, uint64_t cpu_seconds);
/// Tries a forbidden call by name, for a test of the filter: returns only when the call was let through, or -1 when
/// there is no probe of that name.
int sandbox_probe(const char *name);
/// The names of all probes, ended by NULL.
const char *const *sandbox_probes(void);

// MARK: - The channel

/// Bytes that cross at once; longer messages cross in pieces.
#define CHANNEL_PIECE_MAX 262144
/// How long the turn is waited for before sleeping: longer than most answers take, shorter than anyone notices.
#define CHANNEL_SPIN_NANOSECONDS 40000

enum channel_status {
  CHANNEL_OK = 0,
  CHANNEL_CLOSED = 1,    ///< the other side is gone
  CHANNEL_TIMEOUT = 2,   ///< the deadline passed
  CHANNEL_TOO_LONG = 3,  ///< a message is longer than allowed
  CHANNEL_MALFORMED = 4, ///< the other side broke the rules of the channel
  CHANNEL_MEMORY = 5,    ///< out of memory
};

/// One end of a channel on which two processes take turns: whoever has the turn writes, the other waits. Shared memory
/// carries the bytes; a socket wakes who sleeps, and tells when the other side is gone. An end trusts nothing that the
/// other wrote: lengths are read once and checked, and bytes are copied before they are looked at.
typedef struct channel channel;

/// Makes the two ends' common parts. Returns 0 or an errno; the fds close on exec.
int channel_make(int *parent_socket, int *child_socket, int *memory_fd);
/// Takes over one end; closes `memory_fd`, keeps `socket_fd` until it is closed. The child has the first turn.
/// NULL when the memory cannot be mapped.
channel *channel_open(int socket_fd, int memory_fd, bool is_parent);
void channel_close(channel *end);

/// Writes one message and passes the turn. `head` and `body` cross as one.
/// Deadlines are nanoseconds of CLOCK_MONOTONIC; 0: none.
int channel_send(channel *end, const void *head, size_t head_length, const void *body, size_t body_length,
                 uint64_t deadline);
/// Waits for the turn and takes the message, at most `length_max` bytes. The bytes stay valid until the next call.
int channel_receive(channel *end, uint64_t deadline, size_t length_max, const uint8_t **bytes, size_t *length);
/// Whether the other side is gone, without waiting.
bool channel_is_closed(const channel *end);
uint64_t channel_now(void);

#endif
