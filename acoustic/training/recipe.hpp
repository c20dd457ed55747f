#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "acoustic/optimizers/adam.hpp"
#include "acoustic/optimizers/sgd.hpp"
#include "acoustic/training/augmentation.hpp"
#include "acoustic/training/trainer.hpp"
#include "frontend/feature_options.hpp"

namespace harpy {

/// Connectionist temporal classification.
struct CtcLossOptions {};

/// Lattice-free MMI against an n-gram model of the training set's labels.
struct LatticeFreeMmiLossOptions {
  std::int64_t order = 3;       ///< labels in the longest n-grams
  std::int64_t contexts = 500;  ///< most contexts of two labels or more in the model
  float ctc_weight = 0.1F;      ///< part of the CTC loss that is added
};

/// All that decides how a model is trained, except for the data. It is one JSON file:
///
/// {"features": {...}, "network": {...}, "loss": {...}, "optimizer": {...}, "learning_rate": {...},
/// "augmentation": {...}, "biphone_count": 0,
///  "batch_frames": 16000, "microbatches": 1, "length_groups": 64, "epochs": 20, "seed": 1,
///  "average_decay": 0.999, "gradient_norm_limit": 1, "patience": 0,
///  "fixed_statistics": false}.
/// All but `network` may be left out and then have the defaults of the structures here.
struct Recipe {
  FeatureOptions features;      ///< fields are those of FeatureOptions
  boost::json::object network;  ///< description of the network, for its constructor
  /// Two neighbouring labels that occur so often in the training transcripts have an output of the
  /// network of their own, which scores the second behind the first (left biphones). More: fewer
  /// and better trained outputs; 0: none, the outputs are the labels.
  std::int64_t biphone_count = 0;
  /// Chosen by the field `kind`, which is ctc (the default) or lattice_free_mmi.
  std::variant<CtcLossOptions, LatticeFreeMmiLossOptions> loss;
  std::variant<AdamOptions, SgdOptions> optimizer;  ///< by the field `kind`: adam (default), sgd
  AugmentationOptions augmentation;
  /// Speeds besides 1 at which the recordings themselves are played; one of all is drawn for each
  /// utterance and epoch. If there are some, tempo_range and frequency_warp_range are 0 unless
  /// given. From the field `speed` of `augmentation`, such as [0.9, 1.0, 1.1].
  std::vector<double> speeds;
  /// Part of the utterances that are distorted (distortion.hpp), which a copy of the recordings
  /// serves. A field of `augmentation`.
  double distortion_probability = 0.0;
  std::int64_t batch_frames = 16000;  ///< see BatchSource
  std::int64_t length_groups = 64;    ///< see LengthGroupsOptions
  TrainerOptions trainer;
};

/// Errors: std::runtime_error naming the file and what is wrong: not JSON, a field that is missing,
/// unknown or impossible.
Recipe read_recipe(const std::filesystem::path& path);

/// The same from text. Errors: std::invalid_argument.
Recipe parse_recipe(std::string_view text);

/// Puts the number of the network's outputs into its description, wherever that says "output_dim":
/// "units".
void set_unit_count(boost::json::object& network, std::int64_t unit_count);

std::unique_ptr<Optimizer> make_optimizer(const Recipe& recipe);

/// The mel scale of features, for their augmentation. Errors: std::invalid_argument if the features
/// are not plain log-mel energies but the options warp or shift such.
MelAxis mel_axis(const FeatureOptions& features, const AugmentationOptions& augmentation,
                 std::int64_t dim);

}  // namespace harpy
