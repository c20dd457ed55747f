#include "frontend/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace harpy {
namespace {

TEST(Window, IsSymmetric) {
  for (const WindowKind kind :
       {WindowKind::kPovey, WindowKind::kHamming, WindowKind::kHann, WindowKind::kRectangular}) {
    for (const int length : {2, 25, 400}) {
      const auto window = make_window(kind, length);
      ASSERT_EQ(window.size(), static_cast<std::size_t>(length));
      for (std::size_t i = 0; i < window.size(); ++i) {
        EXPECT_NEAR(window[i], window[window.size() - 1 - i], 1e-6);
      }
    }
  }
}

TEST(Window, HasKnownValuesAtTheEdgesAndTheMiddle) {
  EXPECT_NEAR(make_window(WindowKind::kHamming, 5)[0], 0.08, 1e-6);
  EXPECT_NEAR(make_window(WindowKind::kHann, 5)[0], 0.0, 1e-6);
  EXPECT_NEAR(make_window(WindowKind::kPovey, 5)[1], std::pow(0.5, 0.85), 1e-6);
  for (const WindowKind kind :
       {WindowKind::kPovey, WindowKind::kHamming, WindowKind::kHann, WindowKind::kRectangular}) {
    EXPECT_NEAR(make_window(kind, 5)[2], 1.0, 1e-6);
  }
}

TEST(Window, RefusesFewerThanTwoSamples) {
  EXPECT_THROW(make_window(WindowKind::kHann, 1), std::invalid_argument);
  EXPECT_THROW(make_window(WindowKind::kHann, -1), std::invalid_argument);
}

}  // namespace
}  // namespace harpy
