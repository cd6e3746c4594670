#include "gossamer.h"

/*
 * Reads a corpus, trains a model of so many units, saves it, loads it, and writes the codes of the documents by the
 * loaded one, rows × units. On failure it returns the status and copies the error's text.
 */
gossamer_status run_program(
    const char *corpus_path, const char *settings, const char *model_path, float *codes, int64_t capacity,
    char *message, size_t message_capacity);
