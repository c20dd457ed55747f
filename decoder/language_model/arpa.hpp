#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// The logarithm to base 10 that stands for a probability of 0; so does everything below it.
inline constexpr double kArpaLogZero = -99.0;

/// What read_arpa() put up with, because tools write it.
struct ArpaRepairs {
  /// Logarithms of probabilities that rounding made positive, at most 0.01; they were taken as 0.
  std::uint64_t positive_logarithms = 0;
  /// N-grams that were left out because the model does not list their context.
  std::uint64_t ngrams_without_context = 0;
  std::uint64_t first_line_without_context = 0;
};

/// A message for the user about the repairs, without the file's name, which the caller puts before
/// it; empty if there is nothing to tell.
std::string describe(const ArpaRepairs& repairs);

/// Reads a back-off model in the ARPA format (TextLines: plain or gzip; "-" is standard input).
/// Lines before "\data\" are skipped, blanks at the ends of lines do not count, and
/// -99 or less, or -inf, is probability 0. What was put up with is added to `repairs` if it is
/// given. Errors: std::runtime_error naming file and line for anything else that is not the format,
/// counts that do not fit, an n-gram met twice, a word without a unigram, a logarithm of a
/// probability above 0.01, a model without <s> or </s>.
NgramModel read_arpa(const std::filesystem::path& path, ArpaRepairs* repairs = nullptr);

/// Decimals of logarithms that write_arpa() takes: what a float holds safely.
inline constexpr int kMaxArpaDecimals = 5;

/// Writes a model in the ARPA format, compressed by gzip where the name ends in ".gz", logarithms
/// to base 10 with at most `decimals` decimals. Back-off weights of 1 are left out. A file that was
/// written so and read comes out the same when written again. Errors: std::invalid_argument for
/// decimals outside 1 to kMaxArpaDecimals; std::runtime_error naming the file.
void write_arpa(const NgramModel& model, const std::filesystem::path& path,
                int decimals = kMaxArpaDecimals);

}  // namespace harpy
