#include "tools/train_loss.hpp"

#include <cstdint>
#include <variant>
#include <vector>

#include "decoder/sequence_loss/ctc.hpp"
#include "decoder/sequence_loss/lattice_free_mmi.hpp"

namespace harpy::tools {

std::unique_ptr<Loss> make_loss(const Recipe& recipe, const Dataset& train_set,
                                std::int32_t label_count, int thread_count) {
  const auto* mmi = std::get_if<LatticeFreeMmiLossOptions>(&recipe.loss);
  if (mmi == nullptr) return std::make_unique<Ctc>(thread_count);
  std::vector<std::vector<std::int32_t>> sequences;
  for (const Utterance& utterance : train_set.utterances()) sequences.push_back(utterance.labels);
  return std::make_unique<LatticeFreeMmi>(
      DenominatorGraph(sequences, label_count,
                       {.order = static_cast<int>(mmi->order), .context_count = mmi->contexts}),
      LatticeFreeMmiOptions{.ctc_weight = mmi->ctc_weight, .thread_count = thread_count});
}

}  // namespace harpy::tools
