#include "tools/transcribe/steering_files.hpp"

#include "models/files/text_lines.hpp"

namespace harpy::tools {

SteeringRequest read_steering_files(const SteeringFiles& files) {
  SteeringRequest request{.unknown_phone_cost = files.unknown_phone_cost};
  if (!files.phrases.empty()) {
    TextLines lines(files.phrases);
    while (lines.next()) {
      if (!lines.fields().empty()) request.phrase_list.emplace_back(lines.line());
    }
  }
  if (!files.grammar.empty()) request.grammar = read_text(files.grammar);
  return request;
}

}  // namespace harpy::tools
