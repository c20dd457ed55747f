// The recogniser on an emulated device that breaks.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "service/recognizer/recognizer.hpp"
#include "tests/service/recognizer/recorded_events.hpp"
#include "tests/support/cuda_emulation/emulation.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::testing {
namespace {

class RecognizerOnEmulatedDevice : public ::testing::Test {
 protected:
  RecognizerOnEmulatedDevice() {
    write_tiny_model(directory_.path());
    model_ = ModelPackage::load(*create_backend({}), directory_.path());
  }
  ~RecognizerOnEmulatedDevice() override { cuda_emulation::mend_device(); }

  std::vector<SessionEvent> recognize(Recognizer& recognizer) const {
    Recorder recorder;
    const auto session = recognizer.open({}, recorder.handler());
    session->push(samples_);
    session->finish();
    return recorder.wait_for_end();
  }

  TemporaryDirectory directory_;  ///< read again by the CPU
  std::shared_ptr<const ModelPackage> model_;
  std::vector<float> samples_ = example_audio(16000, 1.5);
};

TEST_F(RecognizerOnEmulatedDevice, TheCpuTakesOverWhenTheDeviceBreaks) {
  std::vector<std::string> reasons;
  Recognizer recognizer(
      model_, {.device = {DeviceKind::kCuda, 0},
               .fallback_worker_count = 1,
               .on_device_lost = [&](const std::string& reason) { reasons.push_back(reason); }});
  EXPECT_EQ(recognize(recognizer).back().kind, EventKind::kEnd);
  cuda_emulation::break_device(cudaErrorIllegalAddress);
  const std::vector<SessionEvent> losing = recognize(recognizer);
  EXPECT_EQ(losing.back().kind, EventKind::kError);
  EXPECT_NE(losing.back().error.find("CUDA"), std::string::npos) << losing.back().error;
  Recognizer on_cpu(model_, {});
  EXPECT_EQ(describe(recognize(recognizer)), describe(recognize(on_cpu)));
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(RecognizerOnEmulatedDevice, ABatchThatFindsNoMemoryFailsAloneAndTheNextOneSucceeds) {
  Recognizer recognizer(model_, {.device = {DeviceKind::kCuda, 0}});
  const std::string expected = describe(recognize(recognizer));
  for (int allocation = 0; allocation < 3; ++allocation) {
    cuda_emulation::fail_allocation_after(allocation);
    const SessionEvent last = recognize(recognizer).back();
    EXPECT_TRUE(last.kind == EventKind::kEnd || last.error.find("no ") != std::string::npos)
        << last.error;
    EXPECT_EQ(describe(recognize(recognizer)), expected) << allocation;
  }
}

}  // namespace
}  // namespace harpy::testing
