#pragma once

// Whether this processor and its operating system run x86-64-v3 code (AVX2, FMA, BMI2, F16C and kin).
static inline int processor_supports_x86_64_v3(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt")
        && __builtin_cpu_supports("movbe");
#else
    return 0;
#endif
}

// Whether they run x86-64-v4 code too, which has AVX-512.
static inline int processor_supports_x86_64_v4(void) {
#if defined(__x86_64__)
    return processor_supports_x86_64_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

// Hints that the cache line at `address` will be read soon; never faults.
static inline void processor_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// Hints that the cache line at `address` will be read and written soon; never faults.
static inline void processor_prefetch_to_write(const void *address) { __builtin_prefetch(address, 1, 3); }
