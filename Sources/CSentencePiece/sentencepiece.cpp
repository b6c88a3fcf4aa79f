#include "CSentencePiece.h"

#include <cstdio>
#include <exception>
#include <string>
#include <unordered_map>
#include <vector>

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

struct nap_sentencepiece {
  sentencepiece::SentencePieceProcessor processor;
};

static void note(char *reason, const char *text) {
  snprintf(reason, nap_sentencepiece_message_limit, "%s", text);
}

/// Runs `body`, which returns SentencePiece's status. 0, or 1 with a reason.
template <typename Body>
static int guarded(char *reason, Body body) {
  try {
    const auto status = body();
    if (status.ok()) return 0;
    note(reason, status.ToString().c_str());
  } catch (const std::exception &error) {
    note(reason, error.what());
  } catch (...) {
    note(reason, "an exception of an unknown kind");
  }
  return 1;
}

nap_sentencepiece *nap_sentencepiece_load(const uint8_t *bytes, size_t count, char *reason) {
  nap_sentencepiece *model = nullptr;
  const int failed = guarded(reason, [&] {
    model = new nap_sentencepiece;
    return model->processor.LoadFromSerializedProto({reinterpret_cast<const char *>(bytes), count});
  });
  if (!failed) return model;
  delete model;
  return nullptr;
}

void nap_sentencepiece_free(nap_sentencepiece *model) { delete model; }

int nap_sentencepiece_vocabulary(const nap_sentencepiece *model) {
  return model->processor.GetPieceSize();
}

int nap_sentencepiece_end(const nap_sentencepiece *model) { return model->processor.eos_id(); }

int nap_sentencepiece_encode(
    const nap_sentencepiece *model, const uint8_t *text, size_t count, nap_sentencepiece_give give,
    void *context, char *reason) {
  return guarded(reason, [&] {
    std::vector<int> ids;
    const auto status = model->processor.Encode({reinterpret_cast<const char *>(text), count}, &ids);
    if (status.ok()) give(context, ids.data(), ids.size() * sizeof(int32_t));
    return status;
  });
}

int nap_sentencepiece_decode(
    const nap_sentencepiece *model, const int32_t *ids, size_t count, nap_sentencepiece_give give,
    void *context, char *reason) {
  return guarded(reason, [&] {
    std::string text;
    const auto status = model->processor.Decode(std::vector<int>(ids, ids + count), &text);
    if (status.ok()) give(context, text.data(), text.size());
    return status;
  });
}

namespace {
class Sentences : public sentencepiece::SentenceIterator {
 public:
  Sentences(nap_sentencepiece_next next, void *context) : next_(next), context_(context) { Next(); }
  bool done() const override { return done_; }
  void Next() override {
    const char *text = nullptr;
    size_t count = 0;
    done_ = next_(context_, &text, &count) == 0;
    if (!done_) value_.assign(text, count);
  }
  const std::string &value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  nap_sentencepiece_next next_;
  void *context_;
  std::string value_;
  bool done_ = false;
};
}  // namespace

int nap_sentencepiece_train(
    int vocabulary, nap_sentencepiece_next next, nap_sentencepiece_give give, void *context,
    char *reason) {
  return guarded(reason, [&] {
    Sentences sentences(next, context);
    std::string model;
    // The number of threads is part of the result: sums are added up by thread.
    const std::unordered_map<std::string, std::string> settings = {
        {"vocab_size", std::to_string(vocabulary)}, {"model_type", "unigram"},
        {"byte_fallback", "true"},                  {"character_coverage", "0.9995"},
        {"num_threads", "4"},                       {"shuffle_input_sentence", "false"},
        {"minloglevel", "2"}};
    const auto status = sentencepiece::SentencePieceTrainer::Train(settings, &sentences, &model);
    if (status.ok()) give(context, model.data(), model.size());
    return status;
  });
}
