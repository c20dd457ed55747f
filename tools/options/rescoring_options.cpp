#include "tools/options/rescoring_options.hpp"

#include <CLI/CLI.hpp>

namespace harpy::tools {

void add_rescoring_options(CLI::App& command, RescoringOverrides& rescoring) {
  command
      .add_option("--rescore", rescoring.language_model,
                  "Larger n-gram model (harpy lm --output FILE.ngram) that decides among the "
                  "readings in the lattices")
      ->type_name("FILE");
  command
      .add_option("--rescore-graph-model", rescoring.graph_language_model,
                  "The n-gram model that the graph was made of, in the same form; of a model "
                  "package without it: its own")
      ->type_name("FILE");
  command
      .add_option("--rescore-scale", rescoring.scale,
                  "Share of the larger model's costs in place of the graph's model's: 0 none, 1 "
                  "all (1 unless the model package says otherwise)")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace harpy::tools
