#pragma once

#include <filesystem>

#include "acoustic/network.hpp"
#include "kaldi/nnet3/evaluation.hpp"

namespace harpy::kaldi {

/// Makes a network of Harpy's layers of a network of nnet3: it gives, every `subsampling` frames,
/// the outputs `pdfs` of that one, in the head "output".
Network make_network(Backend& backend, const EvaluatedNnet& nnet, std::int64_t subsampling,
                     const std::vector<std::int32_t>& pdfs);

/// Makes a model package of a folder of Kaldi's or Vosk's (docs/kaldi-models.md). The folder
/// `package` is made; files in it are replaced, model.json last.
/// Errors: std::runtime_error naming the file, the place and what is wrong or not supported.
void convert_model(const std::filesystem::path& folder, const std::filesystem::path& package);

}  // namespace harpy::kaldi
