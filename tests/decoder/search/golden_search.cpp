#include "tests/decoder/search/golden_search.hpp"

#include <zlib.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/support/shared.hpp"

namespace harpy::testing {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// Ours, which every clone has, or those beside the checkout.
fs::path folder_of(const std::string& corpus) {
  const fs::path own = data_dir() / "search" / corpus;
  return fs::exists(own) ? own : shared_dir() / "golden/search" / corpus;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

json::object read_json(const fs::path& path) { return json::parse(read_file(path)).as_object(); }

std::string unpacked(const fs::path& path) {
  const std::string command = "xz -dc '" + path.string() + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("xz cannot be run");
  std::string content;
  char block[65536];
  while (const std::size_t size = fread(block, 1, sizeof block, pipe)) content.append(block, size);
  if (pclose(pipe) != 0) throw std::runtime_error(path.string() + ": xz failed");
  return content;
}

/// Takes values off the front of OpenFst's binary format.
class Bytes {
 public:
  explicit Bytes(const std::string& content) : content_(content) {}

  template <typename T>
  T take() {
    T value;
    if (content_.size() - offset_ < sizeof value) throw std::runtime_error("graph.fst: too short");
    std::memcpy(&value, content_.data() + offset_, sizeof value);
    offset_ += sizeof value;
    return value;
  }
  void skip_string() { offset_ += static_cast<std::size_t>(take<std::int32_t>()); }

 private:
  const std::string& content_;
  std::size_t offset_ = 0;
};

/// An OpenFst file of type const with standard arcs and without symbol tables.
GraphDescription parse_const_fst(const std::string& content, std::int32_t pdf_count) {
  Bytes bytes(content);
  if (bytes.take<std::int32_t>() != 2125659606) throw std::runtime_error("graph.fst: not an FST");
  bytes.skip_string();          // const
  bytes.skip_string();          // standard
  bytes.take<std::int32_t>();   // version
  bytes.take<std::int32_t>();   // flags
  bytes.take<std::uint64_t>();  // properties
  GraphDescription graph;
  graph.pdf_count = pdf_count;
  graph.start = static_cast<std::int32_t>(bytes.take<std::int64_t>());
  const auto state_count = bytes.take<std::int64_t>();
  const auto arc_count = bytes.take<std::int64_t>();
  std::vector<std::int32_t> arc_counts;
  for (std::int64_t state = 0; state < state_count; ++state) {
    graph.final_costs.push_back(bytes.take<float>());
    bytes.take<std::uint32_t>();  // first arc
    arc_counts.push_back(bytes.take<std::int32_t>());
    bytes.take<std::uint64_t>();  // numbers of epsilons
  }
  for (std::int32_t state = 0; state < state_count; ++state) {
    for (std::int32_t i = 0; i < arc_counts[static_cast<std::size_t>(state)]; ++i) {
      Arc arc;
      arc.input = bytes.take<std::int32_t>();
      arc.output = bytes.take<std::int32_t>();
      arc.cost = bytes.take<float>();
      arc.target = bytes.take<std::int32_t>();
      graph.arcs.push_back({state, arc});
    }
  }
  if (static_cast<std::int64_t>(graph.arcs.size()) != arc_count) {
    throw std::runtime_error("graph.fst: wrong number of arcs");
  }
  return graph;
}

/// The README's generator.
std::int64_t noise_64ths(std::uint64_t seed, std::uint64_t frame, std::uint64_t pdf) {
  std::uint64_t z = ((seed << 40) + (frame << 20) + pdf + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  z ^= z >> 31;
  const std::int64_t sum =
      static_cast<std::int64_t>(z & 65535) + static_cast<std::int64_t>((z >> 16) & 65535) +
      static_cast<std::int64_t>((z >> 32) & 65535) + static_cast<std::int64_t>(z >> 48) - 131070;
  const std::int64_t scaled = sum * 64 + 18918;
  const std::int64_t quotient = scaled / 37837;
  return scaled % 37837 < 0 ? quotient - 1 : quotient;
}

Scores generate_scores(const json::object& recipe) {
  const auto seed = recipe.at("seed").to_number<std::uint64_t>();
  const auto frame_count = recipe.at("frames").to_number<std::size_t>();
  const auto pdf_count = recipe.at("pdfs").to_number<std::size_t>();
  const json::array& boost_pdf = recipe.at("boost_pdf").as_array();
  const json::array& boost_64ths = recipe.at("boost_64ths").as_array();
  Scores scores(frame_count, std::vector<float>(pdf_count));
  for (std::size_t frame = 0; frame < frame_count; ++frame) {
    for (std::size_t pdf = 0; pdf < pdf_count; ++pdf) {
      std::int64_t value = noise_64ths(seed, frame, pdf);
      if (boost_pdf[frame].to_number<std::size_t>() == pdf) {
        value += boost_64ths[frame].to_number<std::int64_t>();
      }
      scores[frame][pdf] = static_cast<float>(value) / 64.0F;
    }
  }
  for (const json::value& flat : recipe.at("flat_frames").as_array()) {
    scores[flat.to_number<std::size_t>()].assign(pdf_count, 0.0F);
  }
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& frame : scores) {
    sum = crc32(sum, reinterpret_cast<const Bytef*>(frame.data()),
                static_cast<uInt>(frame.size() * sizeof(float)));
  }
  char text[9];
  std::snprintf(text, sizeof text, "%08lx", sum);
  if (text != recipe.at("crc32").as_string()) {
    throw std::runtime_error("generated scores have another checksum than scores.json says");
  }
  return scores;
}

ExactAnswer parse_exact(const json::object& object) {
  ExactAnswer answer;
  answer.cost = object.at("cost").to_number<double>();
  for (const json::value& label : object.at("labels").as_array()) {
    auto& choices = answer.labels.emplace_back();
    if (!label.is_array()) {
      choices.push_back(label.to_number<std::int32_t>());
      continue;
    }
    for (const json::value& choice : label.as_array()) {
      choices.push_back(choice.to_number<std::int32_t>());
    }
  }
  for (const json::value& entry : object.at("n_best").as_array()) {
    answer.n_best.emplace_back(entry.at("cost").to_number<double>(),
                               std::string(entry.at("words").as_string()));
  }
  return answer;
}

BeamSearchOptions parse_settings(const json::object& object) {
  return {.beam = object.at("beam").to_number<float>(),
          .lattice_beam = object.at("lattice_beam").to_number<float>(),
          .max_active = object.at("max_active").to_number<std::int32_t>(),
          .min_active = object.at("min_active").to_number<std::int32_t>(),
          .acoustic_scale = object.at("acoustic_scale").to_number<float>()};
}

}  // namespace

bool has_golden_search(const std::string& name) { return fs::exists(folder_of(name)); }

GoldenCorpus load_golden_search(const std::string& name) {
  GoldenCorpus corpus;
  const fs::path dir = folder_of(name);
  const json::object recipes = read_json(dir / "scores.json");
  const auto pdf_count = recipes.begin()->value().at("pdfs").to_number<std::int32_t>();
  const std::string fst =
      fs::exists(dir / "graph.fst") ? read_file(dir / "graph.fst") : unpacked(dir / "graph.fst.xz");
  corpus.graph = std::make_shared<DecodingGraph>(parse_const_fst(fst, pdf_count));

  std::ifstream words(dir / "words.txt");
  std::string word;
  for (std::size_t id = 0; words >> word >> id;) {
    corpus.words.resize(std::max(corpus.words.size(), id + 1));
    corpus.words[id] = word;
  }

  const json::object answers = read_json(dir / "answers.json");
  for (const auto& [setting, object] : answers.at("settings").as_object()) {
    corpus.settings[setting] = parse_settings(object.as_object());
  }
  for (const auto& [id, object] : answers.at("utterances").as_object()) {
    GoldenUtterance& utterance = corpus.utterances[id];
    utterance.scores = generate_scores(recipes.at(id).as_object());
    for (const auto& [scale, answer] : object.at("exact").as_object()) {
      utterance.exact[scale] = parse_exact(answer.as_object());
    }
    for (const auto& [setting, answer] : object.at("kaldi").as_object()) {
      utterance.kaldi[setting] = {answer.at("reached_final").as_bool(),
                                  answer.at("cost").to_number<double>()};
    }
  }
  return corpus;
}

std::string words_of(const std::vector<std::int32_t>& ids, const std::vector<std::string>& words) {
  std::string text;
  for (const std::int32_t id : ids) {
    if (!text.empty()) text += ' ';
    text += words.at(static_cast<std::size_t>(id));
  }
  return text;
}

std::vector<std::int32_t> outputs_of(const BestPath& path) {
  std::vector<std::int32_t> outputs;
  for (const PathStep& step : path.steps) {
    if (step.output != 0) outputs.push_back(step.output);
  }
  return outputs;
}

std::vector<std::int32_t> labels_of(const BestPath& path) {
  std::vector<std::int32_t> labels;
  for (const PathStep& step : path.steps) {
    if (step.input != 0) labels.push_back(step.input);
  }
  return labels;
}

}  // namespace harpy::testing
