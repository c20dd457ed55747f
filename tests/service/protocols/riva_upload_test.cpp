#include "service/protocols/riva_upload.hpp"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "riva.pb.h"
#include "service/protocols/riva_calls.hpp"

namespace harpy {
namespace {

namespace riva = nvidia::riva::asr;
using ::testing::HasSubstr;

class RivaUploadTest : public ::testing::Test {
 protected:
  void take(const riva::RecognizeRequest& request) {
    upload_.take_body(request.SerializeAsString(),
                      {.begin = [this](const UploadedFile& file) { file_ = file; },
                       .take = [this](std::string_view bytes) { recording_ += bytes; }});
  }
  static riva::RecognizeRequest request_of(riva::AudioEncoding encoding, const std::string& audio) {
    riva::RecognizeRequest request;
    request.mutable_config()->set_encoding(encoding);
    request.mutable_config()->set_sample_rate_hertz(8000);
    request.set_audio(audio);
    request.mutable_id()->set_value("mine");
    return request;
  }

  RivaUpload upload_{{.model = {.name = "small", .language = "en"}}};
  std::optional<UploadedFile> file_;
  std::string recording_;
};

TEST_F(RivaUploadTest, RawSamplesGoToTheDecoderAsTheSettingsSay) {
  take(request_of(riva::MULAW, "samples"));
  EXPECT_EQ(recording_, "samples");
  const PcmFormat expected{.coding = PcmCoding::kMuLaw, .sample_rate_hz = 8000, .channel_count = 1};
  EXPECT_EQ(file_->raw, expected);
  EXPECT_EQ(upload_.end_body().model, "small");
}

TEST_F(RivaUploadTest, WhatHasAHeaderIsReadByIt) {
  take(request_of(riva::FLAC, "fLaC"));
  EXPECT_EQ(file_->raw, std::nullopt);
}

TEST_F(RivaUploadTest, AWavFileIsNoRawAudioWhateverItIsCalled) {
  take(request_of(riva::LINEAR_PCM, "RIFF...."));
  EXPECT_EQ(file_->raw, std::nullopt);
}

TEST_F(RivaUploadTest, TheAnswerHasAResultForEachUtterance) {
  take(request_of(riva::FLAC, "fLaC"));
  riva::RecognizeResponse response;
  const HttpAnswer answer = upload_.answer(UploadTranscript{
      .channels = {{{.kind = EventKind::kFinal, .words = {{"one", 0.0, 0.5}}, .end_s = 1.0},
                    {.kind = EventKind::kFinal, .words = {{"two", 2.0, 2.5}}, .end_s = 3.0}}}});
  EXPECT_EQ(answer.status, 200);
  ASSERT_TRUE(response.ParseFromString(answer.body));
  EXPECT_EQ(response.id().value(), "mine");
  ASSERT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(1).alternatives(0).transcript(), "two");
  EXPECT_FLOAT_EQ(response.results(1).audio_processed(), 3.0F);
}

TEST_F(RivaUploadTest, FaultsAreNamed) {
  riva::RecognizeRequest request = request_of(riva::FLAC, "fLaC");
  request.mutable_config()->set_model("other");
  try {
    take(request);
    ADD_FAILURE() << "it is taken";
  } catch (const RequestFault& fault) {
    EXPECT_EQ(fault.status(), 400);
    EXPECT_EQ(upload_.answer(fault).body, fault.what());
    EXPECT_THAT(fault.what(), HasSubstr("model"));
  }
}

TEST(RivaCalls, EachMethodHasItsOutcome) {
  const std::string service = "/nvidia.riva.asr.RivaSpeechRecognition/";
  EXPECT_TRUE(std::holds_alternative<MakeConversation>(
      follow_riva_call(service + "StreamingRecognize", {})));
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<UploadProtocol>>(
      follow_riva_call(service + "Recognize", {})));
  EXPECT_TRUE(std::holds_alternative<RivaAnswer>(
      follow_riva_call(service + "GetRivaSpeechRecognitionConfig", {})));
  for (const std::string& method : {service + "Other", std::string("Recognize"), std::string()}) {
    EXPECT_THROW(follow_riva_call(method, {}), RequestFault);
  }
}

}  // namespace
}  // namespace harpy
