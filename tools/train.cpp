#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "acoustic/training/recipe.hpp"
#include "acoustic/training/trainer.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/sequence_loss/ctc.hpp"
#include "tools/commands.hpp"
#include "tools/train_data.hpp"
#include "tools/train_observer.hpp"
#include "tools/train_transcripts.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

struct TrainCommandOptions {
  fs::path recipe;
  std::vector<fs::path> train;
  std::vector<fs::path> dev;
  fs::path lexicon;
  fs::path output;
  fs::path feature_cache;
  bool resume = false;
  bool refuse_bad_entries = false;
  UnknownWords unknown_words = UnknownWords::kGuess;
  std::int64_t epochs = 0;
  int threads = 0;
  std::string language = "en";
  std::string device = "cpu";
};

/// The package that this training makes, named after its folder.
ModelDescription describe_model(const TrainCommandOptions& options, const Recipe& recipe,
                                const Network& network, const Lexicon& lexicon) {
  ModelDescription model;
  model.name = fs::absolute(options.output / ".").parent_path().filename().string();
  model.version = "1";
  model.language = options.language;
  model.features = recipe.features;
  model.network = recipe.network;
  model.head = network.head_names().front();
  model.units = lexicon.labels().names();
  model.acoustic_file = "acoustic.safetensors";
  model.graph_file = "graph.harpy";
  return model;
}

void check_network(const Network& network, const FeatureExtractor& extractor,
                   const Lexicon& lexicon) {
  if (network.input_dim() != extractor.dim()) {
    throw std::runtime_error("the network takes " + std::to_string(network.input_dim()) +
                             " values a frame, the features have " +
                             std::to_string(extractor.dim()));
  }
  if (network.head_names().size() != 1 || network.head_dim(0) != lexicon.labels().size()) {
    throw std::runtime_error("the network needs one head with " +
                             std::to_string(lexicon.labels().size()) +
                             " outputs, one for each phone of the lexicon and the blank");
  }
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

void train(const TrainCommandOptions& options) {
  Recipe recipe = read_recipe(options.recipe);
  if (options.epochs > 0) recipe.trainer.epochs = options.epochs;
  const fs::path checkpoint = options.output / "checkpoint";
  const bool resuming = options.resume && fs::exists(checkpoint);
  if (!options.resume && fs::exists(checkpoint)) {
    throw std::runtime_error(checkpoint.string() +
                             " is there: give --resume to go on, or another --output");
  }
  fs::create_directories(options.output);

  const int threads = options.threads > 0
                          ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const Lexicon lexicon = Lexicon::read(options.lexicon);
  const FeatureExtractor extractor(recipe.features);
  const auto backend =
      create_backend({.device = parse_device(options.device), .thread_count = threads});
  Network network(*backend, recipe.network, recipe.trainer.seed);
  check_network(network, extractor, lexicon);
  const Augmentation augmentation(recipe.augmentation,
                                  mel_axis(recipe.features, recipe.augmentation, extractor.dim()));

  TranscriptReader transcripts(lexicon, options.unknown_words);
  const auto labels = [&transcripts](const std::string& text) { return transcripts.labels(text); };
  TrainingDataOptions data{.name = "train",
                           .manifests = options.train,
                           .feature_cache = options.feature_cache,
                           .thread_count = threads,
                           .refuse_bad_entries = options.refuse_bad_entries,
                           .subsampling = network.subsampling()};
  const Dataset train_set = load_training_data(data, extractor, labels);
  data.name = "dev";
  data.manifests = options.dev;
  const Dataset dev_set = load_training_data(data, extractor, labels);
  write_rejected(options.output / "rejected.tsv", {&train_set, &dev_set});
  transcripts.write_guessed(options.output / "guessed.dict");

  const LengthGroups groups = length_groups_of(train_set, recipe, network.subsampling());
  Ctc loss(threads);
  Adam optimizer(recipe.optimizer);
  Trainer trainer({.backend = backend.get(),
                   .network = &network,
                   .loss = &loss,
                   .optimizer = &optimizer,
                   .train = {&train_set, &augmentation, &groups, recipe.batch_frames},
                   .validation = &dev_set,
                   .checkpoint = checkpoint},
                  recipe.trainer);
  if (resuming) trainer.resume();

  TrainObserver observer({.folder = options.output,
                          .model = describe_model(options, recipe, network, lexicon),
                          .frame_shift_s = extractor.frame_shift_s(),
                          .done_epochs = trainer.epoch()},
                         *backend, network);
  stop_training_on_signals();
  observer.describe(trainer);
  if (!trainer.run(observer)) {
    throw std::runtime_error("stopped; --resume goes on from " + checkpoint.string());
  }
}

}  // namespace

void add_train_command(CLI::App& program) {
  auto options = std::make_shared<TrainCommandOptions>();
  CLI::App* command =
      program.add_subcommand("train", "Train an acoustic model on recordings with transcripts");
  command->add_option("--recipe", options->recipe, "Features, network and training settings (JSON)")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--train", options->train,
                   "Manifests to train on: JSON lines with audio, text, id, speaker")
      ->required();
  command->add_option("--dev", options->dev, "Manifests to validate on after each epoch")
      ->required();
  command->add_option("--lexicon", options->lexicon, "Pronunciations, in CMUdict's format")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--output", options->output,
                   "Folder for the model, the checkpoint and the log; made if missing")
      ->required();
  command->add_flag("--resume", options->resume,
                    "Go on from the checkpoint in the output folder, if there is one");
  command
      ->add_option("--epochs", options->epochs,
                   "Passes over the data; 0: as many as the recipe says")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--threads", options->threads,
                   "Threads that compute; 0: as many as the machine has cores")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--feature-cache", options->feature_cache,
                      "Folder that keeps computed features between runs; none if not given");
  static const std::map<std::string, UnknownWords> kUnknownWords{{"guess", UnknownWords::kGuess},
                                                                 {"refuse", UnknownWords::kRefuse}};
  command
      ->add_option(
          "--unknown-words", options->unknown_words,
          "Words that the lexicon lacks: guess their sound from its other words, or refuse "
          "the transcript")
      ->transform(CLI::CheckedTransformer(kUnknownWords))
      ->default_str("guess");
  command->add_flag("--strict", options->refuse_bad_entries,
                    "Fail if a manifest entry cannot be used, in place of leaving it out");
  command->add_option("--language", options->language,
                      "Of the recordings, as the model package names it (BCP 47)");
  command->add_option("--device", options->device, "cpu, cuda, cuda:N or auto");
  command->callback([options] { train(*options); });
}

}  // namespace harpy::tools
