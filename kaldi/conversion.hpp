#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "acoustic/network.hpp"
#include "kaldi/graph_conversion.hpp"
#include "kaldi/nnet3/evaluation.hpp"

namespace harpy::kaldi {

/// Makes a network of Harpy's layers of a network of nnet3: it gives, every `subsampling` frames,
/// the outputs `pdfs` of that one, in the head "output".
Network make_network(Backend& backend, const EvaluatedNnet& nnet, std::int64_t subsampling,
                     const std::vector<std::int32_t>& pdfs);

/// What the files of a model leave open.
struct ConversionOptions {
  /// Limits graphs that are composed of two parts.
  std::size_t most_arcs = kMostComposedArcs;
  /// How much silent frames count in i-vectors (IvectorOptions). Absent: 0.001 in Vosk's packages,
  /// 1 in Kaldi's folders, which is what their own decoders do.
  std::optional<float> silence_weight = std::nullopt;
  /// Where the graph's files lie; empty: in the model's folder, or in its folder graph.
  std::filesystem::path graph_folder = {};
};

/// What a conversion made.
struct ConversionReport {
  bool is_composed = false;  ///< of a graph in two parts
  std::int64_t state_count = 0;
  std::int64_t arc_count = 0;
  double graph_seconds = 0.0;      ///< that reading or composing the graph took
  std::filesystem::path left_out;  ///< what the package does without; empty: nothing
};

/// Makes a model package of a folder of Kaldi's or Vosk's (docs/kaldi-models.md). The folder
/// `package` is made; files in it are replaced, model.json last.
/// Errors: std::runtime_error naming the file, the place and what is wrong or not supported.
ConversionReport convert_model(const std::filesystem::path& folder,
                               const std::filesystem::path& package,
                               const ConversionOptions& options = {});

}  // namespace harpy::kaldi
