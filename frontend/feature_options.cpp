#include "frontend/feature_options.hpp"

#include <array>
#include <charconv>
#include <span>
#include <stdexcept>

namespace harpy {
namespace {

template <typename Value>
struct Name {
  std::string_view text;
  Value value;
};

constexpr std::array<Name<FeatureKind>, 5> kFeatureKinds{
    {{"log_mel", FeatureKind::kLogMel},
     {"mel", FeatureKind::kMel},
     {"mfcc", FeatureKind::kMfcc},
     {"log_spectrogram", FeatureKind::kLogSpectrogram},
     {"power_spectrogram", FeatureKind::kPowerSpectrogram}}};
constexpr std::array<Name<WindowKind>, 4> kWindowKinds{{{"povey", WindowKind::kPovey},
                                                        {"hamming", WindowKind::kHamming},
                                                        {"hann", WindowKind::kHann},
                                                        {"rectangular", WindowKind::kRectangular}}};
constexpr std::array<Name<NormalizationKind>, 4> kNormalizationKinds{
    {{"none", NormalizationKind::kNone},
     {"sliding", NormalizationKind::kSliding},
     {"online", NormalizationKind::kOnline},
     {"utterance", NormalizationKind::kUtterance}}};
constexpr std::array<Name<bool>, 2> kBooleans{{{"true", true}, {"false", false}}};

constexpr std::span<const Name<FeatureKind>> names_of(FeatureKind) { return kFeatureKinds; }
constexpr std::span<const Name<WindowKind>> names_of(WindowKind) { return kWindowKinds; }
constexpr std::span<const Name<NormalizationKind>> names_of(NormalizationKind) {
  return kNormalizationKinds;
}
constexpr std::span<const Name<bool>> names_of(bool) { return kBooleans; }

[[noreturn]] void refuse(std::string_view field, const std::string& expected,
                         std::string_view got) {
  throw std::invalid_argument("feature option " + std::string(field) + ": expected " + expected +
                              ", got \"" + std::string(got) + "\"");
}

template <typename Value>
std::string text_of(Value value) {
  for (const Name<Value>& name : names_of(value)) {
    if (name.value == value) return std::string(name.text);
  }
  throw std::invalid_argument("feature options: a value without a name");
}

template <typename Value>
std::string text_of_number(Value value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}
std::string text_of(int value) { return text_of_number(value); }
std::string text_of(double value) { return text_of_number(value); }

template <typename Value>
void parse(std::string_view field, std::string_view text, Value& value) {
  std::string expected;
  for (const Name<Value>& name : names_of(value)) {
    if (name.text == text) {
      value = name.value;
      return;
    }
    expected += (expected.empty() ? "" : " or ") + std::string(name.text);
  }
  refuse(field, expected, text);
}

template <typename Value>
void parse_number(std::string_view field, std::string_view text, Value& value) {
  Value parsed{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    refuse(field, std::is_same_v<Value, int> ? "a whole number" : "a number", text);
  }
  value = parsed;
}
void parse(std::string_view field, std::string_view text, int& value) {
  parse_number(field, text, value);
}
void parse(std::string_view field, std::string_view text, double& value) {
  parse_number(field, text, value);
}

/// Calls `visit(name, field)` for every field.
template <typename Options, typename Visitor>
void for_each_field(Options& options, const Visitor& visit) {
  visit("kind", options.kind);
  visit("sample_rate_hz", options.sample_rate_hz);
  visit("frame_length_ms", options.frame_length_ms);
  visit("frame_shift_ms", options.frame_shift_ms);
  visit("snip_edges", options.snip_edges);
  visit("remove_dc_offset", options.remove_dc_offset);
  visit("preemphasis", options.preemphasis);
  visit("window", options.window);
  visit("noise_floor", options.noise_floor);
  visit("bin_count", options.bin_count);
  visit("low_freq_hz", options.low_freq_hz);
  visit("high_freq_hz", options.high_freq_hz);
  visit("use_power", options.use_power);
  visit("cepstrum_count", options.cepstrum_count);
  visit("cepstral_lifter", options.cepstral_lifter);
  visit("use_energy", options.use_energy);
  visit("raw_energy", options.raw_energy);
  visit("energy_floor", options.energy_floor);
  visit("normalization", options.normalization);
  visit("normalize_variance", options.normalize_variance);
  visit("sliding_window_frames", options.sliding_window_frames);
  visit("sliding_min_frames", options.sliding_min_frames);
  visit("online_prior_frames", options.online_prior_frames);
  visit("delta_order", options.delta_order);
  visit("delta_window", options.delta_window);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> feature_option_fields(
    const FeatureOptions& options) {
  std::vector<std::pair<std::string, std::string>> fields;
  for_each_field(options, [&](std::string_view name, const auto& field) {
    fields.emplace_back(name, text_of(field));
  });
  return fields;
}

double upper_edge_hz(const FeatureOptions& options) {
  if (options.high_freq_hz > 0.0) return options.high_freq_hz;
  return options.sample_rate_hz / 2.0 + options.high_freq_hz;
}

void set_feature_option(FeatureOptions& options, std::string_view name, std::string_view value) {
  bool known = false;
  for_each_field(options, [&](std::string_view field_name, auto& field) {
    if (field_name != name) return;
    known = true;
    parse(name, value, field);
  });
  if (!known) {
    throw std::invalid_argument("unknown feature option \"" + std::string(name) + "\"");
  }
}

}  // namespace harpy
