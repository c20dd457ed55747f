#include "tools/options/search_options.hpp"

#include <string>

#include <CLI/CLI.hpp>

namespace harpy::tools {

namespace {

/// What stands behind a description: where the value comes from that is not given.
std::string otherwise(bool has_model, const char* value) {
  return "; " + std::string(has_model ? "model's value" : value) + " if not given";
}

}  // namespace

void add_beam_options(CLI::App& command, SearchOverrides& search, bool has_model) {
  command.add_option("--beam", search.beam, "Search beam, in nats" + otherwise(has_model, "15"));
  command.add_option("--max-active", search.max_active,
                     "Most tokens a frame" + otherwise(has_model, "10,000"));
}

void add_search_options(CLI::App& command, SearchOverrides& search, bool has_model) {
  add_beam_options(command, search, has_model);
  command.add_option("--acoustic-scale", search.acoustic_scale,
                     "Factor on acoustic scores" + otherwise(has_model, "1"));
  command.add_option(
      "--blank-penalty", search.blank_penalty,
      "Nats taken from the blank's score: more words, fewer gaps" + otherwise(has_model, "0"));
  command
      .add_option(
          "--blank-skip-threshold", search.blank_skip_threshold,
          "Probability of the blank above which only one of several such frames in a row is "
          "searched: the smaller, the faster and the more errors; 1: every frame is" +
              otherwise(has_model, "1"))
      ->check(CLI::Range(1e-6, 1.0));
  command.add_option("--minimum-bayes-risk", search.minimum_bayes_risk,
                     "Whether final words are those of least expected errors in the lattice (yes) "
                     "rather than those of the best path (no)" +
                         otherwise(has_model, "no"));
  command
      .add_option("--least-confidence", search.least_confidence,
                  "With --minimum-bayes-risk yes: an utterance none of whose words is as sure is "
                  "taken for noise and has no words" +
                      otherwise(has_model, "0"))
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace harpy::tools
