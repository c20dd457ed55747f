#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "acoustic/training/recipe.hpp"
#include "acoustic/training/trainer.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/sequence_loss/ctc.hpp"
#include "models/files/printed.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/stop_signal.hpp"
#include "tools/train/criterion.hpp"
#include "tools/train/initial_weights.hpp"
#include "tools/train/train_observer.hpp"
#include "tools/train/train_options.hpp"
#include "tools/train/train_ranks.hpp"
#include "tools/train/training_data.hpp"
#include "tools/train/training_units.hpp"
#include "tools/train/transcript_labels.hpp"
#include "tools/train/word_error_meter.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

std::string folder_name(const fs::path& folder) {
  return fs::absolute(folder / ".").parent_path().filename().string();
}

/// The package that this training makes, named after its folder.
ModelDescription describe_model(const TrainCommandOptions& options, const Recipe& recipe,
                                const Network& network, const TrainingUnits& units) {
  ModelDescription model;
  model.name = folder_name(options.output);
  model.version = "1";
  model.language = options.language;
  model.features = recipe.features;
  model.network = recipe.network;
  model.head = network.head_names().front();
  model.units = units.names;
  model.acoustic_file = "acoustic.safetensors";
  model.graph_file = "graph.harpy";
  return model;
}

/// Whether a word is UTF-8; utterances with other words are left out later, by name.
bool can_be_spelled(const std::string& word, const LexiconOptions& how) {
  try {
    Lexicon::spell(std::span(&word, 1), how);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// The lexicon asked for: a file, or the characters of the words trained on.
Lexicon make_lexicon(const TrainCommandOptions& options, const EntryLists& lists) {
  LexiconOptions how;
  how.letter_case = options.letter_case;
  if (!options.spell) return Lexicon::read(options.lexicon, how);
  std::set<std::string> words;
  for (const EntryList& entries : lists) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::istringstream text(entries[i].text);
      words.insert(std::istream_iterator<std::string>(text), {});
    }
  }
  std::erase_if(words, [&how](const std::string& word) { return !can_be_spelled(word, how); });
  return Lexicon::spell(std::vector<std::string>(words.begin(), words.end()), how);
}

void check_network(const Network& network, const FeatureExtractor& extractor,
                   const TrainingUnits& units) {
  if (network.input_dim() != extractor.dim()) {
    throw std::runtime_error("the network takes " + std::to_string(network.input_dim()) +
                             " values a frame, the features have " +
                             std::to_string(extractor.dim()));
  }
  const auto unit_count = static_cast<std::int64_t>(units.names.size());
  if (network.head_names().size() != 1 || network.head_dim(0) != unit_count) {
    throw std::runtime_error("the network needs one head with " + std::to_string(unit_count) +
                             " outputs, the blank and one for each phone (or character)" +
                             (units.contexts.empty() ? "" : " and pair of them"));
  }
}

/// The number of layers that --freeze names. Errors: std::runtime_error if the trunk has less.
std::int64_t frozen_layers(const std::string& wanted, const Network& network) {
  const std::int64_t all = network.trunk_layer_count();
  if (wanted == "trunk") return all;
  const std::int64_t count = wanted.empty() ? 0 : std::stoll(wanted);
  if (count > all) {
    throw std::runtime_error("--freeze: the network's trunk has " + std::to_string(all) +
                             " layers, not " + wanted);
  }
  return count;
}

LengthGroups length_groups_of(const Dataset& dataset, const Recipe& recipe,
                              std::int64_t subsampling) {
  const auto utterances = dataset.utterances();
  const auto [shortest, longest] = std::minmax_element(
      utterances.begin(), utterances.end(),
      [](const auto& a, const auto& b) { return a.frame_count < b.frame_count; });
  return LengthGroups({.shortest_frames = shortest->frame_count,
                       .longest_frames = longest->frame_count,
                       .multiple = subsampling,
                       .count = recipe.length_groups});
}

std::string set_summary(const Dataset& set, const FeatureExtractor& extractor) {
  return printed("%.2f hours in %zu utterances, %zu left out",
                 static_cast<double>(set.frame_count()) * extractor.frame_shift_s() / 3600.0,
                 set.utterances().size(), set.rejected().size());
}

TrainingReportFacts report_facts(const TrainCommandOptions& options, Network& network,
                                 const Dataset& train_set, const Dataset& dev_set,
                                 const FeatureExtractor& extractor) {
  std::ifstream recipe(options.recipe);
  return {.title = "Training of " + folder_name(options.output),
          .facts = {{"Parameters", printed("%.2f million",
                                           1e-6 * static_cast<double>(network.parameter_count()))},
                    {"Training set", set_summary(train_set, extractor)},
                    {"Development set", set_summary(dev_set, extractor)},
                    {"Outputs", std::to_string(network.head_dim(0)) + ", blank included"}},
          .recipe = {std::istreambuf_iterator<char>(recipe), {}},
          .log_file = "log.tsv"};
}

/// Follows the training at the ranks that neither show nor write anything.
class SilentObserver : public TrainingObserver {
 public:
  bool step_done(const StepReport&) override { return !is_stop_requested(); }
  void epoch_done(const EpochReport&) override {}
  void checkpoint_written() override {}
};

Recipe make_recipe(const TrainCommandOptions& options, std::int64_t rank_count) {
  Recipe recipe = read_recipe(options.recipe);
  if (options.epochs > 0) recipe.trainer.epochs = options.epochs;
  recipe.trainer.checkpoint_interval_s = options.checkpoint_interval_s;
  if (recipe.augmentation.background.recording_probability > 0.0 && options.background.empty()) {
    throw std::runtime_error(options.recipe.string() +
                             ": background_probability needs recordings in which nobody speaks: "
                             "give --background");
  }
  if (recipe.trainer.microbatches % rank_count != 0) {
    throw std::runtime_error(options.recipe.string() + ": " + std::to_string(rank_count) +
                             " processes need a multiple of " + std::to_string(rank_count) +
                             " as microbatches, not " +
                             std::to_string(recipe.trainer.microbatches));
  }
  return recipe;
}

void check_folders(const TrainCommandOptions& options, const fs::path& checkpoint,
                   std::int64_t rank_count) {
  if (!options.resume && fs::exists(checkpoint)) {
    throw std::runtime_error(checkpoint.string() +
                             " is there: give --resume to go on, or another --output");
  }
  if (rank_count > 1 && options.feature_cache.empty()) {
    throw std::runtime_error(
        "several processes share the features: give --feature-cache, a folder that all of them "
        "see");
  }
  fs::create_directories(options.output);
  if (!options.feature_cache.empty()) fs::create_directories(options.feature_cache);
}

void train(const TrainCommandOptions& options, TrainRanks& all) {
  Recipe recipe = make_recipe(options, all.ranks().count());
  const fs::path checkpoint = options.output / "checkpoint";
  const fs::path compact_checkpoint = options.output / "checkpoint.compact";
  check_folders(options, checkpoint, all.ranks().count());

  const int threads = all.threads(options.threads);
  EntryListOptions how{.is_strict = options.refuse_bad_entries, .folder = options.feature_cache};
  EntryLists train_lists = read_entry_lists(options.train, how);
  EntryLists dev_lists = read_entry_lists(options.dev, how);
  const Lexicon lexicon = make_lexicon(options, train_lists);
  const FeatureExtractor extractor(recipe.features);
  const Computing computing = all.computing(options.computing);
  tell_fallback(computing);
  const auto backend = create_backend(
      {.device = computing.device, .thread_count = threads, .precision = computing.precision});
  TranscriptLabels transcripts(
      lexicon, options.spell ? UnknownWords::kSpell : options.unknown_words, options.letter_case);
  const auto labels = [&transcripts](const std::string& text) { return transcripts.labels(text); };
  const TrainingUnits units = choose_units(lexicon, train_lists, labels, recipe.biphone_count,
                                           options.reset_output ? fs::path() : options.initial);
  set_unit_count(recipe.network, static_cast<std::int64_t>(units.names.size()));
  Network network(*backend, recipe.network, recipe.trainer.seed);
  check_network(network, extractor, units);
  if (!options.initial.empty()) {
    read_initial_weights(options.initial, options.reset_output, *backend, units, network);
  }
  network.freeze_trunk(frozen_layers(options.freeze, network));
  const ModelDescription model = describe_model(options, recipe, network, units);
  std::optional<WordErrorMeter> word_error_meter;
  if (!options.graph.empty()) {
    word_error_meter.emplace(options.graph, SymbolTable(units.names), model.search,
                             options.letter_case);
  }

  how.is_background = true;
  for (EntryList& list : read_entry_lists(options.background, how)) {
    train_lists.push_back(std::move(list));
  }
  TrainingDataOptions data{.name = "train",
                           .lists = std::move(train_lists),
                           .feature_cache = options.feature_cache,
                           .speeds = recipe.speeds,
                           .distorted = recipe.distortion_probability > 0.0,
                           .thread_count = threads,
                           .refuse_bad_entries = options.refuse_bad_entries,
                           .subsampling = network.subsampling(),
                           .ranks = &all.ranks()};
  const Dataset train_set = load_training_data(data, extractor, labels);
  data.name = "dev";
  data.lists = std::move(dev_lists);
  data.speeds.clear();
  data.distorted = false;
  const Dataset dev_set = load_training_data(data, extractor, labels);
  if (all.is_first()) {
    write_rejected(options.output / "rejected.tsv", {&train_set, &dev_set});
    transcripts.write_unknown(options.output / "guessed.dict");
  }

  const Augmentation augmentation(recipe.augmentation,
                                  mel_axis(recipe.features, recipe.augmentation, extractor.dim()),
                                  &train_set);
  const LengthGroups groups = length_groups_of(train_set, recipe, network.subsampling());
  const TrainingCriterion criterion =
      make_criterion(recipe, {.train_set = train_set,
                              .contexts = units.contexts,
                              .label_count = lexicon.labels().size(),
                              .thread_count = threads});
  Ctc validation_loss(threads, units.contexts);
  const auto optimizer = make_optimizer(recipe);
  const std::unique_ptr<Ranks> device_ranks = all.device_ranks(computing);
  Trainer trainer({.backend = backend.get(),
                   .network = &network,
                   .loss = criterion.loss.get(),
                   .optimizer = optimizer.get(),
                   .train = {&train_set, &augmentation, &groups, recipe.batch_frames,
                             recipe.distortion_probability},
                   .validation = &dev_set,
                   .checkpoint = checkpoint,
                   .compact_checkpoint = options.compact ? compact_checkpoint : fs::path(),
                   .validation_loss = &validation_loss,
                   .validation_decoder = criterion.decoder,
                   .ranks = device_ranks ? device_ranks.get() : &all.ranks()},
                  recipe.trainer);
  if (options.resume && fs::exists(checkpoint)) {
    trainer.resume();
  } else if (options.resume && fs::exists(compact_checkpoint)) {
    trainer.resume_compact(compact_checkpoint);
  }
  std::unique_ptr<TrainingObserver> observer = std::make_unique<SilentObserver>();
  if (all.is_first()) {
    auto shown = std::make_unique<TrainObserver>(
        TrainObserverOptions{
            .folder = options.output,
            .model = model,
            .report = report_facts(options, network, train_set, dev_set, extractor),
            .frame_shift_s = extractor.frame_shift_s(),
            .done_epochs = trainer.epoch(),
            .word_errors = {.meter = word_error_meter ? &*word_error_meter : nullptr,
                            .dev_set = &dev_set,
                            .interval_epochs = options.graph_interval_epochs,
                            .last_epoch = recipe.trainer.epochs}},
        *backend, network);
    shown->describe(trainer);
    observer = std::move(shown);
  }
  all.end_preparation();
  note_stop_signals();
  if (!trainer.run(*observer)) {
    throw SharedError("stopped; --resume goes on from " + checkpoint.string());
  }
}

}  // namespace

void add_train_command(CLI::App& program) {
  auto options = std::make_shared<TrainCommandOptions>();
  CLI::App* command =
      program.add_subcommand("train", "Train an acoustic model on recordings with transcripts");
  add_train_options(*command, *options);
  command->callback([options] {
    if (options->lexicon.empty() && !options->spell) {
      throw CLI::RequiredError("--lexicon or --spell");
    }
    TrainRanks().run([&options](TrainRanks& all) { train(*options, all); });
  });
}

}  // namespace harpy::tools
