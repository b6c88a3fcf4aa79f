// The seam to SentencePiece, whose interface is C++: handles, status codes, and no exception leaves it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { nap_sentencepiece_message_limit = 256 };

/// A model, which any number of threads may use at once.
typedef struct nap_sentencepiece nap_sentencepiece;

/// Given `count` bytes that are there for the length of the call.
typedef void (*nap_sentencepiece_give)(void *context, const void *bytes, size_t count);

/// Sets the next sentence, which stays until the next call; 0 at the end.
typedef int (*nap_sentencepiece_next)(void *context, const char **text, size_t *count);

/// Reads a model from the bytes of its file; null with a reason.
nap_sentencepiece *nap_sentencepiece_load(const uint8_t *bytes, size_t count, char *reason);
void nap_sentencepiece_free(nap_sentencepiece *model);

/// Pieces of the vocabulary.
int nap_sentencepiece_vocabulary(const nap_sentencepiece *model);
/// The id of the end of a sentence; negative if there is none.
int nap_sentencepiece_end(const nap_sentencepiece *model);

/// Gives the ids (int32) of a text in UTF-8. Returns 0, or 1 with a reason.
int nap_sentencepiece_encode(
    const nap_sentencepiece *model, const uint8_t *text, size_t count, nap_sentencepiece_give give,
    void *context, char *reason);

/// Gives the bytes of the text of ids below the vocabulary's size. Returns 0, or 1 with a reason.
int nap_sentencepiece_decode(
    const nap_sentencepiece *model, const int32_t *ids, size_t count, nap_sentencepiece_give give,
    void *context, char *reason);

/// Trains a unigram model with byte fallback and gives the bytes of its file. Returns 0, or 1 with a reason.
int nap_sentencepiece_train(
    int vocabulary, nap_sentencepiece_next next, nap_sentencepiece_give give, void *context,
    char *reason);

#ifdef __cplusplus
}
#endif
