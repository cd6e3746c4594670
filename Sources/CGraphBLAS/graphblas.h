#pragma once
#include <GraphBLAS.h>

// The library's predefined objects are mutable C globals, which Swift's concurrency checking refuses to read; they
// never change once the library has started, so these accessors are safe from any thread after that.
static inline GrB_Type graphblas_float(void) { return GrB_FP32; }
static inline GrB_BinaryOp graphblas_plus(void) { return GrB_PLUS_FP32; }
static inline GrB_Semiring graphblas_plus_times(void) { return GrB_PLUS_TIMES_SEMIRING_FP32; }

// Which factors of a product are taken transposed; a null descriptor means neither.
static inline GrB_Descriptor graphblas_as_stored(void) { return NULL; }
static inline GrB_Descriptor graphblas_first_transposed(void) { return GrB_DESC_T0; }
static inline GrB_Descriptor graphblas_second_transposed(void) { return GrB_DESC_T1; }
