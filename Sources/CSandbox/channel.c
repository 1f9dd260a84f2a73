/// Two processes that take turns over shared memory. One word says whose turn it is; who waits looks at it for a moment
/// and then sleeps on the socket, where a byte is the other side's knock and the end of the stream its death.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CSandbox.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t channel_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#ifdef __linux__

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

// The child has the first turn: memory begins as zeros, and it says hello.
enum { TURN_CHILD = 0, TURN_PARENT = 1 };
enum { PIECE_LAST = 0, PIECE_MORE = 1, PIECE_GO_ON = 2 };

/// What both processes see. Each word has one writer at a time in good faith; in bad faith any value may appear.
typedef struct shared_area {
  _Alignas(64) _Atomic uint32_t turn;
  _Alignas(64) _Atomic uint32_t sleeping[2];
  _Alignas(64) _Atomic uint32_t length;
  _Atomic uint32_t piece;
  _Alignas(64) uint8_t bytes[CHANNEL_PIECE_MAX];
} shared_area;

struct channel {
  shared_area *area;
  int socket;
  uint32_t self;
  bool spins;
  uint8_t *buffer;
  size_t capacity;
};

int channel_make(int *parent_socket, int *child_socket, int *memory_fd) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) return errno;
  int memory = memfd_create("hearth-recipe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  // Sealed: a child that made it shorter would have the parent end with SIGBUS.
  if (memory < 0 || ftruncate(memory, sizeof(shared_area)) != 0 ||
      fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    int error = errno;
    close(sockets[0]);
    close(sockets[1]);
    if (memory >= 0) close(memory);
    return error;
  }
  *parent_socket = sockets[0];
  *child_socket = sockets[1];
  *memory_fd = memory;
  return 0;
}

/// Looking at the word while waiting helps only where the other side runs at the same time.
static bool has_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

channel *channel_open(int socket_fd, int memory_fd, bool is_parent) {
  channel *end = calloc(1, sizeof *end);
  void *area = mmap(NULL, sizeof(shared_area), PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
  close(memory_fd);
  if (end == NULL || area == MAP_FAILED) {
    if (area != MAP_FAILED) munmap(area, sizeof(shared_area));
    free(end);
    return NULL;
  }
  end->area = area;
  end->socket = socket_fd;
  end->self = is_parent ? TURN_PARENT : TURN_CHILD;
  end->spins = has_processors();
  return end;
}

void channel_close(channel *end) {
  if (end == NULL) return;
  munmap(end->area, sizeof(shared_area));
  close(end->socket);
  free(end->buffer);
  free(end);
}

bool channel_is_closed(const channel *end) {
  struct pollfd waited = {.fd = end->socket, .events = 0};
  return poll(&waited, 1, 0) > 0 && (waited.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static bool has_turn(channel *end) {
  return atomic_load_explicit(&end->area->turn, memory_order_acquire) == end->self;
}

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Takes what knocks there are, though not for ever: the other side may knock without end. False when it is gone.
static bool take_knocks(channel *end) {
  char knocks[256];
  ssize_t count = recv(end->socket, knocks, sizeof knocks, MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Milliseconds until `deadline`, rounded up; -1 for none.
static int milliseconds_left(uint64_t deadline) {
  if (deadline == 0) return -1;
  uint64_t now = channel_now();
  if (now >= deadline) return 0;
  uint64_t left = (deadline - now + 999999) / 1000000;
  return left > 60000 ? 60000 : (int)left;
}

static int sleep_for_turn(channel *end, uint64_t deadline) {
  int status = CHANNEL_OK;
  atomic_store(&end->area->sleeping[end->self], 1);
  while (!has_turn(end)) {
    int left = milliseconds_left(deadline);
    if (left == 0) {
      status = CHANNEL_TIMEOUT;
      break;
    }
    struct pollfd waited = {.fd = end->socket, .events = POLLIN};
    int ready = poll(&waited, 1, left);
    if (ready < 0 && errno != EINTR) {
      status = CHANNEL_CLOSED;
      break;
    }
    // What it had written before it died still counts.
    if (ready > 0 && !take_knocks(end)) {
      if (!has_turn(end)) status = CHANNEL_CLOSED;
      break;
    }
  }
  atomic_store(&end->area->sleeping[end->self], 0);
  return status;
}

static int wait_for_turn(channel *end, uint64_t deadline) {
  // Who always answers at once, and never ends, is too late some time as well.
  if (deadline != 0 && channel_now() >= deadline) return CHANNEL_TIMEOUT;
  if (has_turn(end)) return CHANNEL_OK;
  if (end->spins) {
    uint64_t until = channel_now() + CHANNEL_SPIN_NANOSECONDS;
    do {
      for (int look = 0; look < 64; look += 1) {
        if (has_turn(end)) return CHANNEL_OK;
        relax();
      }
    } while (channel_now() < until);
  }
  return sleep_for_turn(end, deadline);
}

static int pass_turn(channel *end) {
  uint32_t other = 1 - end->self;
  atomic_store(&end->area->turn, other);
  if (atomic_load(&end->area->sleeping[other]) == 0) return CHANNEL_OK;
  char knock = 1;
  for (;;) {
    ssize_t sent = send(end->socket, &knock, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent == 1 || (sent < 0 && errno == EAGAIN)) return CHANNEL_OK; // a full socket has knocks enough
    if (sent < 0 && errno == EINTR) continue;
    return CHANNEL_CLOSED;
  }
}

static void copy_piece(shared_area *area, size_t at, size_t count, const uint8_t *head, size_t head_length,
                       const uint8_t *body) {
  size_t from_head = at < head_length ? head_length - at : 0;
  if (from_head > count) from_head = count;
  if (from_head > 0) memcpy(area->bytes, head + at, from_head);
  if (count > from_head) memcpy(area->bytes + from_head, body + (at + from_head - head_length), count - from_head);
}

int channel_send(channel *end, const void *head, size_t head_length, const void *body, size_t body_length,
                 uint64_t deadline) {
  size_t total = head_length + body_length;
  if (total > UINT32_MAX) return CHANNEL_TOO_LONG;
  size_t at = 0;
  for (;;) {
    size_t count = total - at > (uint32_t)CHANNEL_PIECE_MAX ? (uint32_t)CHANNEL_PIECE_MAX : total - at;
    copy_piece(end->area, at, count, head, head_length, body);
    at += count;
    atomic_store_explicit(&end->area->length, (uint32_t)count, memory_order_relaxed);
    atomic_store_explicit(&end->area->piece, at < total ? PIECE_MORE : PIECE_LAST, memory_order_relaxed);
    int status = pass_turn(end);
    if (status != CHANNEL_OK || at == total) return status;
    status = wait_for_turn(end, deadline);
    if (status != CHANNEL_OK) return status;
    if (atomic_load_explicit(&end->area->piece, memory_order_relaxed) != PIECE_GO_ON) return CHANNEL_MALFORMED;
  }
}

static bool make_room(channel *end, size_t needed) {
  if (needed <= end->capacity) return true;
  size_t capacity = end->capacity == 0 ? 4096 : end->capacity;
  while (capacity < needed) capacity *= 2;
  uint8_t *buffer = realloc(end->buffer, capacity);
  if (buffer == NULL) return false;
  end->buffer = buffer;
  end->capacity = capacity;
  return true;
}

/// One large message must not keep its buffer for good.
static void give_back(channel *end) {
  if (end->capacity <= 4u * CHANNEL_PIECE_MAX) return;
  free(end->buffer);
  end->buffer = NULL;
  end->capacity = 0;
}

int channel_receive(channel *end, uint64_t deadline, size_t length_max, const uint8_t **bytes, size_t *length) {
  size_t total = 0;
  give_back(end);
  for (;;) {
    int status = wait_for_turn(end, deadline);
    if (status != CHANNEL_OK) return status;
    // Read once: the other side may change them at any time.
    uint32_t count = atomic_load_explicit(&end->area->length, memory_order_relaxed);
    uint32_t piece = atomic_load_explicit(&end->area->piece, memory_order_relaxed);
    if (count > (uint32_t)CHANNEL_PIECE_MAX || piece > PIECE_MORE) return CHANNEL_MALFORMED;
    if (piece == PIECE_MORE && count != (uint32_t)CHANNEL_PIECE_MAX) return CHANNEL_MALFORMED;
    if (total + count > length_max) return CHANNEL_TOO_LONG;
    if (!make_room(end, total + count + 1)) return CHANNEL_MEMORY;
    memcpy(end->buffer + total, end->area->bytes, count);
    total += count;
    if (piece == PIECE_LAST) break;
    atomic_store_explicit(&end->area->length, 0, memory_order_relaxed);
    atomic_store_explicit(&end->area->piece, PIECE_GO_ON, memory_order_relaxed);
    status = pass_turn(end);
    if (status != CHANNEL_OK) return status;
  }
  *bytes = end->buffer;
  *length = total;
  return CHANNEL_OK;
}

#else

int channel_make(int *parent_socket, int *child_socket, int *memory_fd) {
  *parent_socket = *child_socket = *memory_fd = -1;
  return ENOSYS;
}
channel *channel_open(int socket_fd, int memory_fd, bool is_parent) {
  (void)socket_fd, (void)memory_fd, (void)is_parent;
  return NULL;
}
void channel_close(channel *end) { (void)end; }
bool channel_is_closed(const channel *end) {
  (void)end;
  return true;
}
int channel_send(channel *end, const void *head, size_t head_length, const void *body, size_t body_length,
                 uint64_t deadline) {
  (void)end, (void)head, (void)head_length, (void)body, (void)body_length, (void)deadline;
  return CHANNEL_CLOSED;
}
int channel_receive(channel *end, uint64_t deadline, size_t length_max, const uint8_t **bytes, size_t *length) {
  (void)end, (void)deadline, (void)length_max, (void)bytes, (void)length;
  return CHANNEL_CLOSED;
}

#endif
