// The functions of Vosk's C interface that Harpy does not support: no object of theirs can be made,
// so that all others are called with null handles, if at all.
#include <cstddef>

#include "service/capi/log.hpp"
#include "service/capi/vosk_api.h"

namespace {

/// Logs that something is not supported, and returns the null that stands for it.
std::nullptr_t refuse(const char* what) {
  harpy::capi::log().error("{} are not supported", what);
  return nullptr;
}

}  // namespace

VoskSpkModel* vosk_spk_model_new(const char*) { return refuse("speaker models"); }
void vosk_spk_model_free(VoskSpkModel*) {}
VoskRecognizer* vosk_recognizer_new_spk(VoskModel*, float, VoskSpkModel*) {
  return refuse("speaker models");
}
void vosk_recognizer_set_spk_model(VoskRecognizer*, VoskSpkModel*) { refuse("speaker models"); }
void vosk_recognizer_set_nlsml(VoskRecognizer*, int nlsml) {
  if (nlsml != 0) refuse("results in NLSML");
}

VoskBatchModel* vosk_batch_model_new(const char*) { return refuse("batch models"); }
void vosk_batch_model_free(VoskBatchModel*) {}
void vosk_batch_model_wait(VoskBatchModel*) {}
VoskBatchRecognizer* vosk_batch_recognizer_new(VoskBatchModel*, float) {
  return refuse("batch recognizers");
}
void vosk_batch_recognizer_free(VoskBatchRecognizer*) {}
void vosk_batch_recognizer_accept_waveform(VoskBatchRecognizer*, const char*, int) {}
void vosk_batch_recognizer_set_nlsml(VoskBatchRecognizer*, int) {}
void vosk_batch_recognizer_finish_stream(VoskBatchRecognizer*) {}
const char* vosk_batch_recognizer_front_result(VoskBatchRecognizer*) { return nullptr; }
void vosk_batch_recognizer_pop(VoskBatchRecognizer*) {}
int vosk_batch_recognizer_get_pending_chunks(VoskBatchRecognizer*) { return 0; }

VoskTextProcessor* vosk_text_processor_new(const char*, const char*) {
  return refuse("text processors");
}
void vosk_text_processor_free(VoskTextProcessor*) {}
char* vosk_text_processor_itn(VoskTextProcessor*, const char*) { return nullptr; }
