// What the score command reads: one error that names the file, or texts that can be normalised.
#include "tests/fuzz/malformed_files.hpp"
#include "tools/score/scored_texts.hpp"
#include "tools/score/text_normaliser.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::MalformedFiles;

TEST_F(MalformedFiles, TextsToScoreAreReadOrRefused) {
  const std::vector<std::string> samples{
      "{\"id\": \"a\", \"text\": \"$5.50 \\u00e9 1st\", \"speaker\": \"s\"}\n",
      "u1 It's 3:05, -4.5% of \xC2\xA3 1,234 million\r\n \r\nu2 [noise] U.S. 1990s '80s 007\n",
      ";; a comment\nHELLO 1.2.3 <unk> (spk-u1)\n(spk-u2)\n",
      "\xEF\xBB\xBFu1 two thousand and ten e-mails 20 \xE2\x82\xAC\n"};
  const TextNormaliser normaliser(english_normalisation_table());
  run(samples, [&](const auto& path) {
    for (const auto& [id, text] : read_scored_texts(path)) {
      const std::string once = normaliser.normalise(text.text);
      ASSERT_EQ(once.find("  "), std::string::npos);
    }
  });
}

TEST_F(MalformedFiles, NormalisationTablesAreReadOrRefused) {
  const std::vector<std::string> samples{
      "# English\n[characters]\n\xE2\x80\x99 = '\n[symbols]\n& = and\n[spellings]\nok = okay\n",
      "[currencies]\n$ = dollar dollars cent cents\n[plurals]\n90 = nineties\n",
      "[numbers]\njoiner = and\nordinal endings = st nd\n[ordinals]\n1 = first\n"};
  run(samples, [](const auto& path) {
    TextNormaliser(read_normalisation_table(path)).normalise("OK & $5.50, 1st 90s");
  });
}

}  // namespace
}  // namespace harpy::tools
