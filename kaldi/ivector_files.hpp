#pragma once

#include <filesystem>
#include <memory>

#include "frontend/ivector/ivector_extractor.hpp"

namespace harpy::kaldi {

/// Reads the i-vector extractor of a folder: final.ie, final.dubm, final.mat, global_cmvn.stats,
/// splice.conf, online_cmvn.conf; the last two may be in a folder conf beside it. `options` are
/// those that no file tells. Errors: std::runtime_error naming the file, the place and what is
/// wrong or not supported.
std::shared_ptr<const IvectorExtractor> read_ivector_files(const std::filesystem::path& folder,
                                                           IvectorOptions options = {});

}  // namespace harpy::kaldi
