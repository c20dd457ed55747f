#include "decoder/language_model/arpa.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

#include "decoder/language_model/text_writer.hpp"

namespace harpy {

namespace {

/// Appends a natural logarithm to base 10 with at most `decimals` decimals.
void append_logarithm(std::string& text, float natural, int decimals) {
  const double value = static_cast<double>(natural) / std::numbers::ln10;
  if (value <= kArpaLogZero) {
    text += "-99";
    return;
  }
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  std::string_view written(digits.data(), static_cast<std::size_t>(end - digits.data()));
  written.remove_suffix(written.size() - 1 - written.find_last_not_of('0'));
  if (written.ends_with('.')) written.remove_suffix(1);
  text += written == "-0" ? "0" : written;
}

void write_level(const NgramModel& model, int order, int decimals, TextWriter& writer) {
  const NgramLevel& level = model.level(order);
  writer.write("\n\\" + std::to_string(order) + "-grams:\n");
  std::string line;
  std::string backoff;
  model.visit(order, [&](std::span<const WordId> words, std::uint32_t index) {
    line.clear();
    append_logarithm(line, level.log_probabilities[index], decimals);
    char separator = '\t';
    for (const WordId word : words) {
      line += separator;
      line += model.vocabulary().word(word);
      separator = ' ';
    }
    if (order < model.order()) {
      backoff.clear();
      append_logarithm(backoff, level.log_backoffs[index], decimals);
      if (backoff != "0") line += '\t' + backoff;
    }
    line += '\n';
    writer.write(line);
  });
}

}  // namespace

void write_arpa(const NgramModel& model, const std::filesystem::path& path, int decimals) {
  if (decimals < 1 || decimals > kMaxArpaDecimals) {
    throw std::invalid_argument("decimals of an ARPA file: expected 1 to " +
                                std::to_string(kMaxArpaDecimals) + ", got " +
                                std::to_string(decimals));
  }
  TextWriter writer(path);
  writer.write("\\data\\\n");
  for (int order = 1; order <= model.order(); ++order) {
    writer.write("ngram " + std::to_string(order) + "=" +
                 std::to_string(model.level(order).size()) + "\n");
  }
  for (int order = 1; order <= model.order(); ++order) {
    write_level(model, order, decimals, writer);
  }
  writer.write("\n\\end\\\n");
  writer.finish();
}

}  // namespace harpy
