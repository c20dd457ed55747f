// What steers and rescores recognition: grammars, mapped language models and lattices.
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/grammar/jsgf.hpp"
#include "decoder/language_model/arpa.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "tests/fuzz/malformed_files.hpp"
#include "tools/lattice/lattice_file.hpp"

namespace harpy {
namespace {

using testing::MalformedFiles;

TEST_F(MalformedFiles, GrammarsAreReadOrRefused) {
  const std::vector<std::string> samples{
      "#JSGF V1.0 UTF-8 en;\ngrammar home;\n/** A comment. */\npublic <command> = [please] "
      "(/1/ <turn> | /2.5/ dim | /0.5/ \"brighten up\" {tag}) <what>+; // another\n"
      "<turn> = turn (on | off);\n<what> = the (lamp | <NULL> | [unk2] light)* lamp;\n",
      "#JSGF V1.0;\ngrammar digits;\npublic <digits> = (one | two | \"[unk]\")+;\n"};
  run(samples, [this](const auto& path) {
    try {
      remove_epsilons(read_jsgf(read_bytes(path)));
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(path.string() + ": " + error.what());
    }
  });
}

TEST_F(MalformedFiles, MappedLanguageModelsAreReadOrRefused) {
  const std::filesystem::path arpa = directory_.path() / "model.arpa";
  std::ofstream(arpa) << "\\data\\\nngram 1=5\nngram 2=3\nngram 3=1\n\n\\1-grams:\n-1.5\tA\t-0.25\n"
                         "-1.25\tB\t-0.5\n-99\t<s>\t-0.5\n-0.75\t</s>\n-2\t<unk>\n\n\\2-grams:\n"
                         "-0.5\t<s> A\t-0.125\n-0.25\tA B\n-1\tA </s>\n\n\\3-grams:\n"
                         "-0.125\t<s> A B\n\n\\end\\\n";
  const NgramModel model = read_arpa(arpa);
  std::vector<std::string> samples;
  for (const int bits : {8, 16}) {
    samples.push_back(written([&](const auto& path) { write_mapped_ngram(model, path, bits); }));
  }
  run(samples, [](const auto& path) {
    const MappedNgramModel mapped(path);
    NgramContext context = mapped.start();
    for (WordId word = 0; word < mapped.word_count(); ++word) {
      context = mapped.step(context, word).next;
    }
    mapped.final_cost(context);
  });
}

TEST_F(MalformedFiles, LatticesAreReadOrRefused) {
  const std::vector<std::string> samples{
      "first\n0 1 ONE 1.5,-2,3_3_0\n0 1 TWO 1.25,-1,4_0_4\n1 2 <eps> 0,0.5,0\n2 0.25,0,\n\n"
      "second\n0 0,0,5_5\n\n",
      "raw\n0 1 3 ONE 0.5,-1.5\n0 1 4 TWO 0.75,-1.25\n1 2 0 <eps> 0,-1\n2 0.5,0\n\n"};
  run(samples, [](const auto& path) { tools::read_lattices(path); });
}

}  // namespace
}  // namespace harpy
