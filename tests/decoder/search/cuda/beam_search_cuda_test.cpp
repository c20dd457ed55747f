
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/device/search_batches.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"

// What only a GPU can show: the search there gives the CPU's bits.

namespace harpy {
namespace {

using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::flat;
using testing::random_graph;
using testing::random_scores;
using testing::RandomCase;
using testing::run_search;
using testing::Scores;
using testing::search_in_batches;

/// The first CUDA device, or the CPU where there is none.
Device cuda_device() {
  for (const Device& device : available_devices()) {
    if (device.kind == DeviceKind::kCuda) return device;
  }
  return {};
}

class CudaBeamSearch : public ::testing::Test {
 protected:
  void SetUp() override {
    const Device device = cuda_device();
    if (device.kind == DeviceKind::kCpu)
      GTEST_SKIP() << "needs a CUDA device: " << find_devices().cuda_obstacle;
    backend_ = create_backend({.device = device});
  }

  std::unique_ptr<BeamSearch> make_search(std::shared_ptr<const DecodingGraph> graph,
                                          const BeamSearchOptions& options) {
    return make_device_beam_search(std::move(graph), options, *backend_, form_);
  }

  /// Expects the CPU's paths and lattice, in one batch of utterances cut in pieces.
  void expect_cpus_bits(const std::shared_ptr<const DecodingGraph>& graph,
                        const BeamSearchOptions& options, const std::vector<Scores>& utterances) {
    const auto search = make_search(graph, options);
    const auto streams = search_in_batches(*search, utterances, 7);
    const auto on_cpu = make_cpu_beam_search(graph, options);
    for (std::size_t i = 0; i < utterances.size(); ++i) {
      SCOPED_TRACE(i);
      const auto expected = run_search(*on_cpu, utterances[i], 16);
      for (const bool final : {false, true}) {
        expect_same_path(search->best_path(*streams[i], final),
                         on_cpu->best_path(*expected, final));
      }
      if (options.keep_lattice) {
        expect_same_lattice(search->lattice(*streams[i]), on_cpu->lattice(*expected));
      }
    }
  }

  std::unique_ptr<Backend> backend_;
  LaneForm form_ = kUsualLaneForm;
};

TEST_F(CudaBeamSearch, GivesTheCpusBitsOnSmallRandomGraphs) {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    BeamSearchOptions options = random.options;
    options.keep_lattice = seed % 2 == 0;
    options.lattice_beam = 3.0F;
    form_ = seed % 4 < 2 ? LaneForm::kWide : LaneForm::kPaired;
    expect_cpus_bits(random.graph, options, {random.scores});
  }
}

TEST_F(CudaBeamSearch, GivesTheCpusBitsOnAWideGraphWithManyTies) {
  std::mt19937 random(1);
  const auto graph = random_graph(random, {.state_count = 60000,
                                           .pdf_count = 60,
                                           .arcs_per_state = 8,
                                           .epsilon_probability = 0.05,
                                           .coarse_costs = true});
  std::vector<Scores> utterances;
  for (const std::size_t frames : {3U, 40U, 65U, 1U}) {
    utterances.push_back(random_scores(random, frames, 60, true));
  }
  // Frames whose tables fit into shared memory, and frames whose tables do not.
  for (const std::int32_t max_active : {200, 2000, 20000}) {
    for (const bool keep_lattice : {false, true}) {
      SCOPED_TRACE(max_active);
      form_ = keep_lattice == (max_active == 2000) ? LaneForm::kPaired : LaneForm::kWide;
      expect_cpus_bits(graph,
                       {.beam = 9.0F,
                        .lattice_beam = 2.0F,
                        .max_active = max_active,
                        .min_active = 50,
                        .keep_lattice = keep_lattice},
                       utterances);
    }
  }
}

TEST_F(CudaBeamSearch, GivesTheSameBitsForManyStreamsAtOnceAsForOne) {
  std::mt19937 random(3);
  const auto graph = random_graph(
      random,
      {.state_count = 3000, .pdf_count = 40, .arcs_per_state = 5, .epsilon_probability = 0.2});
  std::vector<Scores> utterances;
  for (std::size_t i = 0; i < 300; ++i) {
    utterances.push_back(random_scores(random, 1 + i % 50, 40, false));
  }
  expect_cpus_bits(graph, {.beam = 10.0F, .max_active = 500, .min_active = 20}, utterances);
}

TEST_F(CudaBeamSearch, ReadsScoresWhereTheBackendLeftThem) {
  std::mt19937 random(4);
  const auto graph = random_graph(random, {.state_count = 100, .pdf_count = 10});
  const Scores scores = random_scores(random, 33, 10, false);
  const BeamSearchOptions options{.beam = 8.0F, .max_active = 50, .min_active = 5};
  const auto search = make_search(graph, options);
  const auto stream = search->open();
  const Tensor on_device = backend_->from_host(Shape{33, 10}, flat(scores, 0, scores.size()));
  const SearchInput input{stream.get(), on_device.view()};
  search->advance({&input, 1});
  const auto on_cpu = make_cpu_beam_search(graph, options);
  expect_same_path(search->best_path(*stream, true),
                   on_cpu->best_path(*run_search(*on_cpu, scores, 8), true));
}

class CudaGoldenSearch : public CudaBeamSearch,
                         public ::testing::WithParamInterface<std::string> {};

TEST_P(CudaGoldenSearch, GivesTheCpusBitsInEverySetting) {
  if (!testing::has_golden_search(GetParam())) {
    GTEST_SKIP() << "needs the folder ../shared";
  }
  const testing::GoldenCorpus corpus = testing::load_golden_search(GetParam());
  std::vector<Scores> utterances;
  for (const auto& [id, utterance] : corpus.utterances) utterances.push_back(utterance.scores);
  for (const std::string setting : {"wide/1.0", "narrow/0.5", "tight/1.0"}) {
    for (const bool keep_lattice : {false, true}) {
      SCOPED_TRACE(setting);
      BeamSearchOptions options = corpus.settings.at(setting);
      options.keep_lattice = keep_lattice;
      if (keep_lattice) utterances.resize(std::min<std::size_t>(utterances.size(), 6));
      expect_cpus_bits(corpus.graph, options, utterances);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Corpora, CudaGoldenSearch, ::testing::Values("small", "mono", "biphone"),
                         [](const auto& parameter) { return parameter.param; });

TEST(CudaBeamSearchOnTheCpu, IsRefused) {
  std::mt19937 random(1);
  const auto backend = create_backend({.device = Device{}});
  EXPECT_THROW(make_device_beam_search(random_graph(random, {}), {}, *backend),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy
