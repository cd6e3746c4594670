#include "program.h"
#include <stdio.h>

gossamer_status run_program(
    const char *corpus_path, const char *settings, const char *model_path, float *codes, int64_t capacity,
    char *message, size_t message_capacity)
{
    gossamer_error *error = NULL;
    gossamer_corpus *corpus = NULL;
    gossamer_model *trained = NULL, *loaded = NULL;
    gossamer_status status = gossamer_corpus_read(corpus_path, NULL, &corpus, &error);
    if (status == GOSSAMER_OK)
        status = gossamer_model_train(corpus, settings, 0, NULL, NULL, &trained, &error);
    if (status == GOSSAMER_OK)
        status = gossamer_model_save(trained, model_path, &error);
    if (status == GOSSAMER_OK)
        status = gossamer_model_load(model_path, &loaded, &error);
    if (status == GOSSAMER_OK)
        status = gossamer_model_transform(loaded, corpus, NULL, 0, codes, capacity, &error);
    if (error)
        snprintf(message, message_capacity, "%s", gossamer_error_message(error));
    gossamer_error_free(error);
    gossamer_model_free(loaded);
    gossamer_model_free(trained);
    gossamer_corpus_free(corpus);
    return status;
}
