// Networks written as text and what they compute, against formulas written out here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>

#include "kaldi/acoustic_file.hpp"
#include "kaldi/nnet3/descriptor.hpp"
#include "kaldi/nnet3/planned_layers.hpp"
#include "tests/acoustic/random_values.hpp"
#include "tests/kaldi/network_outputs.hpp"
#include "tests/kaldi/tiny_kaldi_model.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Frame = std::vector<double>;
using FrameAt = std::function<Frame(std::int64_t)>;

const char* const kAffine3to2 =
    "<ComponentName> affine <NaturalGradientAffineComponent> <LearningRate> 0.1 <LinearParams> [\n"
    " 1 2 -1\n 0.5 0 3 ]\n<BiasParams> [ 0.25 -0.5 ]\n<RankIn> 20 <RankOut> 80 <UpdatePeriod> 4 "
    "<NumSamplesHistory> 2000 <Alpha> 4 </NaturalGradientAffineComponent>\n";
const char* const kRelu2 =
    "<ComponentName> relu <RectifiedLinearComponent> <Dim> 2 <ValueAvg> [ ]\n<DerivAvg> [ ]\n"
    "<Count> 0 </RectifiedLinearComponent>\n";
const char* const kNorm2 =
    "<ComponentName> norm <BatchNormComponent> <Dim> 2 <BlockDim> 2 <Epsilon> 0.001 <TargetRms> "
    "0.5 <TestMode> F <Count> 100 <StatsMean> [ 0.5 -1 ]\n<StatsVar> [ 2 0.5 ]\n"
    "</BatchNormComponent>\n";

class KaldiNetworks : public ::testing::Test {
 protected:
  kaldi::EvaluatedNnet read(const std::string& nodes, const std::vector<std::string>& components) {
    const std::filesystem::path path = directory_.path() / "network.raw";
    std::ofstream file(path);
    file << "<Nnet3> \n" << nodes << "\n<NumComponents> " << components.size() << "\n";
    for (const std::string& component : components) file << component;
    file << "</Nnet3> ";
    file.close();
    return kaldi::read_network_file(path);
  }

  /// Expects the outputs of frames 0, s, 2 s … to be those of a formula over frames that may lie
  /// outside, where the ends are repeated.
  void expect_outputs(const kaldi::EvaluatedNnet& nnet, std::int64_t dim,
                      const std::function<Frame(const FrameAt&, std::int64_t)>& formula,
                      std::int64_t subsampling = 1) {
    constexpr std::int64_t kFrames = 32;
    const std::vector<float> x = random_values(kFrames * dim, random_);
    const FrameAt frame_at = [&](std::int64_t t) {
      const auto begin = x.begin() + std::clamp<std::int64_t>(t, 0, kFrames - 1) * dim;
      return Frame(begin, begin + dim);
    };
    const std::vector<float> outputs = network_outputs(nnet, subsampling, x);
    std::size_t at = 0;
    for (std::int64_t t = 0; t < kFrames; t += subsampling) {
      for (const double expected : formula(frame_at, t)) {
        ASSERT_LT(at, outputs.size());
        ASSERT_NEAR(outputs[at++], expected, 1e-4) << "frame " << t;
      }
    }
    EXPECT_EQ(at, outputs.size());
  }

  static Frame affine(const Frame& x) {
    return {x[0] + 2 * x[1] - x[2] + 0.25, 0.5 * x[0] + 3 * x[2] - 0.5};
  }
  static Frame relu(Frame x) {
    for (double& value : x) value = std::max(value, 0.0);
    return x;
  }
  static Frame norm(const Frame& x) {
    return {0.5 * (x[0] - 0.5) / std::sqrt(2.001), 0.5 * (x[1] + 1) / std::sqrt(0.501)};
  }

  const TemporaryDirectory directory_;
  std::mt19937 random_{3};
};

TEST_F(KaldiNetworks, DescriptorsAreWhatTheySay) {
  const auto nnet = read(
      "input-node name=input dim=2\n"
      "component-node name=affine component=affine input=Append(Sum(Scale(-2, Offset(input, -1)), "
      "input, Offset(input, 3)), part)\n"
      "dim-range-node name=part input-node=input dim-offset=1 dim=1\n"
      "output-node name=output input=Append(affine, IfDefined(Failover(part, input)), "
      "Const(1.5, 1)) objective=linear\n",
      {kAffine3to2});
  expect_outputs(nnet, 2, [](const FrameAt& x, std::int64_t t) {
    Frame spliced(3);
    for (std::size_t d = 0; d < 2; ++d) spliced[d] = x(t)[d] - 2 * x(t - 1)[d] + x(t + 3)[d];
    spliced[2] = x(t)[1];
    Frame y = affine(spliced);
    y.push_back(x(t)[1]);
    y.push_back(1.5);
    return y;
  });
}

TEST_F(KaldiNetworks, BatchNormAndBypassAreFoldedIntoWeights) {
  const auto nnet = read(
      "input-node name=input dim=3\n"
      "component-node name=affine component=affine input=input\n"
      "component-node name=relu component=relu input=affine\n"
      "component-node name=norm component=norm input=relu\n"
      "component-node name=linear component=linear input=norm\n"
      "component-node name=tdnn component=tdnn input=linear\n"
      "component-node name=relu2 component=relu input=tdnn\n"
      "component-node name=norm2 component=norm input=relu2\n"
      "component-node name=noop component=noop input=Sum(Scale(0.66, norm), norm2)\n"
      "output-node name=output input=noop\n",
      {kAffine3to2, kRelu2, kNorm2,
       "<ComponentName> linear <TdnnComponent> <LearningRate> 0.1 <TimeOffsets> [ -3 0 ]\n"
       "<LinearParams> [\n 1 -1 0.5 2 ]\n<BiasParams> [ ]\n<OrthonormalConstraint> -1 "
       "<UseNaturalGradient> T <NumSamplesHistory> 2000 <Alpha> 4 <RankInOut> 20 80 "
       "</TdnnComponent>\n",
       "<ComponentName> tdnn <TdnnComponent> <TimeOffsets> [ 0 3 ]\n<LinearParams> [\n 1 -2\n "
       "0.5 3 ]\n<BiasParams> [ 0.125 1 ]\n<OrthonormalConstraint> 0 <UseNaturalGradient> T "
       "<NumSamplesHistory> 2000 <AlphaInOut> 4 4 <RankInOut> 20 80 </TdnnComponent>\n",
       "<ComponentName> noop <NoOpComponent> <Dim> 2 <BackpropScale> 1 </NoOpComponent>\n"});
  const auto formula = [](const FrameAt& x, std::int64_t t) {
    const auto first = [&](std::int64_t at) { return norm(relu(affine(x(at)))); };
    const auto linear = [&](std::int64_t at) {
      const Frame a = first(at - 3);
      const Frame b = first(at);
      return a[0] - a[1] + 0.5 * b[0] + 2 * b[1];
    };
    const double h = linear(t);
    const double g = linear(t + 3);
    const Frame branch = norm(relu({h - 2 * g + 0.125, 0.5 * h + 3 * g + 1}));
    return Frame{0.66 * first(t)[0] + branch[0], 0.66 * first(t)[1] + branch[1]};
  };
  expect_outputs(nnet, 3, formula);
  expect_outputs(nnet, 3, formula, 3);
  const kaldi::PlannedChain chain = kaldi::plan_chain(nnet, 3);
  ASSERT_EQ(chain.size(), 5U) << "every third frame, affine, relu, residual, constants";
  EXPECT_EQ(std::get<kaldi::PlannedSubsampling>(chain[0].work).stride, 3);
  EXPECT_EQ(std::get<kaldi::PlannedResidual>(chain[3].work).branch.size(), 3U);
}

TEST_F(KaldiNetworks, BranchesOfDifferentDelayAreSummed) {
  const auto nnet = read(
      "input-node name=input dim=3\n"
      "component-node name=affine component=affine input=input\n"
      "component-node name=relu component=relu input=affine\n"
      "component-node name=sigmoid component=sigmoid input=Offset(relu, 2)\n"
      "component-node name=last component=last input=Append(sigmoid, Offset(relu, -2))\n"
      "output-node name=output input=last\n",
      {kAffine3to2, kRelu2,
       "<ComponentName> sigmoid <SigmoidComponent> <Dim> 2 <ValueAvg> [ ]\n<DerivAvg> [ ]\n"
       "<Count> 0 </SigmoidComponent>\n",
       "<ComponentName> last <LinearComponent> <LearningRate> 1 <Params> [\n 1 2 3 4 ]\n"
       "<UseNaturalGradient> T <RankInOut> 1 1 <Alpha> 4 <NumSamplesHistory> 1 <UpdatePeriod> 4 "
       "</LinearComponent>\n"});
  expect_outputs(nnet, 3, [](const FrameAt& x, std::int64_t t) {
    const auto first = [&](std::int64_t at) { return relu(affine(x(at))); };
    const auto sigmoid = [](double value) { return 1.0 / (1.0 + std::exp(-value)); };
    return Frame{sigmoid(first(t + 2)[0]) + 2 * sigmoid(first(t + 2)[1]) + 3 * first(t - 2)[0] +
                 4 * first(t - 2)[1]};
  });
}

TEST_F(KaldiNetworks, ConvolutionsOverHeightPadWithZeros) {
  const auto nnet = read(
      "input-node name=input dim=4\n"
      "component-node name=relu component=relu input=input\n"
      "component-node name=norm component=norm input=relu\n"
      "component-node name=conv component=conv input=norm\n"
      "output-node name=output input=conv\n",
      {"<ComponentName> relu <RectifiedLinearComponent> <Dim> 4 <ValueAvg> [ ]\n<DerivAvg> [ ]\n"
       "<Count> 0 </RectifiedLinearComponent>\n",
       "<ComponentName> norm <BatchNormComponent> <Dim> 4 <BlockDim> 1 <Epsilon> 0.5 <TargetRms> "
       "1 <TestMode> F <Count> 9 <StatsMean> [ 2 ]\n<StatsVar> [ 0.5 ]\n</BatchNormComponent>\n",
       "<ComponentName> conv <TimeHeightConvolutionComponent> <LearningRate> 1 <Model> "
       "<ConvolutionModel> <NumFiltersIn> 1 <NumFiltersOut> 2 <HeightIn> 4 <HeightOut> 2 "
       "<HeightSubsampleOut> 2 <Offsets> [ -1,-1 0,0 0,1 ]\n<RequiredTimeOffsets> [ 0 ]\n"
       "</ConvolutionModel> <LinearParams> [\n 1 2 3\n -1 0.5 4 ]\n<BiasParams> [ 0.5 -1 ]\n"
       "<MaxMemoryMb> 200 <UseNaturalGradient> T <NumMinibatchesHistory> 4 <AlphaInOut> 4 4 "
       "<RankInOut> 2 2 </TimeHeightConvolutionComponent>\n"});
  expect_outputs(nnet, 4, [](const FrameAt& x, std::int64_t t) {
    const auto at = [&](std::int64_t time, std::int64_t height) {
      if (height < 0 || height >= 4) return 0.0;
      return std::max(0.0, x(time)[static_cast<std::size_t>(height)]) - 2.0;
    };
    Frame y;
    for (std::int64_t h = 0; h < 4; h += 2) {
      const double a = at(t - 1, h - 1);
      const double b = at(t, h);
      const double c = at(t, h + 1);
      y.push_back(a + 2 * b + 3 * c + 0.5);
      y.push_back(-a + 0.5 * b + 4 * c - 1);
    }
    return y;
  });
}

TEST_F(KaldiNetworks, SmallComponentsAreWhatTheySay) {
  const auto nnet = read(
      "input-node name=input dim=3\n"
      "component-node name=permute component=permute input=input\n"
      "component-node name=scale component=scale input=permute\n"
      "component-node name=shift component=shift input=scale\n"
      "component-node name=renorm component=renorm input=shift\n"
      "component-node name=softmax component=softmax input=renorm\n"
      "output-node name=output input=softmax\n",
      {"<ComponentName> permute <PermuteComponent> <ColumnMap> [ 2 0 1 ]\n</PermuteComponent>\n",
       "<ComponentName> scale <FixedScaleComponent> <Scales> [ 2 3 -4 ]\n</FixedScaleComponent>\n",
       "<ComponentName> shift <PerElementOffsetComponent> <LearningRate> 1 <Offsets> [ 1 0 2 ]\n"
       "</PerElementOffsetComponent>\n",
       "<ComponentName> renorm <NormalizeComponent> <InputDim> 3 <TargetRms> 0.5 <AddLogStddev> F "
       "</NormalizeComponent>\n",
       "<ComponentName> softmax <LogSoftmaxComponent> <Dim> 3 <ValueAvg> [ ]\n<DerivAvg> [ ]\n"
       "<Count> 0 </LogSoftmaxComponent>\n"});
  expect_outputs(nnet, 3, [](const FrameAt& x, std::int64_t t) {
    Frame y{2 * x(t)[2] + 1, 3 * x(t)[0], -4 * x(t)[1] + 2};
    const double rms = std::sqrt((y[0] * y[0] + y[1] * y[1] + y[2] * y[2]) / 3);
    double sum = 0.0;
    for (double& value : y) sum += std::exp(value *= 0.5 / rms);
    for (double& value : y) value -= std::log(sum);
    return y;
  });
}

TEST_F(KaldiNetworks, AreReadAlikeInBothForms) {
  std::vector<std::vector<float>> outputs;
  const std::vector<float> x = random_values(31 * 16, random_);
  for (const bool is_binary : {true, false}) {
    const std::filesystem::path path = directory_.path() / "final.mdl";
    std::ofstream(path, std::ios::binary) << acoustic_file_bytes(is_binary);
    const kaldi::AcousticFile file = kaldi::read_acoustic_file(path);
    EXPECT_EQ(file.nnet.ivector_dim, 3);
    outputs.push_back(network_outputs(file.nnet, 3, x));
  }
  EXPECT_EQ(outputs[0].size(), 11U * 6U);
  EXPECT_LT(largest_difference(outputs[0], outputs[1]), 1e-5);
}

TEST_F(KaldiNetworks, WhatIsNotSupportedIsRefusedByName) {
  const auto refused = [&](const std::string& nodes, const std::vector<std::string>& components,
                           const char* why) {
    EXPECT_THAT([&] { read("input-node name=input dim=3\n" + nodes, components); },
                ThrowsMessage<std::runtime_error>(
                    ::testing::AllOf(HasSubstr("network.raw: "), HasSubstr(why))));
  };
  const std::string affine = "component-node name=a component=affine input=";
  const std::string output = "\noutput-node name=output input=a\n";
  refused(affine + "Sum(input, Offset(a, -1))" + output, {kAffine3to2},
          "node \"a\" of the network: it depends on itself");
  refused(affine + "Switch(input, input)" + output, {kAffine3to2},
          "the operator Switch is not supported");
  refused(affine + "Round(input, 3)" + output, {kAffine3to2},
          "the operator Round is supported for the i-vector alone");
  refused(affine + "Append(input, input)" + output, {kAffine3to2},
          "it gets 6 values, its component takes 3");
  refused(affine + "Append(input" + output, {kAffine3to2}, "no closing parenthesis at character");
  refused(affine + "b" + output, {kAffine3to2}, "the network has no node \"b\"");
  refused("output-node name=output input=input\n",
          {"<ComponentName> lstm <LstmNonlinearityComponent> "},
          "component lstm of type \"<LstmNonlinearityComponent>\" is not supported, which would "
          "take a layer that keeps a state from frame to frame (recurrent networks); known are "
          "AffineComponent, ");
  refused("output-node name=output input=input\n", {"<ComponentName> a <PnormComponent> "},
          "component a of type \"<PnormComponent>\" is not known; known are AffineComponent, ");
  refused(
      "output-node name=output input=input\n",
      {"<ComponentName> n <BatchNormComponent> <Dim> 2 <BlockDim> 2 <Epsilon> 0.001 <TargetRms> "
       "1 <TestMode> F <Count> 0 <StatsMean> [ ]\n<StatsVar> [ ]\n</BatchNormComponent>\n"},
      "component n of type BatchNormComponent: no statistics");
}

TEST_F(KaldiNetworks, EveryComponentIsNamedInTheDocumentation) {
  std::ifstream stream(HARPY_SOURCE_DIR "/docs/kaldi-models.md");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::size_t begin = text.find("Components: ") + std::string("Components:").size();
  const std::string listed = text.substr(begin, text.find(".\n", begin) - begin) + ",";
  std::string message;
  try {
    read("input-node name=input dim=3\noutput-node name=output input=input\n",
         {"<ComponentName> a <NoneComponent> "});
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  const std::string mark = "known are ";
  std::istringstream known(message.substr(message.find(mark) + mark.size()));
  int count = 0;
  for (std::string name; std::getline(known, name, ',');) {
    const std::size_t first = name.find_first_not_of(' ');
    name = name.substr(first, name.rfind("Component") - first);
    EXPECT_NE(listed.find(" " + name + ","), std::string::npos) << name;
    ++count;
  }
  EXPECT_GT(count, 20);
}

// Each node reads the two before it: without a bound, the branches would be copied exponentially.
TEST_F(KaldiNetworks, WaysThatCrossTooOftenAreRefused) {
  std::string nodes = "input-node name=input dim=1\n";
  const auto relu = [](int i) {
    return "component-node name=n" + std::to_string(i) + " component=relu input=Sum(n" +
           std::to_string(i - 1) + ", Offset(n" + std::to_string(i - 2) + ", -1))\n";
  };
  nodes += "component-node name=n0 component=relu input=input\n";
  nodes += "component-node name=n1 component=relu input=Offset(n0, 1)\n";
  for (int i = 2; i < 60; ++i) nodes += relu(i);
  nodes += "output-node name=output input=n59\n";
  const auto nnet = read(nodes, {"<ComponentName> relu <RectifiedLinearComponent> <Dim> 1 "
                                 "<ValueAvg> [ ]\n<DerivAvg> [ ]\n<Count> 0 "
                                 "</RectifiedLinearComponent>\n"});
  EXPECT_THAT([&] { kaldi::plan_chain(nnet, 1); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cross too often")));
}

TEST(KaldiDescriptors, AreParsed) {
  const kaldi::Descriptor parsed = kaldi::parse_descriptor(" Append(a, Offset( b.c ,-3))");
  EXPECT_TRUE(parsed.is_operator);
  EXPECT_EQ(parsed.name, "Append");
  ASSERT_EQ(parsed.arguments.size(), 2U);
  EXPECT_EQ(parsed.arguments[0].name, "a");
  EXPECT_FALSE(parsed.arguments[0].is_operator);
  EXPECT_EQ(parsed.arguments[1].arguments[0].name, "b.c");
  EXPECT_EQ(parsed.arguments[1].arguments[1].name, "-3");
  for (const char* const wrong : {"", "a b", "Append(a", "Append(,a)", "a)", "Sum()"}) {
    EXPECT_THROW(kaldi::parse_descriptor(wrong), std::invalid_argument) << wrong;
  }
  std::string deep(300, '(');
  for (std::size_t i = 0; i < deep.size(); i += 2) deep[i] = 'a';
  EXPECT_THAT([&] { kaldi::parse_descriptor(deep + std::string(600, 'a')); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("closing")));
}

}  // namespace
}  // namespace harpy::testing
