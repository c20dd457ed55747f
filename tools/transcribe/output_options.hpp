#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "service/recognizer/recognizer_options.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// What is told of utterances, and how; the same whether they are recordings or scores.
struct OutputOptions {
  std::vector<std::string> formats{"text"};
  std::filesystem::path folder;
  bool times = false;
  bool confidences = false;
  bool phones = false;
  int alternatives = 0;

  /// The formats without repetitions.
  std::vector<OutputFormat> chosen_formats() const;
  /// Adds what the results and formats need of sessions.
  void ask(SessionOptions& session) const;
  /// Where the results go. `is_only_one`: there is one recording.
  std::unique_ptr<OutputWriter> make_writer(bool is_only_one,
                                            const boost::json::object& header) const;
};

/// Adds --confidences, --phones and --alternatives.
void add_detail_options(CLI::App& command, OutputOptions& options);
/// Adds these, and --format, --output and --times.
void add_output_options(CLI::App& command, OutputOptions& options);

/// Refuses what no single stream can hold, as wrong usage.
void check_formats(const OutputOptions& options, bool is_only_one);

}  // namespace harpy::tools
