#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>

#include "tests/fuzz/mutation.hpp"

namespace harpy::testing {

/// Makes a malformed input of samples; equal seeds give equal inputs.
using MakeInput = std::function<std::string(std::span<const std::string> samples, std::uint32_t)>;

/// Tries a parser: on the samples, on its kept inputs, and on malformed ones that are made of both.
///
/// Kept are the files in tests/fuzz/corpus/PARSER, where PARSER is corpus_name(). Without more ado
/// 4,000 further inputs are tried, or as many as ten seconds allow; HARPY_FUZZ_SECONDS says for how
/// long instead, HARPY_FUZZ_SEED with which seed to begin. With HARPY_FUZZ_KEEP, an input of which
/// something becomes that becomes of no kept one is kept, if it is short, up to eight; and so is
/// the one that fails.
///
/// `take` gives an input to the parser, reports by GoogleTest what is wrong, and returns what has
/// become of it, such as the text of an error. Returns all that has become of malformed inputs.
std::set<std::string> fuzz(std::span<const std::string> samples,
                           const std::function<std::string(const std::string& input)>& take,
                           const MakeInput& make = mutate);

/// The folder with the kept inputs of all parsers.
std::string corpus_folder();

/// What the parser is called that a test tries, by the test's name:
/// "MalformedAudio.OfFlacIsReadOrRefused" tries "AudioOfFlac".
std::string corpus_name(const std::string& test_suite, const std::string& test);

}  // namespace harpy::testing
