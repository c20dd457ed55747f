#include "acoustic/training/microbatch_sum.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "tests/acoustic/training/thread_ranks.hpp"

namespace harpy {
namespace {

using testing::ThreadRanks;

/// A network with two parameters, of which microbatch i has the gradient 2^i, and two statistics,
/// which it adds i + 1 to.
class Microbatches {
 public:
  Microbatches(Ranks& ranks, std::int64_t count)
      : network_(*backend_,
                 boost::json::parse(R"({"input_dim": 1,
          "trunk": [{"type": "batch_norm"}], "heads": {"a": []}})")
                     .as_object(),
                 1),
        ranks_(ranks),
        count_(count / ranks.count()) {
    network_.prepare_training(*backend_);
  }

  /// Carries out a minibatch of these shares; the gradient and the statistic that are left.
  std::pair<float, float> carry_out(const std::vector<double>& shares) {
    MicrobatchSum sum(*backend_, network_, ranks_, count_);
    sum.begin();
    for (std::int64_t i = 0; i < count_; ++i) {
      const std::int64_t index = ranks_.rank() * count_ + i;
      sum.begin_microbatch();
      Parameter& parameter = *network_.learning_parameters()[0];
      EXPECT_EQ(backend_->to_host(parameter.gradient)[0], 0.0F);
      backend_->fill(static_cast<float>(1 << index), parameter.gradient);
      Tensor& statistic = network_.learning_statistics()[0]->value;
      backend_->add_scaled(static_cast<float>(index + 1),
                           backend_->from_host({1}, std::vector<float>{1.0F}), statistic);
      sum.end_microbatch(shares[static_cast<std::size_t>(index)]);
    }
    sum.finish();
    return {backend_->to_host(network_.learning_parameters()[0]->gradient)[0],
            backend_->to_host(network_.learning_statistics()[0]->value)[0]};
  }

 private:
  std::unique_ptr<Backend> backend_ = create_backend({});
  Network network_;
  Ranks& ranks_;
  std::int64_t count_;
};

TEST(MicrobatchSum, SumsGradientsAndAveragesStatisticsByShares) {
  const std::vector<double> shares{0.5, 0.0, 0.25, 0.0, 0.125, 0.125};
  for (const std::int64_t rank_count : {1, 2, 3, 6}) {
    ThreadRanks::run(rank_count, [&](Ranks& ranks) {
      Microbatches microbatches(ranks, 6);
      const auto [gradient, statistic] = microbatches.carry_out(shares);
      EXPECT_EQ(gradient, 63.0F);
      EXPECT_EQ(statistic, 0.5F * 1 + 0.25F * 3 + 0.125F * 5 + 0.125F * 6);
    });
  }
}

TEST(MicrobatchSum, StatisticsOfTheNextMinibatchBeginWhereTheLastOneEnded) {
  Microbatches microbatches(only_rank(), 2);
  EXPECT_EQ(microbatches.carry_out({0.5, 0.5}).second, 1.5F);
  EXPECT_EQ(microbatches.carry_out({0.5, 0.5}).second, 3.0F);
}

TEST(MicrobatchSum, LeavesASingleOneAsItIs) {
  Microbatches microbatches(only_rank(), 1);
  EXPECT_EQ(microbatches.carry_out({1.0}), (std::pair{1.0F, 1.0F}));
}

}  // namespace
}  // namespace harpy
