#include "service/capi/vosk_api.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/audio/pcm.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using testing::kSoundA;
using testing::kSoundB;
using testing::Sound;
using ::testing::StartsWith;

constexpr Sound kPause{0.0, 2.0};

struct Freeing {
  void operator()(VoskModel* model) const { vosk_model_free(model); }
  void operator()(VoskRecognizer* recognizer) const { vosk_recognizer_free(recognizer); }
};
using Model = std::unique_ptr<VoskModel, Freeing>;
using Recognizer = std::unique_ptr<VoskRecognizer, Freeing>;

std::vector<std::byte> bytes_of(const std::vector<Sound>& list) {
  return encode_pcm(PcmCoding::kS16, testing::sounds(list));
}

int accept(const Recognizer& recognizer, const std::vector<std::byte>& bytes) {
  return vosk_recognizer_accept_waveform(recognizer.get(),
                                         reinterpret_cast<const char*>(bytes.data()),
                                         static_cast<int>(bytes.size()));
}
int accept(const Recognizer& recognizer, const std::vector<Sound>& list) {
  return accept(recognizer, bytes_of(list));
}

std::string result(const Recognizer& it) { return vosk_recognizer_result(it.get()); }
std::string partial(const Recognizer& it) { return vosk_recognizer_partial_result(it.get()); }
std::string final_result(const Recognizer& it) { return vosk_recognizer_final_result(it.get()); }

/// The model of tones: the word AN is a tone A, AND a tone A and a tone B.
class VoskApi : public ::testing::Test {
 protected:
  VoskApi() {
    vosk_set_log_level(0);
    testing::write_tone_model(directory_.path());
    model_.reset(vosk_model_new(directory_.path().c_str()));
  }

  Recognizer recognizer() const { return Recognizer(vosk_recognizer_new(model_.get(), 16000.0F)); }
  Recognizer recognizer(const std::string& grammar) const {
    return Recognizer(vosk_recognizer_new_grm(model_.get(), 16000.0F, grammar.c_str()));
  }

  testing::TemporaryDirectory directory_;
  Model model_;
};

TEST_F(VoskApi, AModelThatCannotBeLoadedIsNullAndTheLogSaysWhy) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(vosk_model_new("/no/such/model"), nullptr);
  EXPECT_EQ(vosk_model_new(nullptr), nullptr);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, StartsWith("harpy: error: cannot load the model: "));
  EXPECT_THAT(log, HasSubstr("/no/such/model"));
}

TEST_F(VoskApi, TheLevelOfTheLogIsThatOfVosk) {
  ::testing::internal::CaptureStderr();
  vosk_set_log_level(-1);
  EXPECT_EQ(vosk_model_new("/no/such/model"), nullptr);
  const Model quiet(vosk_model_new(directory_.path().c_str()));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ::testing::internal::CaptureStderr();
  vosk_set_log_level(0);
  const Model told(vosk_model_new(directory_.path().c_str()));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(" is loaded"));
}

TEST_F(VoskApi, WordsHaveNumbers) {
  EXPECT_EQ(vosk_model_find_word(model_.get(), "AN"), 1);
  EXPECT_EQ(vosk_model_find_word(model_.get(), "AND"), 2);
  EXPECT_EQ(vosk_model_find_word(model_.get(), "BUT"), -1);
}

TEST_F(VoskApi, ASampleRateOutOfRangeMakesNoRecognizer) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(vosk_recognizer_new(model_.get(), 1000.0F), nullptr);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("1000"));
}

TEST_F(VoskApi, TellsPartialsAnEndpointAndItsResultAndTheRest) {
  const Recognizer it = recognizer();
  EXPECT_EQ(partial(it), R"({"partial": ""})");
  EXPECT_EQ(accept(it, {{0.0, 0.5}, kSoundA, {0.0, 0.3}}), 0);
  EXPECT_EQ(partial(it), R"({"partial": "AN"})");
  EXPECT_EQ(accept(it, {kPause}), 1);
  EXPECT_EQ(partial(it), R"({"partial": "AN"})") << "it is not told yet";
  EXPECT_EQ(result(it), R"({"text": "AN"})");
  EXPECT_EQ(result(it), R"({"text": ""})");
  EXPECT_EQ(accept(it, {kSoundA, kSoundB}), 0);
  EXPECT_EQ(final_result(it), R"({"text": "AND"})");
  EXPECT_EQ(final_result(it), R"({"text": ""})");
}

TEST_F(VoskApi, UtterancesThatEndedInOnePieceAreOneResult) {
  const Recognizer it = recognizer();
  EXPECT_EQ(accept(it, {kSoundA, kPause, kSoundA, kSoundB, kPause}), 1);
  EXPECT_EQ(accept(it, std::vector<Sound>{}), 1);
  EXPECT_EQ(result(it), R"({"text": "AN AND"})");
}

TEST_F(VoskApi, AResultBeforeTheEndpointEndsTheUtteranceAndTimesGoOn) {
  const Recognizer it = recognizer();
  vosk_recognizer_set_words(it.get(), 1);
  EXPECT_EQ(accept(it, {kSoundA, {0.0, 0.3}}), 0);
  EXPECT_THAT(result(it), HasSubstr(R"("text": "AN")"));
  EXPECT_EQ(accept(it, {kSoundA, {0.0, 0.3}}), 0);
  const std::string second = final_result(it);
  const std::size_t start = second.find("\"start\": ");
  ASSERT_NE(start, std::string::npos) << second;
  EXPECT_NEAR(std::stod(second.substr(start + 9)), 0.5, 0.05) << second;
}

TEST_F(VoskApi, ResetForgets) {
  const Recognizer it = recognizer();
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 1);
  vosk_recognizer_reset(it.get());
  EXPECT_EQ(partial(it), R"({"partial": ""})");
  EXPECT_EQ(result(it), R"({"text": ""})");
  EXPECT_EQ(accept(it, {kSoundA, kSoundB}), 0);
  EXPECT_EQ(final_result(it), R"({"text": "AND"})");
}

TEST_F(VoskApi, TheThreeFormsOfSamplesAreHeardAlike) {
  const std::vector<std::byte> bytes = bytes_of({kSoundA, kSoundB, {0.0, 0.3}});
  std::vector<std::int16_t> integers(bytes.size() / 2);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(integers.data()));
  const std::vector<float> floats(integers.begin(), integers.end());
  const Recognizer of_bytes = recognizer();
  for (const std::byte byte : bytes) EXPECT_EQ(accept(of_bytes, std::vector{byte}), 0);
  const Recognizer of_integers = recognizer();
  vosk_recognizer_accept_waveform_s(of_integers.get(), integers.data(),
                                    static_cast<int>(integers.size()));
  const Recognizer of_floats = recognizer();
  vosk_recognizer_accept_waveform_f(of_floats.get(), floats.data(),
                                    static_cast<int>(floats.size()));
  for (const Recognizer* it : {&of_bytes, &of_integers, &of_floats}) {
    EXPECT_EQ(final_result(*it), R"({"text": "AND"})");
  }
}

TEST_F(VoskApi, ResultsHaveTheFormsOfTheProtocol) {
  const Recognizer words = recognizer();
  vosk_recognizer_set_words(words.get(), 1);
  vosk_recognizer_set_partial_words(words.get(), 1);
  EXPECT_EQ(accept(words, {kSoundA, {0.0, 0.3}}), 0);
  EXPECT_THAT(partial(words), StartsWith(R"({"partial": "AN", "partial_result": [{"conf": 1, )"));
  EXPECT_THAT(final_result(words), StartsWith(R"({"result": [{"conf": )"));

  const Recognizer n_best = recognizer();
  vosk_recognizer_set_max_alternatives(n_best.get(), 2);
  EXPECT_EQ(accept(n_best, {kSoundA, {0.0, 0.3}}), 0);
  const std::string text = final_result(n_best);
  EXPECT_THAT(text, StartsWith(R"({"alternatives": [{"confidence": )"));
  EXPECT_THAT(text, HasSubstr(R"("text": "AN"})"));
  EXPECT_EQ(final_result(n_best), R"({"alternatives": [{"confidence": 1, "text": ""}]})");
}

TEST_F(VoskApi, SettingsHoldForTheUtterancesThatBeginLater) {
  const Recognizer it = recognizer();
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 1);
  EXPECT_EQ(result(it), R"({"text": "AN"})");
  vosk_recognizer_set_endpointer_delays(it.get(), 30.0F, 10.0F, 60.0F);
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 0) << "ten seconds of silence are asked for";
  EXPECT_EQ(final_result(it), R"({"text": "AN"})");
}

TEST_F(VoskApi, EndpointersWaitAsLongAsTheirModeSays) {
  const auto ends_after = [&](int mode, double seconds) {
    const Recognizer it = recognizer();
    vosk_recognizer_set_endpointer_mode(it.get(), mode);
    return accept(it, {kSoundA, {0.0, seconds}}) == 1;
  };
  EXPECT_TRUE(ends_after(VOSK_EP_ANSWER_SHORT, 0.58));
  EXPECT_FALSE(ends_after(VOSK_EP_ANSWER_DEFAULT, 0.58));
  EXPECT_TRUE(ends_after(VOSK_EP_ANSWER_DEFAULT, 0.85));
  EXPECT_FALSE(ends_after(VOSK_EP_ANSWER_LONG, 0.85));
  EXPECT_TRUE(ends_after(VOSK_EP_ANSWER_LONG, 1.2));
  EXPECT_FALSE(ends_after(VOSK_EP_ANSWER_VERY_LONG, 2.3));
  EXPECT_TRUE(ends_after(VOSK_EP_ANSWER_VERY_LONG, 2.7));
}

TEST_F(VoskApi, ImpossibleEndpointersAreToldAndIgnored) {
  const Recognizer it = recognizer();
  ::testing::internal::CaptureStderr();
  vosk_recognizer_set_endpointer_delays(it.get(), 5.0F, -1.0F, 40.0F);
  vosk_recognizer_set_endpointer_mode(it.get(), 7);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("the endpointer delays are ignored"));
  EXPECT_THAT(log, HasSubstr("the endpointer mode 7 is ignored"));
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 1);
}

TEST_F(VoskApi, AGrammarClosesTheVocabularyUntilItIsTakenAway) {
  const Recognizer it = recognizer(R"(["AN"])");
  EXPECT_EQ(accept(it, {kSoundA, kSoundB, kPause}), 1);
  EXPECT_EQ(result(it), R"({"text": "AN"})");
  vosk_recognizer_set_grm(it.get(), "[]");
  EXPECT_EQ(accept(it, {kSoundA, kSoundB, kPause}), 1);
  EXPECT_EQ(result(it), R"({"text": "AND"})");
}

TEST_F(VoskApi, AGrammarThatIsNoneIsToldAndTheWholeVocabularyHeard) {
  for (const char* grammar : {"AN", R"({"a": 1})", R"([1])", ""}) {
    ::testing::internal::CaptureStderr();
    const Recognizer it = recognizer(grammar);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("the grammar is ignored"));
    EXPECT_EQ(accept(it, {kSoundA, kSoundB, kPause}), 1);
    EXPECT_EQ(result(it), R"({"text": "AND"})") << grammar;
  }
}

TEST_F(VoskApi, ALongPieceIsHeardToItsEnd) {
  const Recognizer it = recognizer();
  std::vector<Sound> list;
  std::string text;
  for (int i = 0; i < 30; ++i) {
    list.insert(list.end(), {kSoundA, kPause});
    text += text.empty() ? "AN" : " AN";
  }
  EXPECT_EQ(accept(it, list), 1);
  EXPECT_EQ(final_result(it), R"({"text": ")" + text + "\"}");
}

TEST_F(VoskApi, RecognizersKeepTheirModel) {
  const Recognizer it = recognizer();
  model_.reset();
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 1);
  EXPECT_EQ(result(it), R"({"text": "AN"})");
}

TEST_F(VoskApi, RecognizersOfSeveralThreadsDoNotDisturbEachOther) {
  std::vector<std::string> texts(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      threads.emplace_back([&, i] {
        const Recognizer it = recognizer();
        for (std::size_t word = 0; word <= i; ++word) accept(it, {kSoundA, kSoundB, {0.0, 0.1}});
        texts[i] = final_result(it);
      });
    }
  }
  std::string words = "AND";
  for (const std::string& text : texts) {
    EXPECT_EQ(text, R"({"text": ")" + words + "\"}");
    words += " AND";
  }
}

TEST_F(VoskApi, WhatIsNotSupportedIsNullAndTold) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(vosk_spk_model_new("model"), nullptr);
  EXPECT_EQ(vosk_recognizer_new_spk(model_.get(), 16000.0F, nullptr), nullptr);
  EXPECT_EQ(vosk_batch_model_new("model"), nullptr);
  EXPECT_EQ(vosk_batch_recognizer_new(nullptr, 16000.0F), nullptr);
  EXPECT_EQ(vosk_text_processor_new("tagger", "verbalizer"), nullptr);
  const Recognizer it = recognizer();
  vosk_recognizer_set_spk_model(it.get(), nullptr);
  vosk_recognizer_set_nlsml(it.get(), 1);
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* what : {"speaker models", "batch models", "batch recognizers", "text processors",
                           "results in NLSML"}) {
    EXPECT_THAT(log, HasSubstr(std::string(what) + " are not supported"));
  }
}

TEST_F(VoskApi, NullHandlesDoNothing) {
  vosk_model_free(nullptr);
  vosk_recognizer_free(nullptr);
  vosk_spk_model_free(nullptr);
  vosk_recognizer_set_words(nullptr, 1);
  vosk_recognizer_set_partial_words(nullptr, 1);
  vosk_recognizer_set_max_alternatives(nullptr, 1);
  vosk_recognizer_set_endpointer_mode(nullptr, VOSK_EP_ANSWER_LONG);
  vosk_recognizer_set_endpointer_delays(nullptr, 1.0F, 1.0F, 1.0F);
  vosk_recognizer_set_grm(nullptr, "[]");
  vosk_recognizer_reset(nullptr);
  vosk_gpu_thread_init();
  vosk_batch_model_free(nullptr);
  vosk_batch_model_wait(nullptr);
  vosk_batch_recognizer_free(nullptr);
  vosk_batch_recognizer_accept_waveform(nullptr, nullptr, 0);
  vosk_batch_recognizer_set_nlsml(nullptr, 0);
  vosk_batch_recognizer_finish_stream(nullptr);
  vosk_batch_recognizer_pop(nullptr);
  vosk_text_processor_free(nullptr);
  EXPECT_EQ(vosk_batch_recognizer_front_result(nullptr), nullptr);
  EXPECT_EQ(vosk_batch_recognizer_get_pending_chunks(nullptr), 0);
  EXPECT_EQ(vosk_text_processor_itn(nullptr, "one"), nullptr);
  EXPECT_EQ(vosk_model_find_word(nullptr, "AN"), -1);
  EXPECT_EQ(vosk_recognizer_new(nullptr, 16000.0F), nullptr);
  EXPECT_EQ(vosk_recognizer_accept_waveform(nullptr, "", 0), -1);
  EXPECT_EQ(vosk_recognizer_result(nullptr), nullptr);
  EXPECT_EQ(vosk_recognizer_partial_result(nullptr), nullptr);
  EXPECT_EQ(vosk_recognizer_final_result(nullptr), nullptr);
  EXPECT_EQ(vosk_recognizer_accept_waveform(recognizer().get(), nullptr, 4), -1);
}

TEST_F(VoskApi, WithoutAGpuModelsStayOnTheCpu) {
  vosk_gpu_init();
  const Model model(vosk_model_new(directory_.path().c_str()));
  const Recognizer it(vosk_recognizer_new(model.get(), 16000.0F));
  EXPECT_EQ(accept(it, {kSoundA, kPause}), 1);
  EXPECT_EQ(result(it), R"({"text": "AN"})");
}

}  // namespace
}  // namespace harpy
