#include "acoustic/training/recipe.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Recipe, NeedsOnlyANetwork) {
  const Recipe recipe = parse_recipe(R"({"network": {"input_dim": 80}})");
  EXPECT_EQ(recipe.network.at("input_dim"), 80);
  EXPECT_EQ(recipe.features, FeatureOptions());
  EXPECT_EQ(recipe.trainer.epochs, TrainerOptions().epochs);
  EXPECT_EQ(recipe.augmentation.time_masks, AugmentationOptions().time_masks);
}

TEST(Recipe, TheNumberOfUnitsIsPutIntoTheHeads) {
  Recipe recipe = parse_recipe(R"({"network": {"heads": {"ctc": [
      {"type": "linear", "output_dim": 8}, {"type": "linear", "output_dim": "units"},
      {"type": "log_softmax"}]}}})");
  set_unit_count(recipe.network, 123);
  const auto& layers = recipe.network.at("heads").at("ctc").as_array();
  EXPECT_EQ(layers[0].at("output_dim"), 8);
  EXPECT_EQ(layers[1].at("output_dim"), 123);
  Recipe without = parse_recipe(R"({"network": {"heads": [{"output_dim": "units"}]}})");
  const auto before = without.network;
  set_unit_count(without.network, 123);
  EXPECT_EQ(without.network, before);
}

TEST(Recipe, ReadsEveryField) {
  const Recipe recipe = parse_recipe(R"({
    "network": {}, "features": {"kind": "log_mel", "bin_count": 40, "snip_edges": false},
    "optimizer": {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.25},
    "learning_rate": {"peak": 0.125, "warmup_steps": 7, "decay": "exponential", "final_ratio": 0.5},
    "augmentation": {"response_range": 1.5, "noise_probability": 0.5,
      "band_limit_probability": 0.25, "reverberation_probability": 0.75, "quiet_probability": 1.0,
      "background_probability": 0.375, "babble_probability": 0.625,
      "tempo_range": 0.25, "frequency_warp_range": 0.125, "level_range": 3,
      "time_masks": 4, "time_mask_frames": 5, "time_mask_fraction": 0.5,
      "frequency_masks": 6, "frequency_mask_bins": 7},
    "biphone_count": 14, "batch_frames": 800, "microbatches": 4, "length_groups": 9, "epochs": 10, "seed": 11, "average_decay": 0.5,
    "gradient_norm_limit": 12, "patience": 13, "fixed_statistics": true})");
  EXPECT_EQ(recipe.features.bin_count, 40);
  EXPECT_FALSE(recipe.features.snip_edges);
  EXPECT_EQ(std::get<AdamOptions>(recipe.optimizer).beta1, 0.5F);
  EXPECT_EQ(std::get<AdamOptions>(recipe.optimizer).beta2, 0.75F);
  EXPECT_EQ(std::get<AdamOptions>(recipe.optimizer).epsilon, 0.25F);
  EXPECT_EQ(recipe.trainer.learning_rate.peak, 0.125F);
  EXPECT_EQ(recipe.trainer.learning_rate.warmup_steps, 7);
  EXPECT_EQ(recipe.trainer.learning_rate.decay, LearningRateDecay::kExponential);
  EXPECT_EQ(recipe.trainer.learning_rate.final_ratio, 0.5F);
  EXPECT_EQ(recipe.augmentation.tempo_range, 0.25);
  EXPECT_EQ(recipe.augmentation.frequency_warp_range, 0.125);
  EXPECT_EQ(recipe.augmentation.level_range, 3.0);
  EXPECT_EQ(recipe.augmentation.time_masks, 4);
  EXPECT_EQ(recipe.augmentation.time_mask_frames, 5);
  EXPECT_EQ(recipe.augmentation.time_mask_fraction, 0.5);
  EXPECT_EQ(recipe.augmentation.frequency_masks, 6);
  EXPECT_EQ(recipe.augmentation.frequency_mask_bins, 7);
  EXPECT_EQ(recipe.augmentation.channel.response_range, 1.5);
  EXPECT_EQ(recipe.augmentation.channel.noise_probability, 0.5);
  EXPECT_EQ(recipe.augmentation.channel.band_limit_probability, 0.25);
  EXPECT_EQ(recipe.augmentation.channel.reverberation_probability, 0.75);
  EXPECT_EQ(recipe.augmentation.channel.quiet_probability, 1.0);
  EXPECT_EQ(recipe.augmentation.background.recording_probability, 0.375);
  EXPECT_EQ(recipe.augmentation.background.babble_probability, 0.625);
  EXPECT_EQ(recipe.biphone_count, 14);
  EXPECT_EQ(recipe.batch_frames, 800);
  EXPECT_EQ(recipe.trainer.microbatches, 4);
  EXPECT_EQ(recipe.length_groups, 9);
  EXPECT_EQ(recipe.trainer.epochs, 10);
  EXPECT_EQ(recipe.trainer.seed, 11U);
  EXPECT_EQ(recipe.trainer.average_decay, 0.5);
  EXPECT_EQ(recipe.trainer.gradient_norm_limit, 12.0);
  EXPECT_EQ(recipe.trainer.patience, 13);
  EXPECT_TRUE(recipe.trainer.fixed_statistics);
  EXPECT_TRUE(recipe.speeds.empty());
}

TEST(Recipe, DistortsAPartOfTheUtterances) {
  EXPECT_EQ(parse_recipe(R"({"network": {}})").distortion_probability, 0.0);
  EXPECT_EQ(parse_recipe(R"({"network": {}, "augmentation": {"distortion_probability": 0.5}})")
                .distortion_probability,
            0.5);
  EXPECT_THROW(parse_recipe(R"({"network": {}, "augmentation": {"distortion_probability": 1.5}})"),
               std::invalid_argument);
}

TEST(Recipe, SpeedsTakeThePlaceOfTempoAndFrequencyWarp) {
  const Recipe speeds =
      parse_recipe(R"({"network": {}, "augmentation": {"speed": [0.875, 1, 1.125]}})");
  EXPECT_THAT(speeds.speeds, ::testing::ElementsAre(0.875, 1.125));
  EXPECT_EQ(speeds.augmentation.tempo_range, 0.0);
  EXPECT_EQ(speeds.augmentation.frequency_warp_range, 0.0);
  EXPECT_EQ(speeds.augmentation.level_range, AugmentationOptions().level_range);
  const Recipe both =
      parse_recipe(R"({"network": {}, "augmentation": {"speed": [1.0], "tempo_range": 0.25}})");
  EXPECT_TRUE(both.speeds.empty());
  EXPECT_EQ(both.augmentation.tempo_range, 0.25);
}

TEST(Recipe, NamesTheFieldOfEveryMistake) {
  const auto error_of = [](const std::string& text) {
    try {
      parse_recipe(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("network"));
  const auto with = [&](const std::string& field) {
    return error_of(R"({"network": {}, )" + field + "}");
  };
  EXPECT_THAT(with(R"("epoch": 3)"), HasSubstr("unknown field \"epoch\""));
  EXPECT_THAT(with(R"("epochs": 0)"), HasSubstr("epochs"));
  EXPECT_THAT(with(R"("features": 1)"), HasSubstr("features"));
  EXPECT_THAT(with(R"("features": {"bins": 3})"), HasSubstr("features"));
  EXPECT_THAT(with(R"("optimizer": {"beta": 1})"),
              AllOf(HasSubstr("optimizer"), HasSubstr("beta")));
  EXPECT_THAT(with(R"("learning_rate": {"decay": "slow"})"),
              AllOf(HasSubstr("learning_rate"), HasSubstr("decay")));
  EXPECT_THAT(with(R"("learning_rate": {"peak": 0})"), HasSubstr("peak"));
  for (const char* speed : {"[0.9, 1.1]", "[1, 3]", "[1, 0.1]", "[1, \"fast\"]", "1", "[]"}) {
    EXPECT_THAT(with(std::string(R"("augmentation": {"speed": )") + speed + "}"),
                AllOf(HasSubstr("augmentation"), HasSubstr("speed")))
        << speed;
  }
  EXPECT_THAT(with(R"("patience": -1)"), HasSubstr("patience"));
  EXPECT_THAT(with(R"("augmentation": {"noise_probability": 2})"),
              AllOf(HasSubstr("augmentation"), HasSubstr("noise_probability")));
  EXPECT_THAT(with(R"("augmentation": {"tempo_range": -1})"),
              AllOf(HasSubstr("augmentation"), HasSubstr("tempo_range")));
}

TEST(Recipe, ChoosesTheOptimizer) {
  const auto optimizer = [](const std::string& fields) {
    return parse_recipe(R"({"network": {}, "optimizer": {)" + fields + "}}").optimizer;
  };
  EXPECT_TRUE(std::holds_alternative<AdamOptions>(optimizer("")));
  EXPECT_TRUE(std::holds_alternative<AdamOptions>(optimizer(R"("kind": "adam")")));
  EXPECT_EQ(std::get<SgdOptions>(optimizer(R"("kind": "sgd")")).momentum, SgdOptions().momentum);
  const auto sgd = optimizer(R"("kind": "sgd", "momentum": 0.5)");
  EXPECT_EQ(std::get<SgdOptions>(sgd).momentum, 0.5F);
  EXPECT_NE(dynamic_cast<const Sgd*>(make_optimizer({.optimizer = sgd}).get()), nullptr);
  EXPECT_NE(dynamic_cast<const Adam*>(make_optimizer({}).get()), nullptr);
  EXPECT_THROW(optimizer(R"("kind": "lbfgs")"), std::invalid_argument);
  EXPECT_THROW(optimizer(R"("kind": "sgd", "beta1": 0.5)"), std::invalid_argument);
}

TEST(Recipe, ChoosesTheLoss) {
  const auto loss = [](const std::string& fields) {
    return parse_recipe(R"({"network": {}, "loss": {)" + fields + "}}").loss;
  };
  EXPECT_TRUE(std::holds_alternative<CtcLossOptions>(parse_recipe(R"({"network": {}})").loss));
  EXPECT_TRUE(std::holds_alternative<CtcLossOptions>(loss("")));
  EXPECT_TRUE(std::holds_alternative<CtcLossOptions>(loss(R"("kind": "ctc")")));
  const LatticeFreeMmiLossOptions defaults;
  const auto plain = std::get<LatticeFreeMmiLossOptions>(loss(R"("kind": "lattice_free_mmi")"));
  EXPECT_EQ(plain.order, defaults.order);
  EXPECT_EQ(plain.contexts, defaults.contexts);
  EXPECT_EQ(plain.ctc_weight, defaults.ctc_weight);
  const auto chosen = std::get<LatticeFreeMmiLossOptions>(
      loss(R"("kind": "lattice_free_mmi", "order": 4, "contexts": 70, "ctc_weight": 0.25)"));
  EXPECT_EQ(chosen.order, 4);
  EXPECT_EQ(chosen.contexts, 70);
  EXPECT_EQ(chosen.ctc_weight, 0.25F);
  for (const char* bad :
       {R"("kind": "mpe")", R"("kind": 3)", R"("order": 3)", R"("kind": "ctc", "contexts": 3)"}) {
    EXPECT_THROW(loss(bad), std::invalid_argument) << bad;
  }
  for (const char* bad : {R"("order": 0)", R"("order": 7)", R"("order": 2.5)", R"("contexts": -1)",
                          R"("ctc_weight": -1)", R"("ctc_weight": "much")", R"("ngrams": 9)"}) {
    EXPECT_THROW(loss(R"("kind": "lattice_free_mmi", )" + std::string(bad)), std::invalid_argument)
        << bad;
  }
  EXPECT_THROW(parse_recipe(R"({"network": {}, "loss": "ctc"})"), std::invalid_argument);
}

TEST(Recipe, MelAxisIsThatOfTheFeatures) {
  FeatureOptions features;
  EXPECT_EQ(mel_axis(features, {}, 80).high_hz, 8000.0);
  features.low_freq_hz = 60.0;
  features.high_freq_hz = -400.0;
  const MelAxis axis = mel_axis(features, {}, 80);
  EXPECT_EQ(axis.low_hz, 60.0);
  EXPECT_EQ(axis.high_hz, 7600.0);
  EXPECT_EQ(axis.bins, 80);
  features.kind = FeatureKind::kMfcc;
  EXPECT_THROW(mel_axis(features, {}, 13), std::invalid_argument);
  AugmentationOptions none;
  none.frequency_warp_range = 0.0;
  none.level_range = 0.0;
  EXPECT_EQ(mel_axis(features, none, 13).bins, 13);
  none.channel.noise_probability = 0.5;
  EXPECT_THROW(mel_axis(features, none, 13), std::invalid_argument);
  none.channel.noise_probability = 0.0;
  none.background.babble_probability = 0.5;
  EXPECT_THROW(mel_axis(features, none, 13), std::invalid_argument);
}

TEST(Recipe, NamesTheFile) {
  const testing::TemporaryDirectory directory;
  const auto error_of = [](const std::filesystem::path& path) {
    try {
      read_recipe(path);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error_of(directory.path() / "none.json"), HasSubstr("none.json"));
  std::ofstream(directory.path() / "bad.json") << "{}";
  EXPECT_THAT(error_of(directory.path() / "bad.json"),
              AllOf(HasSubstr("bad.json"), HasSubstr("network")));
}

}  // namespace
}  // namespace harpy
