#include "service/capi/vosk_api.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/capi/blocking_recognizer.hpp"
#include "service/capi/loaded_model.hpp"
#include "service/capi/log.hpp"

struct VoskModel {
  std::shared_ptr<harpy::capi::LoadedModel> loaded;
};

struct VoskRecognizer {
  VoskRecognizer(std::shared_ptr<harpy::capi::LoadedModel> model, double sample_rate_hz)
      : recognizer(std::move(model), sample_rate_hz) {}

  harpy::capi::BlockingRecognizer recognizer;
  harpy::PcmDecoder decoder{harpy::PcmCoding::kS16};
  std::vector<float> samples = {};  ///< of the piece of audio that came last
  std::string text = {};            ///< that was returned last
};

namespace {

using harpy::EndpointTimes;
using harpy::capi::log;

constexpr int kMostAlternatives = 100;
constexpr float kFullScale = 32768.0F;

std::atomic<bool> wants_gpu{false};

/// What a function of the interface does; if it fails, that is logged and `failed` returned.
template <typename Result, typename Action>
Result guarded(const char* what, Result failed, const Action& action) {
  try {
    return action();
  } catch (const std::exception& error) {
    log().error("{}: {}", what, error.what());
    return failed;
  }
}

template <typename Action>
void guarded(const char* what, const Action& action) {
  guarded(what, 0, [&] {
    action();
    return 0;
  });
}

VoskRecognizer* new_recognizer(VoskModel* model, float sample_rate) {
  return guarded<VoskRecognizer*>("cannot make a recognizer", nullptr, [&] {
    if (model == nullptr) throw std::invalid_argument("there is no model");
    return std::make_unique<VoskRecognizer>(model->loaded, sample_rate).release();
  });
}

/// A grammar that is refused is logged.
void set_grammar(VoskRecognizer& recognizer, const char* grammar) {
  try {
    recognizer.recognizer.set_grammar(grammar == nullptr ? "" : grammar);
  } catch (const std::exception& error) {
    log().warn("the grammar is ignored: {}", error.what());
  }
}

/// Recognises the samples that `decode` appends to an empty vector; what vosk_recognizer_accept_…
/// return.
template <typename Decode>
int accept(VoskRecognizer* recognizer, const void* data, int length, const Decode& decode) {
  constexpr int kFailed = -1;
  if (recognizer == nullptr || length < 0 || (data == nullptr && length > 0)) return kFailed;
  return guarded("recognition failed", kFailed, [&] {
    recognizer->samples.clear();
    decode(recognizer->samples);
    return recognizer->recognizer.accept(recognizer->samples) ? 1 : 0;
  });
}

/// Keeps a text for the caller.
template <typename Make>
const char* tell(VoskRecognizer* recognizer, const Make& make) {
  if (recognizer == nullptr) return nullptr;
  return guarded<const char*>("there is no result", nullptr, [&] {
    recognizer->text = make(recognizer->recognizer);
    return recognizer->text.c_str();
  });
}

std::span<const std::byte> bytes_of(const void* data, std::size_t count) {
  return {static_cast<const std::byte*>(data), count};
}

}  // namespace

VoskModel* vosk_model_new(const char* model_path) {
  return guarded<VoskModel*>("cannot load the model", nullptr, [&] {
    if (model_path == nullptr) throw std::invalid_argument("there is no path");
    const harpy::Device device = harpy::parse_device(wants_gpu ? "auto" : "cpu");
    auto loaded = std::make_shared<harpy::capi::LoadedModel>(model_path, device);
    log().info("{} is loaded, a model of the language {}, on {}", model_path,
               loaded->package().description().language, harpy::to_string(device));
    return std::make_unique<VoskModel>(VoskModel{std::move(loaded)}).release();
  });
}

void vosk_model_free(VoskModel* model) { const std::unique_ptr<VoskModel> freed(model); }

int vosk_model_find_word(VoskModel* model, const char* word) {
  constexpr int kUnknown = -1;
  if (model == nullptr || word == nullptr) return kUnknown;
  return model->loaded->package().graph().words.find(word).value_or(kUnknown);
}

VoskRecognizer* vosk_recognizer_new(VoskModel* model, float sample_rate) {
  return new_recognizer(model, sample_rate);
}

VoskRecognizer* vosk_recognizer_new_grm(VoskModel* model, float sample_rate, const char* grammar) {
  VoskRecognizer* const recognizer = new_recognizer(model, sample_rate);
  if (recognizer != nullptr) set_grammar(*recognizer, grammar);
  return recognizer;
}

void vosk_recognizer_set_grm(VoskRecognizer* recognizer, const char* grammar) {
  if (recognizer != nullptr) set_grammar(*recognizer, grammar);
}

void vosk_recognizer_free(VoskRecognizer* recognizer) {
  const std::unique_ptr<VoskRecognizer> freed(recognizer);
}

void vosk_recognizer_set_max_alternatives(VoskRecognizer* recognizer, int max_alternatives) {
  if (recognizer == nullptr) return;
  recognizer->recognizer.settings().max_alternatives =
      std::clamp(max_alternatives, 0, kMostAlternatives);
}

void vosk_recognizer_set_words(VoskRecognizer* recognizer, int words) {
  if (recognizer != nullptr) recognizer->recognizer.settings().words = words != 0;
}

void vosk_recognizer_set_partial_words(VoskRecognizer* recognizer, int partial_words) {
  if (recognizer != nullptr) recognizer->recognizer.settings().partial_words = partial_words != 0;
}

void vosk_recognizer_set_endpointer_mode(VoskRecognizer* recognizer, int mode) {
  if (recognizer == nullptr) return;
  double& end_s = recognizer->recognizer.settings().endpoint_times.end_s;
  switch (mode) {
    case VOSK_EP_ANSWER_DEFAULT:
      end_s = EndpointTimes{}.end_s;
      return;
    case VOSK_EP_ANSWER_SHORT:
      end_s = 0.75 * EndpointTimes{}.end_s;
      return;
    case VOSK_EP_ANSWER_LONG:
      end_s = 1.5 * EndpointTimes{}.end_s;
      return;
    case VOSK_EP_ANSWER_VERY_LONG:
      end_s = 4.0 * EndpointTimes{}.end_s;
      return;
    default:
      log().warn("the endpointer mode {} is ignored: expected 0 to 3", mode);
  }
}

void vosk_recognizer_set_endpointer_delays(VoskRecognizer* recognizer, float t_start_max,
                                           float t_end, float t_max) {
  if (recognizer == nullptr) return;
  guarded("the endpointer delays are ignored", [&] {
    const EndpointTimes times{.start_max_s = t_start_max, .end_s = t_end, .max_s = t_max};
    harpy::check_endpoint_times(times);
    recognizer->recognizer.settings().endpoint_times = times;
  });
}

int vosk_recognizer_accept_waveform(VoskRecognizer* recognizer, const char* data, int length) {
  return accept(recognizer, data, length, [&](std::vector<float>& samples) {
    recognizer->decoder.decode(bytes_of(data, static_cast<std::size_t>(length)), samples);
  });
}

int vosk_recognizer_accept_waveform_s(VoskRecognizer* recognizer, const short* data, int length) {
  return accept(recognizer, data, length, [&](std::vector<float>& samples) {
    harpy::PcmDecoder(harpy::PcmCoding::kS16)
        .decode(bytes_of(data, static_cast<std::size_t>(length) * sizeof(short)), samples);
  });
}

int vosk_recognizer_accept_waveform_f(VoskRecognizer* recognizer, const float* data, int length) {
  return accept(recognizer, data, length, [&](std::vector<float>& samples) {
    std::transform(data, data + length, std::back_inserter(samples),
                   [](float sample) { return sample / kFullScale; });
  });
}

const char* vosk_recognizer_result(VoskRecognizer* recognizer) {
  return tell(recognizer, [](auto& it) { return it.result(); });
}

const char* vosk_recognizer_partial_result(VoskRecognizer* recognizer) {
  return tell(recognizer, [](auto& it) { return it.partial_result(); });
}

const char* vosk_recognizer_final_result(VoskRecognizer* recognizer) {
  return tell(recognizer, [](auto& it) { return it.final_result(); });
}

void vosk_recognizer_reset(VoskRecognizer* recognizer) {
  if (recognizer != nullptr) recognizer->recognizer.reset();
}

void vosk_set_log_level(int log_level) { harpy::capi::set_log_level(log_level); }

void vosk_gpu_init() { wants_gpu = true; }

void vosk_gpu_thread_init() {}
