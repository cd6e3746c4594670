/* The header is all there is; a C target needs a source file. */
#include "gossamer.h"
