#pragma once
#include <zlib.h>

// zlib's own name is a macro with the size of the struct, which Swift cannot call.
static inline int gossamerInflateInit(z_stream *stream) {
    // 15 bits of window; 16 more ask for gzip's header, checksum and length.
    return inflateInit2(stream, 15 + 16);
}
