#include "tools/info/info_ngram.hpp"

#include <string>

#include "decoder/language_model/mapped_ngram.hpp"

namespace harpy::tools {

InfoReport describe_ngram(const std::filesystem::path& path) {
  InfoReport report{.subject = path.string(), .kind = "n-grams", .facts = {}, .tables = {}};
  add_file_facts(path, report);
  const MappedNgramModel model(path);
  const auto add = [&](const std::string& label, const std::string& name, std::uint64_t count) {
    report.facts.push_back({label, name, info_count(static_cast<std::int64_t>(count))});
  };
  add("order", "order", static_cast<std::uint64_t>(model.order()));
  add("words", "word_count", model.word_count());
  add("n-grams", "ngram_count", model.ngram_count());
  for (int length = 1; length <= model.order(); ++length) {
    const std::string order = std::to_string(length);
    add(order + "-grams", "ngram_count_" + order, model.ngram_count(length));
  }
  add("bits of a probability", "bits", static_cast<std::uint64_t>(model.bits()));
  return report;
}

}  // namespace harpy::tools
