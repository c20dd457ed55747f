#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "decoder/search/search_stream.hpp"
#include "tests/decoder/search/golden_search.hpp"

namespace harpy {
namespace {

using namespace token_passing;

constexpr std::int64_t kTenMinutesFrames = 20'000;  // of 30 ms
constexpr std::int64_t kTwoHoursFrames = 240'000;
constexpr std::int64_t kBlockFrames = 20;
constexpr float kScale = 0.7F;  // what makes scores that a float does not hold

/// The scores of all utterances, one after another and from the start again.
class EndlessScores {
 public:
  explicit EndlessScores(const testing::GoldenCorpus& corpus)
      : pdf_count_(corpus.graph->view().pdf_count) {
    for (const auto& [id, utterance] : corpus.utterances) {
      for (const auto& frame : utterance.scores) {
        values_.insert(values_.end(), frame.begin(), frame.end());
      }
    }
    // A block that begins before the end goes on beyond it.
    frame_count_ = static_cast<std::int64_t>(values_.size()) / pdf_count_;
    values_.insert(values_.end(), values_.begin(), values_.begin() + kBlockFrames * pdf_count_);
  }

  ConstTensorView frames(std::int64_t begin, std::int64_t count) const {
    return {values_.data() + begin % frame_count_ * pdf_count_, Shape{count, pdf_count_}};
  }

 private:
  std::int64_t pdf_count_;
  std::int64_t frame_count_ = 0;
  std::vector<float> values_;
};

/// The Viterbi recursion over all states in double precision; nothing is pruned.
class DoubleSearch {
 public:
  explicit DoubleSearch(const GraphView& graph)
      : graph_(graph),
        by_level_(static_cast<std::size_t>(graph.state_count)),
        costs_(by_level_.size(), kUnreached) {
    std::iota(by_level_.begin(), by_level_.end(), 0U);
    std::sort(by_level_.begin(), by_level_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return graph.epsilon_level[a] < graph.epsilon_level[b];
    });
    costs_[static_cast<std::size_t>(graph.start)] = 0.0;
    follow_epsilon();
  }

  void advance(const float* scores) {
    std::vector<double>& next = next_costs_;
    next.assign(costs_.size(), kUnreached);
    for (std::size_t state = 0; state < costs_.size(); ++state) {
      for (std::uint32_t i = graph_.arc_begin[state]; i < graph_.epsilon_begin[state]; ++i) {
        const Arc& arc = graph_.arcs[i];
        double& cost = next[static_cast<std::size_t>(arc.target)];
        cost = std::min(cost, costs_[state] + arc.cost - double{kScale} * scores[arc.input - 1]);
      }
    }
    costs_.swap(next);
    follow_epsilon();
  }

  double final_cost() const {
    double best = kUnreached;
    for (std::size_t state = 0; state < costs_.size(); ++state) {
      best = std::min(best, costs_[state] + graph_.final_cost[state]);
    }
    return best;
  }

 private:
  static constexpr double kUnreached = std::numeric_limits<double>::infinity();

  void follow_epsilon() {
    for (const std::uint32_t state : by_level_) {
      for (std::uint32_t i = graph_.epsilon_begin[state]; i < graph_.arc_begin[state + 1]; ++i) {
        double& cost = costs_[static_cast<std::size_t>(graph_.arcs[i].target)];
        cost = std::min(cost, costs_[state] + graph_.arcs[i].cost);
      }
    }
  }

  GraphView graph_;
  std::vector<std::uint32_t> by_level_;
  std::vector<double> costs_;
  std::vector<double> next_costs_;
};

/// What a stream holds beside the steps of the path that is decided, which are its answer.
std::size_t resting_bytes(const SearchStream& stream) {
  const auto& resting = dynamic_cast<const RestingStream&>(stream);
  return resting.active.capacity() * sizeof(ActiveToken) +
         resting.past.history.capacity() * sizeof(HistoryToken);
}

TEST(LongStream, TwoHoursCostWhatTheyDoInDoublePrecisionAndKeepNoMoreThanTenMinutes) {
  if (!testing::has_golden_search("small")) GTEST_SKIP() << "needs the folder ../shared";
  const testing::GoldenCorpus corpus = testing::load_golden_search("small");
  BeamSearchOptions options = corpus.settings.at("wide/1.0");
  options.acoustic_scale = kScale;
  const auto search = make_cpu_beam_search(corpus.graph, options);
  const auto stream = search->open();
  const EndlessScores scores(corpus);
  DoubleSearch expected(corpus.graph->view());
  std::size_t bytes_in_ten_minutes = 0;
  std::size_t bytes_in_two_hours = 0;
  for (std::int64_t frame = 0; frame < kTwoHoursFrames; frame += kBlockFrames) {
    const ConstTensorView block = scores.frames(frame, kBlockFrames);
    const SearchInput input{stream.get(), block};
    search->advance({&input, 1});
    for (std::int64_t i = 0; i < kBlockFrames; ++i) {
      expected.advance(block.data + i * block.dim());
    }
    std::size_t& bytes = frame < kTenMinutesFrames ? bytes_in_ten_minutes : bytes_in_two_hours;
    bytes = std::max(bytes, resting_bytes(*stream));
  }
  const BestPath path = search->best_path(*stream, true);
  ASSERT_TRUE(path.reached_final);
  EXPECT_GT(std::abs(path.cost), 1e5);
  EXPECT_NEAR(path.cost, expected.final_cost(), 1e-3);
  RecordProperty("cost_difference", std::to_string(path.cost - expected.final_cost()));
  EXPECT_EQ(std::count_if(path.steps.begin(), path.steps.end(),
                          [](const PathStep& step) { return step.input != 0; }),
            kTwoHoursFrames);
  EXPECT_GT(bytes_in_ten_minutes, 0U);
  EXPECT_LE(bytes_in_two_hours, bytes_in_ten_minutes + bytes_in_ten_minutes / 2);
}

}  // namespace
}  // namespace harpy
