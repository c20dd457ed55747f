// harpy train as a program: what it takes, what it refuses, what it leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "acoustic/network_file.hpp"
#include "service/recognizer/model_description.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tone_words.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::read_bytes;
using harpy::testing::run_harpy;
using harpy::testing::ToneWords;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TrainCommand : public ::testing::Test {
 protected:
  TrainCommand() : data_(directory_.path() / "data") {
    utterances_ = data_.record("train", 24);
    train_ = data_.manifest("train.jsonl", utterances_);
    dev_ = data_.manifest("dev.jsonl", data_.record("dev", 4));
  }

  std::filesystem::path model(const std::string& name) const {
    return directory_.path() / "model" / name;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(data_.path(name).parent_path());
    std::ofstream(data_.path(name)) << text;
    return data_.path(name);
  }
  std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{
        "train", "--recipe", data_.path("recipe.json").string(),     "--train",   train_, "--dev",
        dev_,    "--output", (directory_.path() / output_).string(), "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProgramResult train(std::vector<std::string> more = {}) const {
    if (std::find(more.begin(), more.end(), "--spell") == more.end()) {
      more.insert(more.end(), {"--lexicon", data_.path("lexicon.dict").string()});
    }
    return run_harpy(arguments(more));
  }
  /// Fails with this exit code and a last line that holds `text`.
  static void expect_refused(const ProgramResult& result, const std::string& text, int code = 1) {
    EXPECT_EQ(result.exit_code, code) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(text));
  }
  /// On the development set, of all epochs.
  double least_label_error_rate() const {
    std::ifstream log(model("log.tsv"));
    std::string line;
    std::getline(log, line);
    double least = 1.0;
    while (std::getline(log, line)) {
      std::istringstream fields(line);
      std::vector<double> values(8);
      for (double& value : values) fields >> value;
      least = std::min(least, values[7]);
    }
    return least;
  }
  static std::string last_line(const std::string& text) {
    std::istringstream stream(text);
    std::string line;
    for (std::string next; std::getline(stream, next);) line = next;
    return line;
  }

  harpy::testing::TemporaryDirectory directory_;
  ToneWords data_;
  std::vector<ToneWords::Utterance> utterances_;
  std::string train_;
  std::string dev_;
  std::string output_ = "model";
};

TEST_F(TrainCommand, LeavesAModelALogAReportAndACheckpoint) {
  const ProgramResult result = train({"--epochs", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  for (const char* name : {"model.json", "acoustic.safetensors", "checkpoint", "log.tsv",
                           "report.html", "rejected.tsv", "guessed.dict"}) {
    EXPECT_TRUE(std::filesystem::exists(model(name))) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(model("checkpoint.compact")));
  EXPECT_THAT(result.errors, AllOf(HasSubstr("train: 24 utterances"), HasSubstr("0 left out"),
                                   HasSubstr("epoch 2: loss"), HasSubstr("(best)")));
  EXPECT_THAT(read_bytes(model("report.html")),
              AllOf(HasSubstr("Best network: epoch"), HasSubstr("24 utterances, 0 left out")));
  EXPECT_THAT(read_bytes(model("model.json")), HasSubstr("\"name\": \"model\""));
}

TEST_F(TrainCommand, LearnsTheToneLanguage) {
  const ProgramResult result = train({"--epochs", "40"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_LT(least_label_error_rate(), 0.35);
}

TEST_F(TrainCommand, MixesRecordingsInWhichNobodySpeaksIntoSpeechAndTrainsOnThem) {
  std::vector<ToneWords::Utterance> backgrounds = data_.record("background", 3);
  for (ToneWords::Utterance& background : backgrounds) background.text.clear();
  const std::string listed = data_.manifest("background.jsonl", backgrounds);
  std::string recipe = read_bytes(data_.path("recipe.json"));
  recipe.insert(recipe.find('{') + 1, R"("loss": {"kind": "lattice_free_mmi", "order": 2},)");
  recipe.replace(recipe.find("\"augmentation\": {"), std::string("\"augmentation\": {").size(),
                 R"("augmentation": {"background_probability": 0.5, "babble_probability": 0.5, )");
  write("recipe.json", recipe);
  expect_refused(train({"--epochs", "1"}), "--background");
  const ProgramResult result = train({"--epochs", "1", "--background", listed});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("train: 27 utterances"));
}

TEST_F(TrainCommand, KeepsDistortedCopiesBesideTheRecordings) {
  std::string recipe = read_bytes(data_.path("recipe.json"));
  recipe.replace(recipe.find("\"augmentation\": {"), std::string("\"augmentation\": {").size(),
                 R"("augmentation": {"distortion_probability": 0.5, )");
  write("recipe.json", recipe);
  const std::filesystem::path cache = directory_.path() / "cache";
  const ProgramResult result = train({"--epochs", "1", "--feature-cache", cache.string()});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  std::size_t packs = 0;
  for (const auto& file : std::filesystem::directory_iterator(cache)) {
    packs += file.path().extension() == ".features" ? 1U : 0U;
  }
  EXPECT_EQ(packs, 3U);  // train, train distorted, dev
}

TEST_F(TrainCommand, LearnsTheToneLanguageByLatticeFreeMmi) {
  std::string recipe = read_bytes(data_.path("recipe.json"));
  recipe.insert(recipe.find('{') + 1,
                R"("loss": {"kind": "lattice_free_mmi", "order": 2, "ctc_weight": 0.2},)");
  write("recipe.json", recipe);
  const ProgramResult result = train({"--epochs", "40"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_LT(least_label_error_rate(), 0.35);
}

TEST_F(TrainCommand, BeginsFromTheWeightsOfAnotherModel) {
  ASSERT_EQ(train({"--epochs", "20"}).exit_code, 0);
  const std::filesystem::path initial = directory_.path() / output_;
  output_ = "tuned";
  const std::string good = read_bytes(initial / "model.json");
  std::string other = good;
  other.replace(other.find("\"A\""), 3, "\"Q\"");
  std::ofstream(initial / "model.json") << other;
  expect_refused(train({"--initial", initial.string(), "--epochs", "1"}),
                 "model.json: its units are not those");

  std::ofstream(initial / "model.json") << good;
  const ProgramResult result = train({"--initial", initial.string(), "--epochs", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto first_dev_loss = [](const std::filesystem::path& folder) {
    std::ifstream log(folder / "log.tsv");
    std::string header;
    std::getline(log, header);
    std::vector<double> values(7);
    for (double& value : values) log >> value;
    return values[6];
  };
  EXPECT_LT(first_dev_loss(directory_.path() / output_), 0.8 * first_dev_loss(initial));
}

TEST_F(TrainCommand, KeepsFrozenLayersAndBeginsTheOutputAnew) {
  ASSERT_EQ(train({"--epochs", "2"}).exit_code, 0);
  const std::string initial = (directory_.path() / output_).string();
  output_ = "adapted";
  expect_refused(train({"--initial", initial, "--freeze", "99"}), "--freeze: the network's trunk");
  expect_refused(train({"--initial", initial, "--freeze", "some"}), "--freeze", 2);
  expect_refused(train({"--freeze", "trunk"}), "--initial", 2);
  const auto adapt = [&](const std::string& epochs) {
    return train({"--initial", initial, "--freeze", "trunk", "--reset-output", "--compact",
                  "--resume", "--epochs", epochs});
  };
  ASSERT_EQ(adapt("1").exit_code, 0);
  std::filesystem::remove(directory_.path() / "adapted" / "checkpoint");
  const ProgramResult adapted = adapt("2");
  ASSERT_EQ(adapted.exit_code, 0) << adapted.errors;
  const auto backend = create_backend({});
  const auto values = [&](const std::string& folder) {
    const ModelDescription model =
        read_model_description(directory_.path() / folder / "model.json");
    Network network(*backend, model.network, 7);
    read_network_file(directory_.path() / folder / model.acoustic_file, *backend,
                      network.tensors());
    std::map<std::string, std::vector<float>> all;
    for (const NamedTensor& named : network.tensors()) {
      all[named.name] = backend->to_host(*named.tensor);
    }
    return all;
  };
  const auto after = values("adapted");
  for (const auto& [name, before] : values("model")) {
    if (name.find("bias") != std::string::npos && !name.starts_with("trunk.")) continue;
    EXPECT_EQ(after.at(name) == before, name.starts_with("trunk.")) << name;
  }
}

TEST_F(TrainCommand, GivesPairsOfPhonesOutputsOfTheirOwnBehindThoseOfAnotherModel) {
  ASSERT_EQ(train({"--epochs", "30"}).exit_code, 0);
  const std::string initial = (directory_.path() / output_).string();
  output_ = "pairs";
  std::string recipe = read_bytes(data_.path("recipe.json"));
  recipe.insert(recipe.find('{') + 1, R"("biphone_count": 12, )");
  recipe.replace(recipe.find(R"("output_dim": 4)"), 15, R"("output_dim": "units")");
  write("recipe.json", recipe);
  ASSERT_EQ(train({"--epochs", "20", "--initial", initial}).exit_code, 0);
  const std::string pairs = (directory_.path() / output_).string();
  EXPECT_THAT(read_bytes(std::filesystem::path(pairs) / "model.json"),
              AllOf(HasSubstr("\"B\""), HasSubstr("\"B-E\"")));

  write("lm.arpa",
        "\\data\\\nngram 1=6\n\n\\1-grams:\n-1 </s>\n-99 <s>\n-0.7 BEE\n-0.7 ABE\n-0.7 EBB\n"
        "-0.7 BAE\n\n\\end\\\n");
  const std::string graph = pairs + "/graph.harpy";
  const ProgramResult compiled =
      run_harpy({"graph", "--model", pairs, "--lexicon", data_.path("lexicon.dict").string(),
                 "--language-model", data_.path("lm.arpa").string(), "--output", graph});
  ASSERT_EQ(compiled.exit_code, 0) << compiled.errors;
  const double seconds = data_.record_text("heard", "BEE ABE");
  EXPECT_GT(seconds, 0.0);
  const ProgramResult heard =
      run_harpy({"transcribe", "--model", pairs, data_.audio("heard").string()});
  EXPECT_THAT(heard.output, HasSubstr("BEE ABE")) << heard.errors;

  // A model with pairs keeps them in further training.
  output_ = "tuned";
  ASSERT_EQ(train({"--epochs", "1", "--initial", pairs}).exit_code, 0);
  EXPECT_THAT(read_bytes(directory_.path() / "tuned" / "model.json"), HasSubstr("\"B-E\""));
}

TEST_F(TrainCommand, ListsAndSkipsEveryKindOfBadUtterance) {
  data_.record_text("short", "BEE");
  write("audio/text.wav", "Dear reader, this is not a recording.\n");
  write("audio/empty.wav", "");
  const std::vector<float> nothing;
  harpy::testing::write_sound(data_.audio("silent"), {.sample_rate_hz = 8000}, nothing);
  const std::string good = read_bytes(train_);
  const std::string bad =
      R"({"id": "missing", "audio": "audio/nowhere.wav", "text": "BEE"}
{"id": "no text", "audio": "audio/short.wav"}
{"id": "blank text", "audio": "audio/short.wav", "text": "  "}
{"id": "too long", "audio": "audio/short.wav", "text": "BEE BEE BEE BEE BEE BEE BEE BEE BEE"}
{"id": "unknown", "audio": "audio/short.wav", "text": "BEE XYZ"}
{"id": "no audio", "audio": "audio/text.wav", "text": "BEE"}
{"id": "no bytes", "audio": "audio/empty.wav", "text": "BEE"}
{"id": "no samples", "audio": "audio/silent.wav", "text": "BEE"}
{"id": "beyond", "audio": "audio/short.wav", "text": "BEE", "start": 60, "end": 61}
)";
  train_ = write("mixed.jsonl", good + bad);
  const ProgramResult result = train({"--epochs", "1", "--unknown-words", "refuse"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("train: 24 utterances"));
  EXPECT_THAT(result.errors, HasSubstr("9 left out"));
  const std::string rejected = read_bytes(model("rejected.tsv"));
  for (const auto& [id, reason] : {std::pair{"missing", "nowhere.wav"},
                                   {"no text", "no transcript"},
                                   {"blank text", "transcript without labels"},
                                   {"too long", "transcript needs"},
                                   {"unknown", "not in the lexicon: XYZ"},
                                   {"no audio", "text.wav"},
                                   {"no bytes", "empty.wav"},
                                   {"no samples", "shorter than one frame"},
                                   {"beyond", "before the stretch asked for"}}) {
    EXPECT_THAT(rejected, ::testing::ContainsRegex("mixed.jsonl:[0-9]+\t" + std::string(id) +
                                                   "\t[^\n]*" + reason));
    EXPECT_THAT(result.errors, HasSubstr(std::string("(") + id + "): "));
  }

  expect_refused(train({"--resume", "--unknown-words", "refuse", "--strict"}),
                 "train: 9 utterances cannot be used");
}

TEST_F(TrainCommand, RefusesManifestsAndRecipesThatAreNone) {
  const std::string good = train_;
  train_ = write("bad.jsonl", read_bytes(good) + "not JSON\n");
  expect_refused(train(), "bad.jsonl:25: not JSON");
  train_ = write("bad.jsonl", "{\"audio\": \"a.wav\", \"start\": 2, \"end\": 1}\n");
  expect_refused(train(), "bad.jsonl:1: 'end' is not after 'start'");
  train_ = write("bad.jsonl", "{\"id\": \"a\"}\n");
  expect_refused(train(), "bad.jsonl:1: no field 'audio'");
  train_ = write("bad.jsonl", "\n");
  expect_refused(train(), "train: no utterance can be used");
  train_ = data_.path("nowhere.jsonl").string();
  expect_refused(train(), "nowhere.jsonl: cannot be opened");
  train_ = good;
  write("recipe.json", "{\"network\": {}, \"epoch\": 3}");
  expect_refused(train(), "unknown field \"epoch\"");
  write("recipe.json", "{");
  expect_refused(train(), "recipe.json: recipe: not JSON");
}

TEST_F(TrainCommand, RefusesANetworkThatDoesNotFitTheDataInOneLine) {
  std::string recipe = read_bytes(data_.path("recipe.json"));
  const std::string four = "\"output_dim\": 4";
  write("recipe.json", recipe.replace(recipe.find(four), four.size(), "\"output_dim\": 5"));
  const ProgramResult result = train();
  expect_refused(result, "needs one head with 4 outputs");
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
}

TEST_F(TrainCommand, TakesAKaldiDirectoryAndTrainsTheSameOnIt) {
  ASSERT_EQ(train({"--epochs", "1"}).exit_code, 0);
  const std::string from_manifest = read_bytes(model("acoustic.safetensors"));
  std::filesystem::remove_all(directory_.path() / "model");

  std::string recordings;
  std::string texts;
  for (const auto& [id, text, duration_s] : utterances_) {
    recordings += id + " " + data_.audio(id).string() + "\n";
    texts += id + " " + text + "\n";
  }
  write("kaldi/wav.scp", recordings);
  write("kaldi/text", texts);
  train_ = data_.path("kaldi").string();
  const ProgramResult result = train({"--epochs", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(read_bytes(model("acoustic.safetensors")), from_manifest);

  write("kaldi/wav.scp", recordings + "piped sox a.wav -t wav - |\n");
  expect_refused(train({"--resume"}), "wav.scp:25: recording piped is the output of a command");
}

TEST_F(TrainCommand, TrainsOnTheSegmentsOfAKaldiDirectory) {
  const double seconds = data_.record_text("tape", "BEE ABE EBB BAE");
  write("kaldi/wav.scp", "tape " + data_.audio("tape").string() + "\n");
  write("kaldi/segments", "a tape 0 0.34\nb tape 0.33 0.67\nc tape 0.67 -1\nd tape 0.9 " +
                              std::to_string(seconds + 5.0) + "\n");
  write("kaldi/text", "a BEE\nb ABE\nc EBB BAE\nd BAE\n");
  write("kaldi/utt2spk", "a s\nb s\nc s\nd s\n");
  train_ = data_.path("kaldi").string();
  const ProgramResult result = train({"--epochs", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("train: 4 utterances"));
}

TEST_F(TrainCommand, SpellsWordsInPlaceOfALexicon) {
  // The letters A, B and E are the labels, as many as the lexicon's phones.
  dev_ = data_.manifest("spelled.jsonl", {{data_.record("dev", 4)[0].id, "bae", 0.0},
                                          {data_.record("dev", 4)[1].id, "CAB", 0.0}});
  const ProgramResult result = train({"--epochs", "1", "--spell"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(read_bytes(model("model.json")), HasSubstr("\"A\", \"B\", \"E\""));
  EXPECT_THAT(read_bytes(model("rejected.tsv")), HasSubstr("cannot be spelled: CAB"));
  EXPECT_EQ(run_harpy(arguments()).exit_code, 2);
  EXPECT_EQ(
      run_harpy(arguments({"--spell", "--lexicon", data_.path("lexicon.dict").string()})).exit_code,
      2);
}

TEST_F(TrainCommand, GoesOnFromACompactCheckpointAlone) {
  ASSERT_EQ(train({"--epochs", "2", "--compact"}).exit_code, 0);
  ASSERT_TRUE(std::filesystem::exists(model("checkpoint.compact")));
  std::filesystem::remove(model("checkpoint"));
  const ProgramResult result = train({"--epochs", "3", "--resume"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("2 epochs done"));
  EXPECT_THAT(result.errors, HasSubstr("epoch 3: loss"));
  EXPECT_THAT(read_bytes(model("log.tsv")), HasSubstr("\n3\t"));
}

TEST_F(TrainCommand, TrainsByGradientDescentAndResumesItExactly) {
  std::string recipe = read_bytes(data_.path("recipe.json"));
  const std::string peak = "\"learning_rate\": {\"peak\": 0.01";
  write("recipe.json",
        recipe.replace(recipe.find(peak), peak.size(),
                       R"("optimizer": {"kind": "sgd"}, "learning_rate": {"decay": "constant",
                          "peak": 0.05)"));
  ASSERT_EQ(train({"--epochs", "3"}).exit_code, 0);
  std::ifstream log(model("log.tsv"));
  std::string line;
  std::vector<double> train_losses;
  while (std::getline(log, line)) {
    std::istringstream fields(line);
    std::vector<double> values(5);
    for (double& value : values) fields >> value;
    if (fields) train_losses.push_back(values[4]);
  }
  ASSERT_EQ(train_losses.size(), 3U);
  EXPECT_LT(train_losses[2], 0.9 * train_losses[0]);

  const std::string unstopped = read_bytes(model("checkpoint"));
  output_ = "stopped";
  ASSERT_EQ(train({"--epochs", "2"}).exit_code, 0);
  ASSERT_EQ(train({"--epochs", "3", "--resume"}).exit_code, 0);
  EXPECT_TRUE(read_bytes(directory_.path() / output_ / "checkpoint") == unstopped);
}

TEST_F(TrainCommand, PlaysRecordingsAtOtherSpeedsAndKeepsTheirFeatures) {
  std::string recipe = read_bytes(data_.path("recipe.json"));
  const std::string tempo = "\"tempo_range\": 0.1";
  write("recipe.json",
        recipe.replace(recipe.find(tempo), tempo.size(), "\"speed\": [0.9, 1.0, 1.1]"));
  const std::string cache = (directory_.path() / "cache").string();
  const ProgramResult result = train({"--epochs", "1", "--feature-cache", cache});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::string weights = read_bytes(model("acoustic.safetensors"));
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(cache)) {
    files += file.is_regular_file() ? 1U : 0U;
  }
  EXPECT_EQ(files, 4U);  // the training set at three speeds, the development set at one
  std::filesystem::remove_all(directory_.path() / "model");
  ASSERT_EQ(train({"--epochs", "1", "--feature-cache", cache}).exit_code, 0);
  EXPECT_EQ(read_bytes(model("acoustic.safetensors")), weights);
}

TEST_F(TrainCommand, CountsWordErrorsWithAGraph) {
  write("lm.arpa",
        "\\data\\\nngram 1=6\n\n\\1-grams:\n-1 </s>\n-99 <s>\n-0.7 BEE\n-0.7 ABE\n-0.7 EBB\n"
        "-0.7 BAE\n\n\\end\\\n");
  const std::string graph = data_.path("graph.harpy").string();
  const ProgramResult compiled =
      run_harpy({"graph", "--lexicon", data_.path("lexicon.dict").string(), "--language-model",
                 data_.path("lm.arpa").string(), "--output", graph});
  ASSERT_EQ(compiled.exit_code, 0) << compiled.errors;
  const ProgramResult result = train({"--epochs", "3", "--graph", graph, "--graph-interval", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("dev word errors"));
  EXPECT_THAT(read_bytes(model("report.html")), HasSubstr("words at 3"));
  EXPECT_THAT(read_bytes(model("report.html")), Not(HasSubstr("words at 1:")));

  write("lexicon.dict", "BEE X Y Z\n");
  std::filesystem::remove_all(directory_.path() / "model");
  expect_refused(train({"--graph", graph}), "its labels are not those trained");
}

}  // namespace
}  // namespace harpy
