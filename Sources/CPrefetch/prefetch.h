#pragma once

/// Asks for the memory at an address that will be read soon. Nothing waits for it, and nothing fails if the address is none.
static inline void prefetch(const void *_Nonnull address) { __builtin_prefetch(address); }
