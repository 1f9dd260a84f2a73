// Without this zlib.h brings in sys/types.h, and this module a second timespec beside Glibc's.
#define Z_SOLO
#include <zlib.h>
