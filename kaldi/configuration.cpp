#include "kaldi/configuration.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "kaldi/files/config_file.hpp"
#include "models/files/text_fields.hpp"

namespace harpy::kaldi {

namespace {

void set_window(ConfigFile& file, FeatureOptions& options) {
  const std::string name = file.text("window-type", "povey");
  if (name == "povey") {
    options.window = WindowKind::kPovey;
  } else if (name == "hamming") {
    options.window = WindowKind::kHamming;
  } else if (name == "hanning") {
    options.window = WindowKind::kHann;
  } else if (name == "rectangular") {
    options.window = WindowKind::kRectangular;
  } else {
    file.refuse("window-type", "povey, hamming, hanning or rectangular");
  }
}

/// Options that change nothing here: noise, warping that nobody asks for, and who may resample.
void pass_over(ConfigFile& file) {
  file.number("dither", 0.0);
  file.boolean("allow-downsample", false);
  file.boolean("allow-upsample", false);
  file.boolean("debug-mel", false);
  file.number("blackman-coeff", 0.0);
  file.number("vtln-low", 0.0);
  file.number("vtln-high", 0.0);
  file.number("max-feature-vectors", 0.0);
}

void require_default(ConfigFile& file, const char* name, bool value) {
  if (file.boolean(name, value) != value) file.refuse(name, value ? "true" : "false");
}

/// The phones of "1:2:3".
std::set<std::int32_t> read_phones(ConfigFile& file, const char* name) {
  std::set<std::int32_t> phones;
  const std::string text = file.text(name, "");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    const std::optional<std::int32_t> phone = parse_int32(text.substr(begin, end - begin));
    if (!phone) file.refuse(name, "numbers of phones with colons between them");
    phones.insert(*phone);
    begin = end + 1;
  }
  return phones;
}

/// The rules that Kaldi's decoders have unless told otherwise.
std::vector<EndpointRule> default_endpoint_rules() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {
      {.needs_words = false, .max_ending_cost = kInfinity, .min_trailing_silence_s = 5.0},
      {.needs_words = true, .max_ending_cost = 2.0, .min_trailing_silence_s = 0.5},
      {.needs_words = true, .max_ending_cost = 8.0, .min_trailing_silence_s = 1.0},
      {.needs_words = true, .max_ending_cost = kInfinity, .min_trailing_silence_s = 2.0},
      {.needs_words = false, .max_ending_cost = kInfinity, .min_utterance_s = 20.0},
  };
}

std::vector<EndpointRule> read_endpoint_rules(ConfigFile& file) {
  std::vector<EndpointRule> rules = default_endpoint_rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    EndpointRule& rule = rules[i];
    const std::string name = "endpoint.rule" + std::to_string(i + 1) + ".";
    const auto at_least_0 = [&](const char* what, double fallback) {
      const double value = file.number(name + what, fallback);
      if (!(value >= 0.0)) file.refuse(name + what, "a number of at least 0");
      return value;
    };
    rule.needs_words = file.boolean(name + "must-contain-nonsilence", rule.needs_words);
    rule.max_ending_cost = at_least_0("max-relative-cost", rule.max_ending_cost);
    rule.min_trailing_silence_s = at_least_0("min-trailing-silence", rule.min_trailing_silence_s);
    rule.min_utterance_s = at_least_0("min-utterance-length", rule.min_utterance_s);
  }
  return rules;
}

}  // namespace

FeatureOptions read_feature_options(const std::filesystem::path& path, bool is_mfcc) {
  ConfigFile file(path);
  FeatureOptions options;
  options.kind = is_mfcc ? FeatureKind::kMfcc : FeatureKind::kLogMel;
  options.sample_rate_hz = file.number("sample-frequency", options.sample_rate_hz);
  options.frame_length_ms = file.number("frame-length", options.frame_length_ms);
  options.frame_shift_ms = file.number("frame-shift", options.frame_shift_ms);
  options.preemphasis = file.number("preemphasis-coefficient", options.preemphasis);
  options.remove_dc_offset = file.boolean("remove-dc-offset", true);
  options.snip_edges = file.boolean("snip-edges", true);
  set_window(file, options);
  constexpr std::int32_t kDefaultBins = 23;
  options.bin_count = file.integer("num-mel-bins", kDefaultBins, 1);
  options.low_freq_hz = file.number("low-freq", options.low_freq_hz);
  options.high_freq_hz = file.number("high-freq", options.high_freq_hz);
  options.use_energy = file.boolean("use-energy", is_mfcc);
  options.raw_energy = file.boolean("raw-energy", true);
  options.energy_floor = file.number("energy-floor", 0.0);
  if (is_mfcc) {
    options.cepstrum_count = file.integer("num-ceps", options.cepstrum_count, 1);
    options.cepstral_lifter = file.number("cepstral-lifter", options.cepstral_lifter);
  } else {
    options.use_power = file.boolean("use-power", true);
    require_default(file, "use-log-fbank", true);
  }
  require_default(file, "round-to-power-of-two", true);
  require_default(file, "htk-compat", false);
  pass_over(file);
  file.refuse_others();
  return options;
}

DecodingOptions read_decoding_options(const std::filesystem::path& path) {
  constexpr std::int32_t kLastSilence = 10;
  DecodingOptions options;
  options.search = {.beam = 13.0F,
                    .lattice_beam = 6.0F,
                    .max_active = 7000,
                    .min_active = 200,
                    .acoustic_scale = 1.0F};
  for (std::int32_t phone = 1; phone <= kLastSilence; ++phone) options.silence_phones.insert(phone);
  options.endpoint_rules = default_endpoint_rules();
  if (path.empty()) return options;
  // Kaldi's own defaults stand for what the file leaves out.
  ConfigFile file(path);
  BeamSearchOptions& search = options.search;
  const auto positive = [&](const char* name, double fallback) {
    const double value = file.number(name, fallback);
    if (!(value > 0.0)) file.refuse(name, "a number above 0");
    return static_cast<float>(value);
  };
  search.beam = positive("beam", 16.0);
  search.lattice_beam = positive("lattice-beam", 10.0);
  search.max_active = file.integer("max-active", std::numeric_limits<std::int32_t>::max(), 1);
  search.min_active = std::min(file.integer("min-active", 200, 1), search.max_active);
  search.acoustic_scale = positive("acoustic-scale", 0.1);
  options.subsampling = file.integer("frame-subsampling-factor", 1, 1);
  constexpr std::int32_t kMostSubsampling = 100;
  if (options.subsampling > kMostSubsampling) {
    file.refuse("frame-subsampling-factor", "at most 100");
  }
  options.silence_phones = read_phones(file, "endpoint.silence-phones");
  options.endpoint_rules = read_endpoint_rules(file);
  return options;
}

}  // namespace harpy::kaldi
