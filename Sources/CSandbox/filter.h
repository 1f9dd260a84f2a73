/// The filter of system calls.
#ifndef FILTER_H
#define FILTER_H

/// Installs it on all threads of this process, for good. Returns 0 or an errno.
int install_filter(void);

#endif
