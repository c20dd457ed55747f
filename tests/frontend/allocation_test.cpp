#include <gtest/gtest.h>

#include "frontend/audio/resampler.hpp"
#include "frontend/feature_stream.hpp"
#include "tests/frontend/allocation_counter.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

TEST(SteadyState, FeatureStreamsAllocateNothing) {
  for (const FeatureOptions& options :
       {FeatureOptions{}, FeatureOptions{.kind = FeatureKind::kMfcc,
                          .snip_edges = false,
                          .normalization = NormalizationKind::kSliding,
                          .sliding_window_frames = 60,
                          .sliding_min_frames = 10,
                          .delta_order = 2}}) {
    FeatureStream stream(std::make_shared<const FeatureExtractor>(options));
    const auto samples = testing::glide(1600);
    const auto run = [&](int rounds) {
      for (int i = 0; i < rounds; ++i) {
        stream.accept(samples);
        stream.take(stream.frames_ready());
      }
    };
    run(50);
    const long before = testing::allocation_count();
    run(200);
    EXPECT_EQ(testing::allocation_count() - before, 0);
  }
}

TEST(SteadyState, ResamplersAllocateNothing) {
  Resampler resampler(48000.0);
  const auto samples = testing::glide(4800);
  std::vector<float> output;
  const auto run = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      output.clear();
      resampler.process(samples, output);
    }
  };
  run(20);
  const long before = testing::allocation_count();
  run(100);
  EXPECT_EQ(testing::allocation_count() - before, 0);
}

}  // namespace
}  // namespace harpy
