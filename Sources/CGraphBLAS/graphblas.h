#pragma once
#include <GraphBLAS.h>
#include <dlfcn.h>

// GraphBLAS is loaded when it is first asked for, so that programs run where it is not installed: of the header only
// the types are used, and nothing is linked.

#define GRAPHBLAS_TEXT_OF(macro) #macro
#define GRAPHBLAS_TEXT(macro) GRAPHBLAS_TEXT_OF(macro)

// The library of the version that these declarations are from; another may lay its arguments out differently.
static const char graphblas_file[] =
#ifdef __APPLE__
    "libgraphblas." GRAPHBLAS_TEXT(GxB_IMPLEMENTATION_MAJOR) ".dylib";
#else
    "libgraphblas.so." GRAPHBLAS_TEXT(GxB_IMPLEMENTATION_MAJOR);
#endif

#define GRAPHBLAS_SYMBOLS(each) \
    each(GxB_init) each(GxB_Global_Option_set_INT32) each(GxB_Global_Option_set_INT64_ARRAY) \
    each(GxB_Global_Option_get_INT32) \
    each(GrB_Matrix_new) each(GrB_Matrix_free) each(GrB_Matrix_error) each(GrB_Matrix_build_FP32) \
    each(GrB_mxm) \
    each(GxB_Matrix_pack_CSR) each(GxB_Matrix_unpack_CSR) each(GxB_Matrix_pack_FullR) each(GxB_Matrix_unpack_FullR) \
    each(GrB_FP32) each(GrB_PLUS_FP32) each(GrB_PLUS_TIMES_SEMIRING_FP32) each(GrB_DESC_T0)

// Pointers to the functions, and to the variables that hold predefined objects.
struct graphblas_symbols {
#define GRAPHBLAS_MEMBER(symbol) __typeof__(&symbol) symbol;
    GRAPHBLAS_SYMBOLS(GRAPHBLAS_MEMBER)
#undef GRAPHBLAS_MEMBER
};

// Loads the library for the rest of the process. Returns NULL, or else why it cannot be, a text that lasts until the
// next call.
static inline const char *graphblas_load(const char *file, struct graphblas_symbols *symbols) {
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
#define GRAPHBLAS_RESOLVE(symbol) \
    if (!(symbols->symbol = (__typeof__(&symbol))dlsym(library, #symbol))) return dlerror();
    GRAPHBLAS_SYMBOLS(GRAPHBLAS_RESOLVE)
#undef GRAPHBLAS_RESOLVE
    return NULL;
}
