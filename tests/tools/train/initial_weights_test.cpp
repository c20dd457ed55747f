#include "tools/train/initial_weights.hpp"

#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "tests/support/temporary_directory.hpp"
#include "tools/train/trained_package.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

boost::json::object network_with(int outputs, int hidden = 3) {
  return boost::json::parse(R"({"input_dim": 2, "trunk": [{"type": "linear", "output_dim": )" +
                            std::to_string(hidden) +
                            R"(}, {"type": "relu"}],
      "heads": {"ctc": [{"type": "linear", "output_dim": )" +
                            std::to_string(outputs) + R"(}, {"type": "log_softmax"}]}})")
      .as_object();
}

class InitialWeights : public ::testing::Test {
 protected:
  InitialWeights() : labels_only_(*backend_, network_with(3), 1) {
    ModelDescription model;
    model.name = "labels";
    model.version = "1";
    model.language = "en";
    model.network = labels_only_.description();
    model.head = "ctc";
    model.units = {"<blank>", "A", "B"};
    model.acoustic_file = "acoustic.safetensors";
    model.graph_file = "graph.harpy";
    write_trained_package(directory_.path(), model, *backend_, labels_only_);
  }

  /// Probabilities of the outputs for one frame.
  std::vector<float> probabilities(const Network& network) {
    const std::vector<float> frame{0.3F, -1.2F};
    const Tensor x = backend_->from_host({1, 1, 2}, frame);
    std::vector<float> values = backend_->to_host(network.forward(*backend_, x, nullptr).front());
    for (float& value : values) value = std::exp(value);
    return values;
  }

  const std::unique_ptr<Backend> backend_ = create_backend({});
  testing::TemporaryDirectory directory_;
  Network labels_only_;
};

TEST_F(InitialWeights, OfTheSameUnitsAreTakenAsTheyAre) {
  const TrainingUnits units{.contexts = {}, .names = {"<blank>", "A", "B"}, .shares = {1, 1, 1}};
  Network network(*backend_, network_with(3), 2);
  read_initial_weights(directory_.path(), false, *backend_, units, network);
  EXPECT_EQ(probabilities(network), probabilities(labels_only_));
}

TEST_F(InitialWeights, UnitsShareTheProbabilityOfTheirLabel) {
  const LabelContexts contexts(3, {{1, 2}, {2, 2}});
  const TrainingUnits units{.contexts = contexts,
                            .names = {"<blank>", "A", "B", "A-B", "B-B"},
                            .shares = {1.0, 1.0, 0.5, 0.375, 0.125}};
  Network network(*backend_, network_with(5), 2);
  read_initial_weights(directory_.path(), false, *backend_, units, network);
  const std::vector<float> whole = probabilities(labels_only_);
  const std::vector<float> shared = probabilities(network);
  for (std::int32_t unit = 0; unit < 5; ++unit) {
    const auto index = static_cast<std::size_t>(unit);
    const auto label = static_cast<std::size_t>(contexts.label(unit));
    EXPECT_NEAR(shared[index], units.shares[index] * double{whole[label]}, 1e-6);
  }
}

TEST_F(InitialWeights, OfAnotherNetworkAreRefusedByLayer) {
  const TrainingUnits units{.contexts = {3, {{1, 2}}},
                            .names = {"<blank>", "A", "B", "A-B"},
                            .shares = {1.0, 1.0, 0.5, 0.5}};
  Network wider(*backend_, network_with(4, 7), 2);
  EXPECT_THAT([&] { read_initial_weights(directory_.path(), false, *backend_, units, wider); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("model.json: its network lacks layer 0 of the trunk")));
}

TEST_F(InitialWeights, OfTheOutputMayBeLeftAsTheyAre) {
  const TrainingUnits units{.contexts = {}, .names = {"<blank>", "C"}, .shares = {1, 1}};
  Network network(*backend_, network_with(2), 2);
  std::map<std::string, std::vector<float>> before;
  for (const NamedTensor& named : network.tensors()) {
    before[named.name] = backend_->to_host(*named.tensor);
  }
  std::map<std::string, std::vector<float>> trained;
  for (const NamedTensor& named : labels_only_.tensors()) {
    trained[named.name] = backend_->to_host(*named.tensor);
  }
  read_initial_weights(directory_.path(), true, *backend_, units, network);
  for (const NamedTensor& named : network.tensors()) {
    const bool is_trunk = named.name.starts_with("trunk.");
    EXPECT_EQ(backend_->to_host(*named.tensor), (is_trunk ? trained : before)[named.name])
        << named.name;
  }
}

TEST_F(InitialWeights, NewResidualBlocksBeginAsTheIdentity) {
  const TrainingUnits units{.contexts = {}, .names = {"<blank>", "A", "B"}, .shares = {1, 1, 1}};
  boost::json::object deeper = network_with(3);
  boost::json::array& trunk = deeper["trunk"].as_array();
  const auto block = [](const char* text) { return boost::json::parse(text).as_object(); };
  trunk.insert(trunk.begin(), block(R"({"type": "residual", "layers": [
      {"type": "linear", "output_dim": 4, "l2": 0.1}, {"type": "batch_norm"}, {"type": "relu"},
      {"type": "linear", "output_dim": 2}, {"type": "batch_norm"}, {"type": "dropout", "rate": 0.1}]})"));
  trunk.push_back(block(R"({"type": "residual", "layers": [
      {"type": "linear", "output_dim": 3}, {"type": "batch_norm"}]})"));
  Network network(*backend_, deeper, 2);
  read_initial_weights(directory_.path(), false, *backend_, units, network);
  EXPECT_EQ(probabilities(network), probabilities(labels_only_));

  trunk.push_back(
      block(R"({"type": "residual", "layers": [{"type": "linear", "output_dim": 3}]})"));
  Network no_identity(*backend_, deeper, 2);
  EXPECT_THAT(
      [&] { read_initial_weights(directory_.path(), false, *backend_, units, no_identity); },
      ThrowsMessage<std::runtime_error>(HasSubstr("lacks the residual block 4")));
}

}  // namespace
}  // namespace harpy::tools
