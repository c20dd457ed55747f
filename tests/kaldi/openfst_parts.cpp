#include "tests/kaldi/openfst_parts.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include <fst/extensions/ngram/ngram-fst.h>
#include <fst/fstlib.h>
#include <fst/matcher-fst.h>

namespace harpy::testing {

namespace {

fst::StdVectorFst vector_fst(const GraphDescription& graph) {
  fst::StdVectorFst result;
  for (const float cost : graph.final_costs) result.SetFinal(result.AddState(), cost);
  for (const SourcedArc& arc : graph.arcs) {
    result.AddArc(arc.source,
                  fst::StdArc(arc.arc.input, arc.arc.output, arc.arc.cost, arc.arc.target));
  }
  result.SetStart(graph.start);
  return result;
}

template <typename Fst>
void write_fst(const Fst& graph, const std::string& path) {
  if (graph.Properties(fst::kError, false) != 0 || !graph.Write(path)) {
    throw std::runtime_error(path + ": OpenFst does not write it");
  }
}

}  // namespace

std::map<std::int32_t, std::int32_t> write_graph_parts(
    const GraphDescription& lexicon, const GraphDescription& grammar, bool is_ngram,
    const std::map<std::int32_t, std::string>& symbols, const std::string& lexicon_path,
    const std::string& grammar_path) {
  using Relabeler = fst::LabelLookAheadRelabeler<fst::StdArc>;
  const fst::StdOLabelLookAheadFst lookahead(vector_fst(lexicon));
  write_fst(lookahead, lexicon_path);
  std::vector<std::pair<int, int>> pairs;
  Relabeler::RelabelPairs(lookahead, &pairs, true);
  const std::map<std::int32_t, std::int32_t> numbers(pairs.begin(), pairs.end());

  fst::StdVectorFst relabeled = vector_fst(grammar);
  Relabeler::Relabel(&relabeled, lookahead, true);
  if (is_ngram) fst::Project(&relabeled, fst::PROJECT_INPUT);
  fst::ArcSort(&relabeled, fst::ILabelCompare<fst::StdArc>());
  if (!symbols.empty()) {
    fst::SymbolTable names;
    for (const auto& [number, name] : symbols) {
      const auto renumbered = numbers.find(number);
      names.AddSymbol(name, is_ngram && renumbered != numbers.end() ? renumbered->second : number);
    }
    relabeled.SetOutputSymbols(&names);
  }
  if (is_ngram) {
    write_fst(fst::NGramFst<fst::StdArc>(relabeled), grammar_path);
  } else {
    write_fst(fst::ConstFst<fst::StdArc>(relabeled), grammar_path);
  }
  return numbers;
}

}  // namespace harpy::testing
