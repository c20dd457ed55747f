// Whether a device and a precision give the words of the CPU in float32:
//   word_parity_bench MODEL DEVICE PRECISION RECORDING...
// Prints each recording, taken as one utterance, whose words differ, with their margin: how much
// worse than its own best path the CPU takes the other words to be, in nats; at the end how many
// differ and how far the log-likelihoods are from the CPU's.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "decoder/lattice/n_best.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/bench/log_likelihoods.hpp"

namespace harpy::bench {
namespace {

constexpr std::size_t kMostAlternatives = 2000;

using Words = std::vector<std::int32_t>;

std::string text_of(const ModelPackage& model, const Words& words) {
  std::string text;
  for (const std::int32_t word : words) {
    text += (text.empty() ? "" : " ") + std::string(model.graph().words.name(word));
  }
  return text;
}

/// The search that the recogniser does, of whole utterances.
class Decoder {
 public:
  explicit Decoder(const ModelPackage& model)
      : pdf_count_(model.acoustic_grid()->output_dim()), options_(model.search_options()) {
    options_.keep_lattice = true;
    options_.lattice_beam = std::min(options_.beam, 12.0F);
    search_ = make_cpu_beam_search(model.decoding()->graph(), options_);
  }

  void decode(std::vector<float>& scores) {
    stream_ = search_->open();
    const auto frames = static_cast<std::int64_t>(scores.size()) / pdf_count_;
    const SearchInput input{stream_.get(), {scores.data(), {frames, pdf_count_}}};
    search_->advance({&input, 1});
  }
  Words words() const {
    Words words;
    for (const PathStep& step : search_->best_path(*stream_, true).steps) {
      if (step.output != 0) words.push_back(step.output);
    }
    return words;
  }
  /// By how much the best path with these words costs more than the best one: "2.31", or "> 7.50"
  /// if they are not among the best alternatives.
  std::string margin_of(const Words& words) const {
    const std::vector<LatticePath> paths = n_best(search_->lattice(*stream_), kMostAlternatives);
    if (paths.empty()) return "?";
    const auto found = std::find_if(paths.begin(), paths.end(),
                                    [&](const LatticePath& path) { return path.words == words; });
    const LatticePath& path = found == paths.end() ? paths.back() : *found;
    char text[32];
    std::snprintf(text, sizeof(text), "%s%.2f", found == paths.end() ? "> " : "",
                  path.cost - paths.front().cost);
    return text;
  }

 private:
  std::int64_t pdf_count_;
  BeamSearchOptions options_;
  std::unique_ptr<BeamSearch> search_;
  std::unique_ptr<SearchStream> stream_;
};

void compare(const std::filesystem::path& folder, const BackendOptions& options,
             std::span<char* const> recordings) {
  const auto reference_backend = create_backend({});
  const auto reference = ModelPackage::load(*reference_backend, folder);
  const auto backend = create_backend(options);
  const auto model = reference->load_for(*backend);
  Decoder decoder(*reference);
  std::size_t differing_count = 0;
  float largest_difference = 0.0F;
  for (const char* recording : recordings) {
    std::vector<float> expected = log_likelihoods(*reference, *reference_backend, recording);
    std::vector<float> got = log_likelihoods(*model, *backend, recording);
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      largest_difference = std::max(largest_difference, std::abs(got[i] - expected[i]));
    }
    decoder.decode(got);
    const Words words = decoder.words();
    decoder.decode(expected);
    if (words == decoder.words()) continue;
    ++differing_count;
    std::printf("%s, margin %s\n  - %s\n  + %s\n", std::filesystem::path(recording).stem().c_str(),
                decoder.margin_of(words).c_str(), text_of(*model, decoder.words()).c_str(),
                text_of(*model, words).c_str());
  }
  std::printf("%zu of %zu differ; log-likelihoods within %.3g of the CPU's in float32\n",
              differing_count, recordings.size(), static_cast<double>(largest_difference));
}

}  // namespace
}  // namespace harpy::bench

int main(int argument_count, char** arguments) {
  try {
    if (argument_count < 5) {
      throw std::invalid_argument("usage: word_parity_bench MODEL DEVICE PRECISION RECORDING...");
    }
    harpy::bench::compare(arguments[1],
                          {.device = harpy::parse_device(arguments[2]),
                           .precision = harpy::parse_precision(arguments[3])},
                          std::span(arguments + 4, arguments + argument_count));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "word_parity_bench: error: %s\n", error.what());
    return 1;
  }
  return 0;
}
