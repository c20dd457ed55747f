#include "tests/kaldi/tiny_kaldi_model.hpp"

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/openfst_file.hpp"
#include "tests/kaldi/openfst_parts.hpp"

namespace harpy::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::int32_t kFeatures = 13;
constexpr std::int32_t kIvector = 3;
constexpr std::int32_t kHidden = 8;
constexpr std::int32_t kBottleneck = 4;
constexpr std::int32_t kOutputs = 6;
constexpr std::int32_t kProjected = 4;
constexpr std::int32_t kGaussians = 2;

std::vector<float> some_values(std::int32_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values;
  for (std::int32_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(random() % 2001) / 1000.0F - 1.0F);
  }
  return values;
}

void add_affine(KaldiWriter& writer, std::int32_t inputs, std::int32_t outputs,
                std::uint32_t seed) {
  writer.token("<ComponentName>").token("affine" + std::to_string(seed));
  writer.token("<NaturalGradientAffineComponent>").token("<MaxChange>").number(0.75F);
  writer.token("<LearningRate>").number(0.001F);
  writer.token("<LinearParams>").matrix(inputs, some_values(inputs * outputs, seed));
  writer.token("<BiasParams>").vector(some_values(outputs, seed + 100));
  writer.token("<RankIn>").integer(20).token("<RankOut>").integer(80);
  writer.token("<UpdatePeriod>").integer(4).token("<NumSamplesHistory>").number(2000.0F);
  writer.token("<Alpha>").number(4.0F).token("</NaturalGradientAffineComponent>");
}

void add_tdnn(KaldiWriter& writer, const char* name, const std::vector<std::int32_t>& offsets,
              std::int32_t inputs, std::int32_t outputs, bool with_bias) {
  const auto taps = static_cast<std::int32_t>(offsets.size());
  writer.token("<ComponentName>").token(name).token("<TdnnComponent>");
  writer.token("<LearningRate>").number(0.001F).token("<TimeOffsets>").integers(offsets);
  writer.token("<LinearParams>")
      .matrix(taps * inputs, some_values(taps * inputs * outputs, 7 * outputs));
  writer.token("<BiasParams>").vector(some_values(with_bias ? outputs : 0, 3));
  writer.token("<OrthonormalConstraint>").number(-1.0F);
  writer.token("<UseNaturalGradient>").boolean(true);
  writer.token("<NumSamplesHistory>").number(2000.0F);
  writer.token("<AlphaInOut>").number(4.0F).number(4.0F);
  writer.token("<RankInOut>").integer(20).integer(80).token("</TdnnComponent>");
}

void add_relu(KaldiWriter& writer, const char* name) {
  writer.token("<ComponentName>").token(name).token("<RectifiedLinearComponent>");
  writer.token("<Dim>").integer(kHidden).token("<ValueAvg>").vector(std::vector<float>{});
  writer.token("<DerivAvg>").vector(std::vector<float>{}).token("<Count>").double_number(0.0);
  writer.token("<SelfRepairScale>").number(1e-5F).token("</RectifiedLinearComponent>");
}

void add_batch_norm(KaldiWriter& writer, const char* name, std::uint32_t seed) {
  std::vector<float> variance = some_values(kHidden, seed);
  for (float& value : variance) value = 0.5F + value * value;
  writer.token("<ComponentName>").token(name).token("<BatchNormComponent>");
  writer.token("<Dim>").integer(kHidden).token("<BlockDim>").integer(kHidden);
  writer.token("<Epsilon>").number(0.001F).token("<TargetRms>").number(1.0F);
  writer.token("<TestMode>").boolean(false).token("<Count>").double_number(1000.0);
  writer.token("<StatsMean>").vector(some_values(kHidden, seed + 50));
  writer.token("<StatsVar>").vector(variance).token("</BatchNormComponent>");
}

/// Six transition-ids: of phone p, 2 p leads on and 2 p - 1 is the loop.
GraphDescription graph() {
  constexpr float kInfinite = kInfiniteCost;
  GraphDescription graph{
      .start = 0, .pdf_count = 6, .final_costs = {kInfinite, 0.5F, kInfinite, 0}};
  const auto add = [&](std::int32_t from, Arc arc) { graph.arcs.push_back({from, arc}); };
  add(0, {.target = 1, .input = 2, .output = 0, .cost = 0.5F});  // SIL
  add(1, {.target = 1, .input = 1, .output = 0, .cost = 0.75F});
  add(1, {.target = 2, .input = 4, .output = 7, .cost = 0.25F});  // A_B, the word ONE
  add(0, {.target = 2, .input = 4, .output = 7, .cost = 1.25F});
  add(2, {.target = 2, .input = 3, .output = 0, .cost = 0.5F});
  add(2, {.target = 3, .input = 6, .output = 0, .cost = 0.5F});  // B_E
  add(3, {.target = 3, .input = 5, .output = 0, .cost = 0.5F});
  add(3, {.target = 0, .input = 0, .output = 0, .cost = 1.0F});
  return graph;
}

std::string bytes_of(bool is_binary, void (*add)(KaldiWriter&)) {
  KaldiWriter writer(is_binary);
  add(writer);
  return writer.bytes();
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The same sounds with the words' ends marked by inputs that are none, 7 and for back-offs 8.
GraphDescription lexicon_graph() {
  GraphDescription graph{.start = 0,
                         .pdf_count = 8,
                         .final_costs = {0.5F, kInfiniteCost, kInfiniteCost, kInfiniteCost}};
  const auto add = [&](std::int32_t from, Arc arc) { graph.arcs.push_back({from, arc}); };
  add(0, {.target = 0, .input = 8, .output = 8});
  add(0, {.target = 1, .input = 2, .output = 0, .cost = 0.5F});  // SIL
  add(1, {.target = 1, .input = 1, .output = 0, .cost = 0.75F});
  add(1, {.target = 2, .input = 4, .output = 7, .cost = 0.25F});  // A_B, the word ONE
  add(0, {.target = 2, .input = 4, .output = 7, .cost = 1.25F});
  add(2, {.target = 2, .input = 3, .output = 0, .cost = 0.5F});
  add(2, {.target = 3, .input = 6, .output = 0, .cost = 0.5F});  // B_E
  add(3, {.target = 3, .input = 5, .output = 0, .cost = 0.5F});
  add(3, {.target = 0, .input = 7, .output = 0, .cost = 0.25F});
  return graph;
}

/// Bigrams of the word ONE: a state without words before, the start and one behind the word.
GraphDescription bigram_graph() {
  GraphDescription graph{.start = 1, .pdf_count = 7, .final_costs = {1.0F, kInfiniteCost, 0.25F}};
  const auto add = [&](std::int32_t from, Arc arc) { graph.arcs.push_back({from, arc}); };
  for (const std::int32_t state : {0, 1, 2}) {
    const float cost = 0.5F + 0.25F * static_cast<float>(state);
    if (state != 0) add(state, {.target = 0, .cost = cost});
    add(state, {.target = 2, .input = 7, .output = 7, .cost = cost});
  }
  return graph;
}

}  // namespace

void add_transition_model(KaldiWriter& writer) {
  const bool is_binary = writer.bytes().starts_with(std::string("\0B", 2));
  writer.token("<TransitionModel>").token("<Topology>");
  if (is_binary) {
    writer.integers({1, 2, 3}).integers({-1, 0, 0, 0}).integer(-1).integer(1);
    writer.integer(2).integer(0).integer(1);  // two states; pdf classes of the first
    writer.integer(2).integer(0).number(0.5F).integer(1).number(0.5F);
    writer.integer(-1).integer(-1).integer(0);
  } else {
    writer.line("<TopologyEntry> <ForPhones> 1 2 3 </ForPhones>");
    writer.line("<State> 0 <ForwardPdfClass> 0 <SelfLoopPdfClass> 1");
    writer.line("<Transition> 0 0.5 <Transition> 1 0.5 </State> <State> 1 </State>");
    writer.line("</TopologyEntry>");
  }
  writer.token("</Topology>").token("<Tuples>").integer(3);
  for (std::int32_t phone = 1; phone <= 3; ++phone) {
    writer.integer(phone).integer(0).integer(2 * phone - 2).integer(2 * phone - 1);
  }
  writer.token("</Tuples>").token("<LogProbs>");
  writer.vector(std::vector<float>{0, -0.5F, -1, -0.5F, -1, -0.5F, -1});
  writer.token("</LogProbs>").token("</TransitionModel>");
}

void add_network(KaldiWriter& writer) {
  writer.line("<Nnet3> ");
  for (const char* const node :
       {"input-node name=ivector dim=3", "input-node name=input dim=13",
        "component-node name=affine1 component=affine1 input=Append(Offset(input, -1), input, "
        "Offset(input, 1), ReplaceIndex(Scale(0.4, ivector), t, 0))",
        "component-node name=relu1 component=relu1 input=affine1",
        "component-node name=norm1 component=norm1 input=relu1",
        "component-node name=linear2 component=linear2 input=norm1",
        "component-node name=affine2 component=affine2 input=linear2",
        "component-node name=relu2 component=relu2 input=affine2",
        "component-node name=norm2 component=norm2 input=relu2",
        "component-node name=sum2 component=sum2 input=Sum(Scale(0.66, norm1), norm2)",
        "component-node name=affine3 component=affine3 input=sum2",
        "output-node name=output input=affine3 objective=linear"}) {
    writer.line(node);
  }
  writer.line("").token("<NumComponents>").integer(9);
  add_affine(writer, 3 * kFeatures + kIvector, kHidden, 1);
  add_relu(writer, "relu1");
  add_batch_norm(writer, "norm1", 11);
  add_tdnn(writer, "linear2", {-3, 0}, kHidden, kBottleneck, false);
  add_tdnn(writer, "affine2", {0, 3}, kBottleneck, kHidden, true);
  add_relu(writer, "relu2");
  add_batch_norm(writer, "norm2", 12);
  writer.token("<ComponentName>").token("sum2").token("<NoOpComponent>");
  writer.token("<Dim>").integer(kHidden).token("<BackpropScale>").number(1.0F);
  writer.token("</NoOpComponent>");
  add_affine(writer, kHidden, kOutputs, 3);
  writer.token("</Nnet3>");
}

std::string acoustic_file_bytes(bool is_binary) {
  return bytes_of(is_binary, [](KaldiWriter& writer) {
    add_transition_model(writer);
    add_network(writer);
    writer.token("<LeftContext>").integer(4).token("<RightContext>").integer(4);
    writer.token("<Priors>").vector(std::vector<float>{});
  });
}

std::string mixture_file_bytes(bool is_binary) {
  return bytes_of(is_binary, [](KaldiWriter& writer) {
    writer.token("<DiagGMM>").token("<GCONSTS>").vector(std::vector<float>{-1, -2});
    writer.token("<WEIGHTS>").vector(std::vector<float>{0.25F, 0.75F});
    writer.token("<MEANS_INVVARS>").matrix(kProjected, some_values(kGaussians * kProjected, 21));
    writer.token("<INV_VARS>").matrix(kProjected, std::vector<float>{1, 2, 1, 2, 2, 1, 2, 1});
    writer.token("</DiagGMM>");
  });
}

std::string extractor_file_bytes(bool is_binary) {
  return bytes_of(is_binary, [](KaldiWriter& writer) {
    writer.token("<IvectorExtractor>").token("<w>").matrix(0, std::vector<double>{});
    writer.token("<w_vec>").vector(std::vector<double>{-1, -1}).token("<M>").integer(kGaussians);
    for (std::uint32_t g = 0; g < kGaussians; ++g) {
      const std::vector<float> values = some_values(kProjected * kIvector, 31 + g);
      writer.matrix(kIvector, std::vector<double>(values.begin(), values.end()));
    }
    writer.token("<SigmaInv>");
    for (std::int32_t g = 0; g < kGaussians; ++g) {
      writer.packed(kProjected, {1, 0.25, 2, 0, 0.25, 1, 0.125, 0, 0, 2});
    }
    writer.token("<IvectorOffset>").double_number(2.5).token("</IvectorExtractor>");
  });
}

std::string projection_file_bytes(bool is_binary) {
  return bytes_of(is_binary, [](KaldiWriter& writer) {
    const std::int32_t inputs = 3 * kFeatures + 1;
    std::vector<float> values = some_values(kProjected * inputs, 41);
    for (float& value : values) value *= 0.05F;
    writer.matrix(inputs, values);
  });
}

std::string mean_file_bytes(bool is_binary) {
  return bytes_of(is_binary, [](KaldiWriter& writer) {
    std::vector<double> values(2 * (kFeatures + 1), 50.0);
    values[kFeatures] = 10.0;
    values.back() = 0.0;
    writer.matrix(kFeatures + 1, values);
  });
}

void write_tiny_kaldi_model(const fs::path& folder, bool is_binary) {
  for (const char* const part : {"am", "conf", "graph/phones", "ivector"}) {
    fs::create_directories(folder / part);
  }
  write_bytes(folder / "am/final.mdl", acoustic_file_bytes(is_binary));
  write_bytes(folder / "conf/mfcc.conf", "--use-energy=false\n");
  write_bytes(folder / "conf/model.conf",
              "# of a decoder\n--beam=12.0\n--max-active=100\n--acoustic-scale=1.0\n"
              "--frame-subsampling-factor=3\n--endpoint.silence-phones=1\n");
  write_openfst(folder / "graph/HCLG.fst", DecodingGraph(graph()).view());
  write_bytes(folder / "graph/words.txt", "<eps> 0\nONE 7\n");
  write_bytes(folder / "graph/phones.txt", "<eps> 0\nSIL 1\nA_B 2\nB_E 3\n#0 4\n");
  write_bytes(folder / "graph/phones/word_boundary.int", "1 nonword\n2 begin\n3 end\n");
  write_bytes(folder / "ivector/splice.conf", "--left-context=1\n--right-context=1\n");
  write_bytes(folder / "ivector/online_cmvn.conf", "");
  write_bytes(folder / "ivector/final.dubm", mixture_file_bytes(is_binary));
  write_bytes(folder / "ivector/final.ie", extractor_file_bytes(is_binary));
  write_bytes(folder / "ivector/final.mat", projection_file_bytes(is_binary));
  write_bytes(folder / "ivector/global_cmvn.stats", mean_file_bytes(is_binary));
}

void add_graph_parts(const fs::path& folder) {
  write_graph_parts(lexicon_graph(), bigram_graph(), true, {{0, "<eps>"}, {7, "ONE"}},
                    folder / "graph/HCLr.fst", folder / "graph/Gr.fst");
  write_bytes(folder / "graph/disambig_tid.int", "7\n8\n");
}

void add_second_pass(const fs::path& folder) {
  fs::create_directories(folder / "rescore");
  write_openfst(folder / "rescore/G.fst", DecodingGraph(bigram_graph()).view());
  // Behind the head: the states of ONE (7), <s> (8), before which nothing stands, and </s> (9).
  const auto bits = [](float value) { return std::bit_cast<std::int32_t>(value) & ~1; };
  const std::vector<std::int32_t> states{bits(-0.5F),
                                         bits(-0.25F),
                                         0,  //
                                         bits(-300),
                                         bits(-0.75F),
                                         1,
                                         7,
                                         bits(-0.25F),  //
                                         bits(-1.0F),
                                         0,
                                         0};
  const std::vector<std::int64_t> unigrams{0, 0, 0, 0, 0, 0, 0, 1, 4, 9};
  KaldiWriter writer(true);
  writer.token("<ConstArpaLm>").token("<LmInfo>").integer(8).integer(9).integer(-1).integer(2);
  writer.token("</LmInfo>").token("<LmStates>");
  std::string bytes = writer.bytes();
  const auto add = [&](const void* values, std::size_t size) {
    bytes.append(static_cast<const char*>(values), size);
  };
  const std::int64_t state_count = std::ssize(states);
  bytes += '\10';
  add(&state_count, sizeof state_count);
  add(states.data(), states.size() * sizeof(std::int32_t));
  bytes += "</LmStates> <LmUnigram> ";
  const auto unigram_count = static_cast<std::int32_t>(unigrams.size());
  bytes += '\4';
  add(&unigram_count, sizeof unigram_count);
  add(unigrams.data(), unigrams.size() * sizeof(std::int64_t));
  bytes += "</LmUnigram> <LmOverflow> ";
  bytes += std::string("\4\0\0\0\0", 5);
  bytes += "</LmOverflow> </ConstArpaLm> ";
  write_bytes(folder / "rescore/G.carpa", bytes);
}

}  // namespace harpy::testing
