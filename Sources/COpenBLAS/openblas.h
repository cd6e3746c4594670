#pragma once
#include <cblas.h>

// LAPACK's Cholesky factorization and solve, which cblas.h does not declare (column-major, Fortran calling convention).
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b, const int *ldb, int *info);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);
