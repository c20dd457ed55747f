#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <boost/json/object.hpp>

#include "acoustic/optimizers/adam.hpp"
#include "acoustic/training/augmentation.hpp"
#include "acoustic/training/trainer.hpp"
#include "frontend/feature_options.hpp"

namespace harpy {

/// How a model is trained, all but the data: one JSON file (docs/training.md).
///
/// {"features": {...}, "network": {...}, "optimizer": {...}, "learning_rate": {...},
/// "augmentation": {...},
///  "batch_frames": 16000, "length_groups": 64, "epochs": 20, "seed": 1, "average_decay": 0.999,
///  "gradient_norm_limit": 1}.
/// All but `network` may be left out and then have the defaults of the structures here.
struct Recipe {
  FeatureOptions features;      ///< fields are those of FeatureOptions
  boost::json::object network;  ///< description of the network, for its constructor
  AdamOptions optimizer;
  AugmentationOptions augmentation;
  std::int64_t batch_frames = 16000;  ///< see BatchSource
  std::int64_t length_groups = 64;    ///< see LengthGroupsOptions
  TrainerOptions trainer;
};

/// Errors: std::runtime_error naming the file and what is wrong: not JSON, a field that is missing,
/// unknown or impossible.
Recipe read_recipe(const std::filesystem::path& path);

/// The same from text. Errors: std::invalid_argument.
Recipe parse_recipe(std::string_view text);

}  // namespace harpy
