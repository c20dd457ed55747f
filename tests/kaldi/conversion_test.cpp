// Folders of Kaldi's and Vosk's, the packages made of them and where these are kept.
#include "kaldi/conversion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "decoder/language_model/mapped_ngram.hpp"
#include "decoder/word_times.hpp"
#include "frontend/ivector/ivector_file.hpp"
#include "kaldi/configuration.hpp"
#include "kaldi/graph_conversion.hpp"
#include "kaldi/package_cache.hpp"
#include "models/files/checksum.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/model_words.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tests/kaldi/tiny_kaldi_model.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class KaldiModels : public ::testing::Test {
 protected:
  void SetUp() override { write_tiny_kaldi_model(folder_); }

  void expect_missing(const char* what) const {
    EXPECT_THAT([&] { kaldi::convert_model(folder_, package_); },
                ThrowsMessage<std::runtime_error>(HasSubstr(what)));
  }
  kaldi::ConvertedGraph convert(const kaldi::ModelFolder& files) const {
    kaldi::ObjectReader reader(files.model);
    return kaldi::convert_graph(files, kaldi::read_transition_model(reader), {1});
  }
  void expect_refused(const char* why) const {
    EXPECT_THAT([&] { kaldi::convert_model(folder_, package_); },
                ThrowsMessage<std::runtime_error>(HasSubstr(why)));
    EXPECT_FALSE(fs::exists(package_ / "model.json"));
  }
  void write(const char* file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }

  const TemporaryDirectory directory_;
  const fs::path folder_ = directory_.path() / "vosk-model-small-en-us-0.15";
  const fs::path package_ = directory_.path() / "package";
};

TEST_F(KaldiModels, MayHaveTheirGraphElsewhere) {
  kaldi::convert_model(folder_, package_);
  const fs::path tree = directory_.path() / "tree";
  fs::rename(folder_ / "graph", tree);
  expect_missing("HCLG.fst: missing");
  const fs::path other = directory_.path() / "other";
  kaldi::convert_model(folder_, other, {.graph_folder = tree});
  for (const char* const file : {"graph.harpy", "acoustic.safetensors"}) {
    EXPECT_EQ(file_checksum(other / file), file_checksum(package_ / file)) << file;
  }
}

TEST_F(KaldiModels, OfNormalisedFeaturesHaveTheMeansOfTheirTraining) {
  std::string sums;
  for (int d = 0; d < 13; ++d) sums += " " + std::to_string(4 * d);
  write("am/global_cmvn.stats", " [" + sums + " 8\n" + sums + " 0 ]\n");
  kaldi::convert_model(folder_, package_);
  const auto backend = create_backend({});
  const auto model = ModelPackage::load(*backend, package_);
  EXPECT_EQ(model->description().features.normalization, NormalizationKind::kOnline);
  ASSERT_EQ(model->features()->training_means().size(), 13U);
  EXPECT_EQ(model->features()->training_means()[5], 2.5);
}

// As in the decoders that they were made for.
TEST_F(KaldiModels, WeighSilenceAsTheirOwnDecodersDo) {
  const auto weight = [&](const fs::path& folder, const kaldi::ConversionOptions& options = {}) {
    kaldi::convert_model(folder, package_, options);
    return read_ivector_file(package_ / "ivectors.harpy")->options().silence_weight;
  };
  EXPECT_EQ(weight(folder_), 0.001F);
  EXPECT_EQ(weight(folder_, {.silence_weight = 0.25F}), 0.25F);
  const auto backend = create_backend({});
  EXPECT_EQ(ModelPackage::load(*backend, package_)->decoding()->silence_weight, 0.25F);
  fs::rename(folder_ / "ivector", folder_ / "ivector_extractor");
  EXPECT_EQ(weight(folder_), 1.0F);
  EXPECT_FALSE(ModelPackage::load(*backend, package_)->decoding()->silence_weight.has_value());
}

// What frames weigh follows from the blocks of the grid, not from how the samples come.
TEST_F(KaldiModels, ThatWeighSilenceGiveTheSameForAnyCutting) {
  const auto backend = create_backend({});
  const auto load = [&](float silence_weight) {
    kaldi::convert_model(folder_, package_, {.silence_weight = silence_weight});
    return ModelPackage::load(*backend, package_);
  };
  std::mt19937 random(11);
  std::vector<float> samples(3 * 16000);
  for (float& sample : samples) {
    sample = std::uniform_real_distribution<float>(-0.5F, 0.5F)(random);
  }
  const auto recognize = [&](const std::shared_ptr<const ModelPackage>& model, std::size_t piece) {
    Recognizer recognizer(model, {});
    std::string events;
    std::promise<void> ended;
    const auto session = recognizer.open({.max_alternatives = 3}, [&](const SessionEvent& event) {
      std::ostringstream line;
      line << std::hexfloat << static_cast<int>(event.kind) << event.text() << event.end_s;
      for (const Alternative& alternative : event.alternatives) line << alternative.score;
      events += line.str() + "\n";
      if (event.kind == EventKind::kEnd) ended.set_value();
    });
    for (std::size_t at = 0; at < samples.size(); at += piece) {
      session->push(std::span(samples).subspan(at, std::min(piece, samples.size() - at)));
    }
    session->finish();
    ended.get_future().wait();
    return events;
  };
  const auto alike = load(1.0F);
  const auto weighed = load(0.25F);
  const std::string whole = recognize(weighed, samples.size());
  EXPECT_NE(recognize(alike, samples.size()), whole);
  for (const std::size_t piece : {500U, 3001U, 20000U}) {
    EXPECT_EQ(recognize(weighed, piece), whole) << piece;
  }
}

TEST_F(KaldiModels, BecomePackagesThatRecognise) {
  EXPECT_TRUE(kaldi::is_model_folder(folder_));
  kaldi::convert_model(folder_, package_);
  const auto backend = create_backend({});
  const auto model = ModelPackage::load(*backend, package_);
  const ModelDescription& description = model->description();
  EXPECT_EQ(description.name, "vosk-model-small-en-us-0.15");
  EXPECT_EQ(description.language, "en-us");
  EXPECT_EQ(description.version, "0.15");
  EXPECT_EQ(description.search.beam, 12.0F);
  EXPECT_TRUE(description.repeats_edges);
  EXPECT_EQ(model->features()->dim(), 16);
  EXPECT_DOUBLE_EQ(model->frame_s(), 0.03);
  EXPECT_EQ(model->graph().words.names(), (std::vector<std::string>{"<eps>", "ONE"}));

  Recognizer recognizer(model, {});
  std::promise<SessionEvent> ended;
  const auto session = recognizer.open({}, [&](const SessionEvent& event) {
    if (event.kind == EventKind::kEnd || event.kind == EventKind::kError) ended.set_value(event);
  });
  std::vector<float> samples;
  for (int i = 0; i < 16000; ++i) samples.push_back(static_cast<float>(i * 7919 % 1000) / 2000.0F);
  session->push(samples);
  session->finish();
  const SessionEvent end = ended.get_future().get();
  EXPECT_EQ(end.kind, EventKind::kEnd) << end.error;
}

TEST_F(KaldiModels, GiveTheSamePackageInBothForms) {
  kaldi::convert_model(folder_, package_);
  const fs::path text = directory_.path() / "text" / folder_.filename();
  write_tiny_kaldi_model(text, false);
  kaldi::convert_model(text, directory_.path() / "text-package");
  const auto read = [](const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  EXPECT_EQ(read(package_ / "graph.harpy"), read(directory_.path() / "text-package/graph.harpy"));
  EXPECT_EQ(fs::file_size(package_ / "ivectors.harpy"),
            fs::file_size(directory_.path() / "text-package/ivectors.harpy"));
}

TEST_F(KaldiModels, OfTheFlatLayoutAreFoundToo) {
  const fs::path flat = directory_.path() / "flat";
  fs::create_directories(flat);
  fs::copy(folder_ / "ivector", flat / "ivector");
  for (const char* const file : {"am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst",
                                 "graph/words.txt", "graph/phones/word_boundary.int"}) {
    fs::copy(folder_ / file, flat / fs::path(file).filename());
  }
  const kaldi::ModelFolder files = kaldi::find_model_files(flat);
  EXPECT_EQ(files.model, flat / "final.mdl");
  EXPECT_EQ(files.word_boundary, flat / "word_boundary.int");
  EXPECT_TRUE(files.decoding.empty());
  EXPECT_NO_THROW(kaldi::convert_model(flat, package_));
}

TEST_F(KaldiModels, OfKaldisOnlineDecodingAreFoundToo) {
  const fs::path online = directory_.path() / "tdnn_online";
  fs::create_directories(online / "conf");
  fs::copy(folder_ / "ivector", online / "ivector_extractor");
  fs::copy(folder_ / "graph", online / "graph", fs::copy_options::recursive);
  fs::copy(folder_ / "am/final.mdl", online / "final.mdl");
  fs::copy(folder_ / "conf/mfcc.conf", online / "conf/mfcc.conf");
  for (const char* const file : {"splice.conf", "online_cmvn.conf"}) {
    fs::rename(online / "ivector_extractor" / file, online / "conf" / file);
  }
  EXPECT_NO_THROW(kaldi::convert_model(online, package_));
  std::ofstream(online / "ivector_extractor/online_cmvn_iextractor") << "true\n";
  EXPECT_THAT([&] { kaldi::convert_model(online, package_); },
              ThrowsMessage<std::runtime_error>(HasSubstr("i-vectors of normalised features")));
}

TEST_F(KaldiModels, PathsTellPhonesAndWordsWithTheirTimes) {
  const kaldi::ModelFolder files = kaldi::find_model_files(folder_);
  kaldi::ObjectReader reader(files.model);
  const kaldi::TransitionModel transitions = kaldi::read_transition_model(reader);
  const kaldi::ConvertedGraph graph = kaldi::convert_graph(files, transitions, {1});
  const FrameLabels& labels = graph.package.frame_labels;
  // Classes are numbered as the arcs of the graph meet them.
  EXPECT_EQ(graph.pdfs, (std::vector<std::int32_t>{0, 2, 1, 3, 4, 5}));
  const auto input = [&](std::int32_t pdf) {
    return static_cast<std::int32_t>(std::ranges::find(graph.pdfs, pdf) - graph.pdfs.begin()) + 1;
  };
  EXPECT_EQ(labels.label(input(0)), 0) << "silence";
  EXPECT_EQ(graph.package.labels.name(labels.label(input(3))), "A_B");
  // SIL SIL A_B A_B B_E SIL A_B B_E B_E: two words.
  std::vector<PathStep> steps;
  for (const std::int32_t pdf : {0, 1, 2, 3, 4, 0, 2, 4, 5}) {
    const auto frame = static_cast<std::int32_t>(steps.size());
    steps.push_back({.frame = frame, .input = input(pdf), .output = pdf == 2 ? 1 : 0});
  }
  EXPECT_EQ(word_times(steps, graph.package.pronunciations, labels),
            (std::vector<TimedWord>{{1, 2, 5}, {1, 6, 9}}));
  const auto phones = label_times(steps, graph.package.pronunciations, labels);
  ASSERT_EQ(phones.size(), 2U);
  EXPECT_EQ(phones[0], (std::vector<TimedLabel>{{2, 2, 4}, {3, 4, 5}}));
  EXPECT_EQ(phones[1], (std::vector<TimedLabel>{{2, 6, 7}, {3, 7, 9}}));

  // Without word_boundary.int words last until the next one.
  fs::remove(files.word_boundary);
  const kaldi::ConvertedGraph without =
      kaldi::convert_graph(kaldi::find_model_files(folder_), transitions, {1});
  EXPECT_EQ(word_times(steps, without.package.pronunciations, without.package.frame_labels),
            (std::vector<TimedWord>{{1, 2, 6}, {1, 6, 9}}));
}

TEST_F(KaldiModels, GraphsTellHowWordsAreMadeOfPhones) {
  const kaldi::ConvertedGraph graph = convert(kaldi::find_model_files(folder_));
  const GraphPackage& package = graph.package;
  EXPECT_EQ(pronunciations_of(package, 1), (std::vector<Lexicon::Pronunciation>{{2, 3}}));
  EXPECT_EQ(package.frame_labels.silence_label, 1);
  const auto input = [&](std::int32_t pdf) {
    return static_cast<std::int32_t>(std::ranges::find(graph.pdfs, pdf) - graph.pdfs.begin()) + 1;
  };
  std::vector<LabelInputs> expected;
  for (const auto& [before, phone] : std::vector<std::pair<int, int>>{
           {-1, 1}, {-1, 2}, {-1, 3}, {0, 1}, {0, 2}, {1, 2}, {2, 3}, {3, 1}, {3, 2}}) {
    expected.push_back({.before = before,
                        .label = phone,
                        .first = input(2 * phone - 2),
                        .loop = input(2 * phone - 1)});
  }
  EXPECT_EQ(package.frame_labels.label_inputs, expected);

  fs::remove(folder_ / "graph/phones/word_boundary.int");
  const kaldi::ConvertedGraph without = convert(kaldi::find_model_files(folder_));
  EXPECT_TRUE(without.package.frame_labels.label_inputs.empty());
  EXPECT_EQ(without.package.pronunciations.pronunciation_count(1), 0);
}

TEST_F(KaldiModels, WithAGraphInTwoPartsBecomePackagesToo) {
  add_graph_parts(folder_);
  fs::remove(folder_ / "graph/HCLG.fst");
  fs::remove(folder_ / "graph/words.txt");  // Gr.fst names the word
  const kaldi::ConversionReport report = kaldi::convert_model(folder_, package_);
  EXPECT_TRUE(report.is_composed);
  EXPECT_GT(report.arc_count, 10);
  const auto model = ModelPackage::load(*create_backend({}), package_);
  EXPECT_EQ(model->graph().words.names(), (std::vector<std::string>{"<eps>", "ONE"}));
  EXPECT_EQ(pronunciations_of(model->graph(), 1), (std::vector<Lexicon::Pronunciation>{{2, 3}}));
  EXPECT_THAT([&] { kaldi::convert_model(folder_, package_, {.most_arcs = 3}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("it would have more than 3 arcs")));
  fs::remove(folder_ / "graph/disambig_tid.int");
  expect_missing("graph/disambig_tid.int: missing");
}

TEST_F(KaldiModels, RescoreWithTheLanguageModelsThatTheyBring) {
  add_second_pass(folder_);
  fs::create_directories(folder_ / "rnnlm");
  EXPECT_EQ(kaldi::convert_model(folder_, package_).left_out, folder_ / "rnnlm");
  const auto model = ModelPackage::load(*create_backend({}), package_);
  ASSERT_TRUE(model->decoding()->second_pass);
  const MappedNgramModel larger(package_ / model->description().rescoring->language_model);
  EXPECT_EQ(larger.order(), 2);
  EXPECT_NEAR(larger.step(larger.start(), larger.find("ONE")).cost, 0.25, 1e-4);
  const MappedNgramModel of_graph(package_ / model->description().rescoring->graph_language_model);
  EXPECT_NEAR(of_graph.step(of_graph.start(), of_graph.find("ONE")).cost, 0.75, 1e-4);
  fs::remove(folder_ / "rescore/G.fst");
  expect_missing("rescore/G.fst: missing");
}

TEST_F(KaldiModels, EndUtterancesByTheRulesOfTheirConfiguration) {
  const auto rules_with = [&](const std::string& lines) {
    write("conf/model.conf", lines);
    return kaldi::read_decoding_options(folder_ / "conf/model.conf").endpoint_rules;
  };
  const std::vector<EndpointRule> usual = rules_with("");
  ASSERT_EQ(usual.size(), 5U);
  EXPECT_EQ(usual[1], (EndpointRule{.needs_words = true,
                                    .max_ending_cost = 2.0,
                                    .min_trailing_silence_s = 0.5,
                                    .min_utterance_s = 0.0}));
  EXPECT_EQ(usual[4].min_utterance_s, 20.0);
  const std::vector<EndpointRule> own = rules_with(
      "--endpoint.rule2.min-trailing-silence=0.75\n"
      "--endpoint.rule1.must-contain-nonsilence=true\n"
      "--endpoint.rule3.max-relative-cost=6\n"
      "--endpoint.rule5.min-utterance-length=30\n");
  EXPECT_EQ(own[1].min_trailing_silence_s, 0.75);
  EXPECT_TRUE(own[0].needs_words);
  EXPECT_EQ(own[2].max_ending_cost, 6.0);
  EXPECT_EQ(own[4].min_utterance_s, 30.0);
  EXPECT_EQ(own[3], usual[3]);
  kaldi::convert_model(folder_, package_);
  EXPECT_EQ(ModelPackage::load(*create_backend({}), package_)->decoding()->endpoint_rules, own);
  write("conf/model.conf", "--endpoint.rule4.min-trailing-silence=-1\n");
  EXPECT_THAT([&] { kaldi::convert_model(folder_, package_); },
              ThrowsMessage<std::runtime_error>(HasSubstr(
                  "model.conf:1: --endpoint.rule4.min-trailing-silence=-1: expected a number")));
}

TEST_F(KaldiModels, WhatIsNotSupportedOrMissingIsNamed) {
  write("conf/pitch.conf", "");
  expect_refused("conf/pitch.conf: the model listens to pitch too");
  fs::remove(folder_ / "conf/pitch.conf");
  write("am/global_cmvn.stats", " [ 1 2 0\n 1 2 0 ]\n");
  expect_refused("am/global_cmvn.stats: sums over no frames");
  write("am/global_cmvn.stats", " [ 1 2 10\n 1 2 0 ]\n");
  expect_refused("conf/mfcc.conf: features: expected means of 13 features, got 2");
  fs::remove(folder_ / "am/global_cmvn.stats");
  write("graph/words.txt", "<eps> 0\nTWO 8\n");
  expect_refused("graph/HCLG.fst: an arc of state 0 has the output 7, which ");
  write("graph/words.txt", "<eps> 0\nONE seven\n");
  expect_refused("graph/words.txt:2: expected a symbol and its number");
  write("graph/words.txt", "<eps> 0\nONE 7\n");
  write("ivector/online_cmvn.conf", "--norm-vars=true\n");
  expect_refused("online_cmvn.conf:1: --norm-vars=true: expected false");
  write("ivector/online_cmvn.conf", "");
  write("conf/mfcc.conf", "--use-energy=false\n--num-ceps=12\n");
  expect_refused("conf/mfcc.conf: features: expected i-vectors of 12 features, got 13");
  write("conf/mfcc.conf", "--use-energy=false\n");
  fs::rename(folder_ / "ivector", folder_ / "away");
  expect_refused("ivector: missing, which the network needs");
  fs::rename(folder_ / "graph/HCLG.fst", folder_ / "graph/HCLr.fst");
  expect_refused("graph/Gr.fst: missing, which a model of Kaldi or Vosk needs");
  fs::remove(folder_ / "graph/HCLr.fst");
  expect_refused("graph/HCLG.fst: missing, which a model of Kaldi or Vosk needs");
}

TEST_F(KaldiModels, GraphsWithACircleOfEpsilonArcsAreRefusedWithItsState) {
  std::ofstream(folder_ / "graph/HCLG.fst", std::ios::binary).close();
  fs::remove(folder_ / "graph/HCLG.fst");
  write_tiny_kaldi_model(folder_);
  // An arc 0 -> 3 without input closes a circle with 3 -> 0: bytes are changed, as nothing of ours
  // writes such a graph.
  std::fstream file(folder_ / "graph/HCLG.fst", std::ios::binary | std::ios::in | std::ios::out);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  const std::int32_t forward[4] = {2, 0, 0x3f000000, 1};
  const std::int32_t circle[4] = {0, 0, 0x3f000000, 3};
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(forward), 16));
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at));
  file.write(reinterpret_cast<const char*>(circle), 16);
  file.close();
  expect_refused("graph/HCLG.fst: ");
}

class KaldiPackageCache : public KaldiModels {
 protected:
  void SetUp() override {
    KaldiModels::SetUp();
    ::setenv("XDG_CACHE_HOME", (directory_.path() / "cache").c_str(), 1);
  }
  void TearDown() override { ::unsetenv("XDG_CACHE_HOME"); }
};

TEST_F(KaldiPackageCache, KeepsAPackageUntilTheModelChanges) {
  const fs::path first = kaldi::package_of(folder_);
  EXPECT_EQ(first.parent_path(), directory_.path() / "cache/harpy");
  const auto written = fs::last_write_time(first / "model.json");
  EXPECT_EQ(kaldi::package_of(folder_), first);
  EXPECT_EQ(fs::last_write_time(first / "model.json"), written);
  EXPECT_EQ(kaldi::package_of(first), first) << "a package is itself";
  write("conf/model.conf", "--beam=9.0\n--acoustic-scale=1.0\n--frame-subsampling-factor=3\n");
  EXPECT_NE(kaldi::package_of(folder_), first);
}

TEST_F(KaldiPackageCache, StandsBesideTheModelWhereNoFolderIsNamed) {
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(kaldi::package_of(folder_).parent_path(), fs::canonical(directory_.path()));
}

TEST_F(KaldiPackageCache, IsSafeWhenSeveralAskAtOnce) {
  std::vector<fs::path> places(4);
  {
    std::vector<std::jthread> threads;
    for (fs::path& place : places) {
      threads.emplace_back([&] { place = kaldi::package_of(folder_); });
    }
  }
  EXPECT_EQ(std::set<fs::path>(places.begin(), places.end()).size(), 1U);
  EXPECT_NO_THROW(ModelPackage::load(*create_backend({}), places[0]));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path() / "cache/harpy"),
                          fs::directory_iterator()),
            1)
      << "nothing else is left";
}

TEST_F(KaldiPackageCache, LeavesNothingBehindIfTheModelIsBad) {
  write("am/final.mdl", "nothing");
  EXPECT_THROW(kaldi::package_of(folder_), std::runtime_error);
  EXPECT_TRUE(fs::is_empty(directory_.path() / "cache/harpy"));
}

}  // namespace
}  // namespace harpy::testing
