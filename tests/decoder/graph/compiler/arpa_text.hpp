#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "decoder/language_model/arpa.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

/// The model of a text in the ARPA format.
inline NgramModel model_of(const std::string& text) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "model.arpa";
  std::ofstream(path) << text;
  return read_arpa(path);
}

/// A trigram model over A, AD, ADD, D, READ, RED with everything that a grammar must cope with:
/// contexts without successors and with, back-off weights of both, n-grams with <unk>, a trigram
/// whose last two words are no bigram (A D RED has one, AD D A has none).
inline constexpr const char* kTrigrams =
    "\\data\\\n"
    "ngram 1=9\n"
    "ngram 2=7\n"
    "ngram 3=4\n"
    "\n"
    "\\1-grams:\n"
    "-99 <s> -0.5\n"
    "-1.1 </s>\n"
    "-1.5 <unk>\n"
    "-0.7 A -0.3\n"
    "-0.9 AD -0.1\n"
    "-1.3 ADD\n"
    "-0.8 D -0.2\n"
    "-1.2 READ -0.4\n"
    "-1.4 RED\n"
    "\n"
    "\\2-grams:\n"
    "-0.4 <s> A -0.25\n"
    "-0.6 <s> D\n"
    "-0.5 A D -0.15\n"
    "-0.2 A </s>\n"
    "-0.7 AD D -0.6\n"
    "-0.3 D RED -0.05\n"
    "-0.9 <unk> A\n"
    "\n"
    "\\3-grams:\n"
    "-0.1 <s> A D\n"
    "-0.2 A D </s>\n"
    "-0.3 A D RED\n"
    "-0.35 AD D A\n"
    "\n"
    "\\end\\\n";

}  // namespace harpy::testing
