#include "tools/options/endpoint_options.hpp"

#include <CLI/CLI.hpp>

namespace harpy::tools {

void add_endpoint_options(CLI::App& command, EndpointTimes& times) {
  const CLI::Range seconds(0.1, 3600.0);
  command
      .add_option("--endpoint-start-max", times.start_max_s,
                  "Seconds after which an utterance ends in which nobody has spoken")
      ->check(seconds);
  command
      .add_option("--endpoint-end", times.end_s,
                  "Seconds of silence that end an utterance where a sentence is likely to end; "
                  "elsewhere it takes 0.4 more. The larger, the later and the surer")
      ->check(seconds);
  command
      .add_option("--endpoint-max", times.max_s,
                  "Seconds after which an utterance ends in any case; from 3/8 of it on it ends in "
                  "shorter pauses")
      ->check(seconds);
}

}  // namespace harpy::tools
