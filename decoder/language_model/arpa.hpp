#pragma once

#include <filesystem>

#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// The logarithm to base 10 that stands for a probability of 0; so does everything below it.
inline constexpr double kArpaLogZero = -99.0;

/// Reads a back-off model in the ARPA format, plain or compressed by gzip; "-" is standard input.
/// Lines before "\data\" are skipped; -99 or less, or -inf, is probability 0. Errors:
/// std::runtime_error naming file and line for anything else that is not the format, counts that do
/// not fit, an n-gram met twice or without its context, a word without a unigram, a positive
/// logarithm of a probability, a model without <s> or </s>.
NgramModel read_arpa(const std::filesystem::path& path);

/// Decimals of logarithms that write_arpa() takes: what a float holds safely.
inline constexpr int kMaxArpaDecimals = 5;

/// Writes a model in the ARPA format, compressed by gzip where the name ends in ".gz", logarithms
/// to base 10 with at most `decimals` decimals. Back-off weights of 1 are left out. A file that was
/// written so and read comes out the same when written again. Errors: std::invalid_argument for
/// decimals outside 1 to kMaxArpaDecimals; std::runtime_error naming the file.
void write_arpa(const NgramModel& model, const std::filesystem::path& path,
                int decimals = kMaxArpaDecimals);

}  // namespace harpy
