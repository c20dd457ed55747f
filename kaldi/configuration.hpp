#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <vector>

#include "decoder/endpoint.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/feature_options.hpp"
#include "kaldi/model_folder.hpp"

namespace harpy::kaldi {

/// The features that mfcc.conf or fbank.conf describes; dither, which is noise, is left out.
/// Errors: std::runtime_error naming file and line of an option that is not supported.
FeatureOptions read_feature_options(const std::filesystem::path& file, bool is_mfcc);

/// What model.conf says of the search.
struct DecodingOptions {
  BeamSearchOptions search;
  std::int32_t subsampling = 3;           ///< feature frames a frame of the search
  std::set<std::int32_t> silence_phones;  ///< phones between words, by number
  std::vector<EndpointRule> endpoint_rules;
};

/// Without a file these are the values that Vosk takes for packages without one.
/// Errors: std::runtime_error naming file and line.
DecodingOptions read_decoding_options(const std::filesystem::path& file);

}  // namespace harpy::kaldi
