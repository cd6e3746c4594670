/*
 * Gossamer's C interface.
 *
 * Every function that can fail returns a gossamer_status and takes, as its last argument, the address of an error that
 * it sets when the status is not GOSSAMER_OK; NULL if the caller has no use for it. Objects behind handles never change
 * after they are made, so any number of threads may use one at a time; free each once. Nothing is printed, and no state
 * is shared between calls.
 *
 * Settings are JSON objects in UTF-8; members that are left out have default values, unknown members are refused.
 */
#ifndef GOSSAMER_H
#define GOSSAMER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Statuses equal the program's exit codes. */
typedef int32_t gossamer_status;
enum {
    GOSSAMER_OK = 0,
    GOSSAMER_USAGE = 64,         /* wrong arguments or settings */
    GOSSAMER_DATA = 65,          /* bad data, in a file or in arrays */
    GOSSAMER_NO_INPUT = 66,      /* input missing or unreadable */
    GOSSAMER_DEFECT = 70,        /* a defect of the library */
    GOSSAMER_CANNOT_CREATE = 73, /* output cannot be created */
    GOSSAMER_IO = 74,            /* reading or writing failed */
    GOSSAMER_CANCELLED = 75      /* a callback asked to stop */
};

/* ---- Errors ---- */

typedef struct gossamer_error gossamer_error;
/* The text: what was found, what was expected, and what to do. */
const char *gossamer_error_message(const gossamer_error *error);
/* NULL unless the error is about a file. */
const char *gossamer_error_file(const gossamer_error *error);
/* Counted from 1; 0 where unknown. */
int64_t gossamer_error_line(const gossamer_error *error);
int64_t gossamer_error_column(const gossamer_error *error);
void gossamer_error_free(gossamer_error *error);

/* ---- Values ---- */

typedef int32_t gossamer_type;
enum { GOSSAMER_INT32 = 1, GOSSAMER_INT64 = 2, GOSSAMER_UINT32 = 3, GOSSAMER_FLOAT32 = 4, GOSSAMER_FLOAT64 = 5 };

/*
 * A sparse matrix by rows (CSR). Row r has the entries from indptr[r] up to indptr[r + 1].
 * Columns of a row need not be in order; entries that name a column twice are added. What the engine does not use as it
 * stands (indptr int64, indices int32 or uint32 in ascending order, data float32) is converted in one pass.
 */
typedef struct {
    int64_t rows;
    int64_t columns;
    const void *indptr;          /* rows + 1 of int32 or int64 */
    const void *indices;         /* int32, uint32 or int64 */
    const void *data;            /* float32 or float64 */
    gossamer_type indptr_type;
    gossamer_type indices_type;
    gossamer_type data_type;
} gossamer_matrix;

/* `count` texts in UTF-8: text i has the bytes from offsets[i] up to offsets[i + 1]. */
typedef struct {
    int64_t count;
    const char *bytes;
    const int64_t *offsets;      /* count + 1 */
} gossamer_texts;

/* Text that the library allocated, with a zero byte after `length`. */
typedef struct {
    char *bytes;
    int64_t length;
} gossamer_string;
void gossamer_string_free(gossamer_string string);

/* {"version": "X.Y.Z", "kernels": …, "libraries": {…}}; as `gossamer --version --json`. */
gossamer_status gossamer_version(gossamer_string *json, gossamer_error **error);
/*
 * Gives OpenBLAS, which multiplies dense matrices, the kernels of this processor where it does not know the processor,
 * as the program does. Call it once after loading the library, while no thread is in OpenBLAS. It changes speed and
 * the last bits of results.
 */
void gossamer_choose_kernels(void);

/* ---- Corpora ---- */

typedef struct gossamer_corpus gossamer_corpus;

/*
 * Reads a corpus in any format. Options: {"format", "index_base": "auto"|0|1, "features", "transpose", "strict",
 * "label_column", "text_column", "id_column" (names, or numbers as text), "header", and those of text as in
 * gossamer_corpus_count}.
 */
gossamer_status gossamer_corpus_read(
    const char *path, const char *options, gossamer_corpus **corpus, gossamer_error **error);

/*
 * A corpus of a matrix. `words` may be NULL; otherwise one for each column.
 * Where the types are the engine's (see gossamer_matrix), the arrays are read in place and must live, unchanged, until
 * the corpus is freed; `release`, if not NULL, is then called once with `context` when they are no longer used.
 * Otherwise they are copied before this returns, and `release` is called before it returns.
 */
gossamer_status gossamer_corpus_from_matrix(
    const gossamer_matrix *matrix, const gossamer_texts *words, void (*release)(void *context), void *context,
    gossamer_corpus **corpus, gossamer_error **error);

/*
 * Counts the words of texts as scikit-learn's CountVectorizer does. Options: {"lowercase", "token_pattern", "ngrams":
 * [1, 2], "stop_words": [words] or "english", "min_df", "max_df" (texts: "2" is a count, "0.5" and "1.0" are shares;
 * or a whole number), "max_features", "stem", "analyzer": "word"|"char"|"char-wb"}.
 * With `vocabulary`, only its words are counted, in its columns.
 */
gossamer_status gossamer_corpus_count(
    const gossamer_texts *texts, const char *options, const gossamer_texts *vocabulary, int32_t threads,
    gossamer_corpus **corpus, gossamer_error **error);

/* Arrays of the corpus, in memory of its own: indptr int64, indices uint32, data float32. Valid until it is freed. */
gossamer_status gossamer_corpus_matrix(
    const gossamer_corpus *corpus, gossamer_matrix *matrix, gossamer_error **error);

/*
 * What is known of a corpus: {"rows", "columns", "entries", "format", "index_base", "warnings": [text], "notes": [text],
 * "has_labels", "label_kind": "numbers"|"text"|"sets", "has_ids", "has_words", "has_qids", "text_options": {…}}; members
 * that do not apply are left out.
 */
gossamer_status gossamer_corpus_describe(
    const gossamer_corpus *corpus, gossamer_string *json, gossamer_error **error);

/* Names of columns, ids or labels of rows, in order; count is 0 where the corpus has none. Valid until it is freed. */
gossamer_status gossamer_corpus_words(const gossamer_corpus *corpus, gossamer_texts *words, gossamer_error **error);
gossamer_status gossamer_corpus_ids(const gossamer_corpus *corpus, gossamer_texts *ids, gossamer_error **error);
/* Labels as they stand in the file; a row without a label has an empty text. */
gossamer_status gossamer_corpus_labels(const gossamer_corpus *corpus, gossamer_texts *labels, gossamer_error **error);
/* Labels that are numbers, one a row, into the caller's `labels`; GOSSAMER_DATA where they are not. */
gossamer_status gossamer_corpus_number_labels(
    const gossamer_corpus *corpus, double *labels, int64_t count, gossamer_error **error);
/* Query ids of libsvm files, one a row (−1 where a row has none). */
gossamer_status gossamer_corpus_qids(
    const gossamer_corpus *corpus, int64_t *qids, int64_t count, gossamer_error **error);

/* Writes .svm, .mtx, .npz or .safetensors by the ending of the path, whole or not at all. */
gossamer_status gossamer_corpus_write(const gossamer_corpus *corpus, const char *path, gossamer_error **error);
void gossamer_corpus_free(gossamer_corpus *corpus);

/* ---- Models ---- */

typedef struct gossamer_model gossamer_model;

/*
 * Told of every epoch as a JSON object, with the members of `gossamer train --progress jsonl`; called after each step
 * with json == NULL. A result other than 0 ends training after that step with GOSSAMER_CANCELLED.
 */
typedef int32_t (*gossamer_progress)(void *context, const char *json);

/*
 * Trains a model. Settings are those that a model file keeps: {"autoencoder": {"latentWidth": 128, "activation":
 * "topk:32", …}} or {"variational": {…}}, with {"training": {"epochs", "seed", …}, "weighting",
 * "normalization"} beside. threads: 0 for all.
 */
gossamer_status gossamer_model_train(
    const gossamer_corpus *corpus, const char *settings, int32_t threads, gossamer_progress progress, void *context,
    gossamer_model **model, gossamer_error **error);

/*
 * Goes on learning from other documents: gives a model that knows both these and those that `model` knows, which stays as
 * it is. Features are matched by their words, or by their columns if either side has no words; new ones come after those of
 * the model. Options: {"training": {…} as in gossamer_model_train, "keep_weighting": false}; with the latter true, features
 * weigh what they do in `model`.
 */
gossamer_status gossamer_model_continue(
    const gossamer_model *model, const gossamer_corpus *corpus, const char *options, int32_t threads,
    gossamer_progress progress, void *context, gossamer_model **continued, gossamer_error **error);

/* The settings of a kind ("sae" or "vae") with all their default values, as JSON. */
gossamer_status gossamer_default_settings(const char *kind, gossamer_string *json, gossamer_error **error);

gossamer_status gossamer_model_load(const char *path, gossamer_model **model, gossamer_error **error);
/* The file that the program reads and writes; whole or not at all. */
gossamer_status gossamer_model_save(const gossamer_model *model, const char *path, gossamer_error **error);
/* The bytes of that file, for pickling. */
gossamer_status gossamer_model_to_bytes(const gossamer_model *model, gossamer_string *bytes, gossamer_error **error);
gossamer_status gossamer_model_from_bytes(
    const void *bytes, int64_t length, gossamer_model **model, gossamer_error **error);

/*
 * {"kind", "features", "units", "documents", "entries", "epochs", "settings": {…}, "history": [{…}], "earlier": [{…}], "activation",
 * "weighting", "normalization", "likelihood", "index_base", "has_words", "has_variances", "text_options": {…}}. The
 * history has the measures of each epoch; it is empty for models saved before files held it. Earlier are the trainings that the
 * model went on from: {"model", "corpus", "documents", "entries", "epochs"}.
 */
gossamer_status gossamer_model_describe(const gossamer_model *model, gossamer_string *json, gossamer_error **error);
gossamer_status gossamer_model_words(const gossamer_model *model, gossamer_texts *words, gossamer_error **error);

/*
 * Codes of documents: rows × units, row-major, into the caller's float32 array of `capacity` numbers. Documents wider
 * than the model are refused. Options: {"variance": bool, "mixture": bool}.
 */
gossamer_status gossamer_model_transform(
    const gossamer_model *model, const gossamer_corpus *corpus, const char *options, int32_t threads, float *codes,
    int64_t capacity, gossamer_error **error);

/* What a decoder makes of codes: rows × features, row-major, weighted as the model's inputs are. */
gossamer_status gossamer_model_decode(
    const gossamer_model *model, const float *codes, int64_t rows, int64_t units, float *features, int64_t capacity,
    gossamer_error **error);

/* Decoder weights: units × features, row-major. */
gossamer_status gossamer_model_components(
    const gossamer_model *model, float *weights, int64_t capacity, gossamer_error **error);

/* The loss of each document: squared error, or −log p in nats (bound of a vae). One number a row. */
gossamer_status gossamer_model_losses(
    const gossamer_model *model, const gossamer_corpus *corpus, int32_t threads, double *losses, int64_t count,
    gossamer_error **error);

/*
 * What each unit stands for: {"units": [{"unit", "norm", "importance", "density", "words": [{"feature", "word",
 * "weight", "lift"}]}]}, features counted from 0; the clearest words first, as `gossamer features` shows them. Options:
 * {"top": 10}.
 */
gossamer_status gossamer_model_features(
    const gossamer_model *model, const char *options, gossamer_string *json, gossamer_error **error);

/*
 * New documents. Options: {"seed", "temperature", "spread", "near_training"}; near may be NULL. progress gets NULL after some
 * thousand documents each; not 0 ends the work.
 */
gossamer_status gossamer_model_generate(
    const gossamer_model *model, int64_t count, const gossamer_corpus *near, const char *options, int32_t threads,
    gossamer_progress progress, void *context, gossamer_corpus **documents, gossamer_error **error);

/*
 * The measures of `gossamer evaluate --json`. `train` may be NULL. Options: {"samples", "refine", "importance_samples",
 * "seed"}.
 */
gossamer_status gossamer_model_evaluate(
    const gossamer_model *model, const gossamer_corpus *train, const gossamer_corpus *test, const char *options,
    int32_t threads, gossamer_string *json, gossamer_error **error);

/*
 * Writes the page of `gossamer report`, whole or not at all. `corpus` may be NULL, for what the model remembers of its
 * training. `labels` may be NULL; otherwise one for each document, in place of those of the corpus, empty where a document
 * has none. Options: {"title", "documents": 20000, "seed", "image_shape": [rows, columns] or [rows, columns, 3],
 * "ldavis": PATH}.
 */
gossamer_status gossamer_model_report(
    const gossamer_model *model, const gossamer_corpus *corpus, const gossamer_texts *labels, const char *path,
    const char *options, int32_t threads, gossamer_error **error);

void gossamer_model_free(gossamer_model *model);

/*
 * Compares settings by cross-validation, as `gossamer search` does. Request: {"candidates": [{"options": {NAME: TEXT},
 * "settings": {…}}], "folds", "by": "fvu", "bound" or "probe", "seed", "results": FILE}. The options are what messages and
 * the results file call a candidate by; the file gets each result as soon as it is known, and those that it has are taken
 * from there. Probes need a corpus with labels.
 *
 * progress gets a JSON object for each training that has ended, {"event": "run", "run", "runs", "fold", "options", "score",
 * "seconds"}, and NULL after the steps between; not 0 ends the search after the current step.
 *
 * The result: {"by", "folds", "simplest", "candidates": [{"candidate", "options", "mean", "standard_error", "scores",
 * "perplexity_corpus", "active_units", "dead_units", "parameters", "seconds_per_fold", "is_within_one_standard_error",
 * "failure"}]}, best first; candidate and simplest are numbers of candidates of the request, from 0. What does not apply is
 * left out.
 */
gossamer_status gossamer_search(
    const gossamer_corpus *corpus, const char *request, int32_t threads, gossamer_progress progress, void *context,
    gossamer_string *json, gossamer_error **error);

#ifdef __cplusplus
}
#endif

#endif
