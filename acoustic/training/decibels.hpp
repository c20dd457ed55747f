#pragma once

namespace harpy {

/// A decibel in nepers of energy, the unit of log-mel features: ln(10) / 10.
inline constexpr double kNepersPerDecibel = 0.2302585092994046;

}  // namespace harpy
