#include "tools/transcribe/output_format.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "decoder/lattice/lattice_text.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/printed.hpp"
#include "models/files/text_fields.hpp"
#include "service/json/json_text.hpp"
#include "service/transcript/subtitles.hpp"
#include "tools/transcribe/text_grid.hpp"

namespace harpy::tools {

namespace {

struct NamedFormat {
  OutputFormat format;
  const char* name;
  const char* ending;
  bool can_hold_many = false;
};

constexpr std::array kFormats{
    NamedFormat{OutputFormat::kText, "text", ".txt", true},
    NamedFormat{OutputFormat::kJson, "json", ".json", true},
    NamedFormat{OutputFormat::kJsonLines, "jsonl", ".jsonl", true},
    NamedFormat{OutputFormat::kSrt, "srt", ".srt", false},
    NamedFormat{OutputFormat::kVtt, "vtt", ".vtt", false},
    NamedFormat{OutputFormat::kCtm, "ctm", ".ctm", true},
    NamedFormat{OutputFormat::kStm, "stm", ".stm", true},
    NamedFormat{OutputFormat::kTextGrid, "textgrid", ".TextGrid", false},
    NamedFormat{OutputFormat::kManifest, "manifest", ".manifest", true},
    NamedFormat{OutputFormat::kLattice, "lattice", ".lattice", true},
    NamedFormat{OutputFormat::kRawLattice, "raw-lattice", ".raw-lattice", true},
};

/// Errors: std::invalid_argument for a format without a line in the table.
const NamedFormat& named(OutputFormat format) {
  for (const NamedFormat& entry : kFormats) {
    if (entry.format == format) return entry;
  }
  throw std::invalid_argument("unknown transcript format");
}

double rounded_confidence(double confidence) { return rounded(confidence, 4); }

double rounded_seconds(double seconds) { return rounded(seconds, 3); }

boost::json::object json_word(const RecognizedWord& word) {
  boost::json::object object{{"word", word.text},
                             {"start", rounded_seconds(word.start_s)},
                             {"end", rounded_seconds(word.end_s)}};
  if (word.confidence) object["confidence"] = rounded_confidence(*word.confidence);
  if (word.phones.empty()) return object;
  boost::json::array phones;
  for (const RecognizedPhone& phone : word.phones) {
    phones.push_back({{"phone", phone.name},
                      {"start", rounded_seconds(phone.start_s)},
                      {"end", rounded_seconds(phone.end_s)}});
  }
  object["phones"] = std::move(phones);
  return object;
}

boost::json::array json_words(const std::vector<RecognizedWord>& words) {
  boost::json::array array;
  for (const RecognizedWord& word : words) array.push_back(json_word(word));
  return array;
}

boost::json::object json_utterance(const SessionEvent& event) {
  boost::json::object object{{"start", rounded_seconds(event.words.front().start_s)},
                             {"end", rounded_seconds(event.words.back().end_s)},
                             {"text", event.text()}};
  if (!event.written.empty()) object["written"] = joined_text(event.written);
  if (event.alternatives.empty()) return object;
  boost::json::array alternatives;
  for (const Alternative& alternative : event.alternatives) {
    alternatives.push_back({{"text", joined_text(alternative.words)},
                            {"score", rounded_confidence(alternative.score)},
                            {"probability", rounded_confidence(alternative.probability)},
                            {"words", json_words(alternative.words)}});
  }
  object["alternatives"] = std::move(alternatives);
  return object;
}

/// What an utterance is called among those of all recordings.
std::string utterance_id(const Recording& recording, const Transcription& result,
                         std::size_t utterance) {
  if (result.finals.size() == 1) return recording.id;
  return recording.id + "-" + std::to_string(utterance + 1);
}

/// What NIST's lines call a recording.
std::pair<std::string, std::string> file_and_channel(const Recording& recording) {
  std::string file = recording.name;
  for (char& letter : file) {
    if (kBlanks.find(letter) != std::string_view::npos) letter = '_';
  }
  return {escape_for_line(file), std::to_string(recording.channel.value_or(0) + 1)};
}

}  // namespace

std::vector<std::string> output_format_names() {
  std::vector<std::string> names;
  names.reserve(kFormats.size());
  for (const NamedFormat& entry : kFormats) names.emplace_back(entry.name);
  return names;
}

OutputFormat parse_output_format(std::string_view name) {
  for (const NamedFormat& entry : kFormats) {
    if (name == entry.name) return entry.format;
  }
  std::string names;
  for (const NamedFormat& entry : kFormats) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw std::invalid_argument("expected one of " + names + ", got \"" + std::string(name) + "\"");
}

std::string file_ending(OutputFormat format) { return named(format).ending; }

bool can_hold_many(OutputFormat format) { return named(format).can_hold_many; }

boost::json::object json_header(const ModelDescription& model) {
  return {
      {"harpy", HARPY_VERSION},
      {"model", {{"name", model.name}, {"version", model.version}, {"language", model.language}}}};
}

std::string json_document_begin(const boost::json::object& header) {
  std::string begin = json_line(header);
  begin.pop_back();
  return begin + (header.empty() ? "" : ", ") + "\"recordings\": [\n  ";
}

boost::json::object json_recording(const Recording& recording, const Transcription& result) {
  boost::json::object object{{"id", escape_invalid_utf8(recording.id)}};
  if (!recording.audio.empty()) object["audio"] = escape_invalid_utf8(recording.audio.string());
  if (recording.start_s > 0.0) object["start"] = rounded_seconds(recording.start_s);
  if (recording.channel) object["channel"] = *recording.channel + 1;
  boost::json::array words;
  boost::json::array written;
  boost::json::array utterances;
  for (const SessionEvent& event : result.finals) {
    for (const RecognizedWord& word : event.words) words.push_back(json_word(word));
    for (const RecognizedWord& word : event.written) written.push_back(json_word(word));
    utterances.push_back(json_utterance(event));
  }
  object["duration_s"] = rounded_seconds(result.duration_s);
  if (!result.speech_starts_s.empty()) {
    boost::json::array starts;
    for (const double start_s : result.speech_starts_s) starts.push_back(rounded_seconds(start_s));
    object["speech_starts"] = std::move(starts);
  }
  object["text"] = result.text();
  object["words"] = std::move(words);
  if (!written.empty()) {
    object["written"] = result.shown_text();
    object["written_words"] = std::move(written);
  }
  object["utterances"] = std::move(utterances);
  return object;
}

std::string ctm_text(const Recording& recording, const Transcription& result) {
  const auto [file, channel] = file_and_channel(recording);
  std::string lines;
  for (const SessionEvent& event : result.finals) {
    for (const RecognizedWord& word : event.words) {
      lines +=
          file + " " + channel + printed(" %.3f %.3f ", word.start_s, word.end_s - word.start_s);
      lines += word.text;
      if (word.confidence) lines += printed(" %.4f", *word.confidence);
      lines += "\n";
    }
  }
  return lines;
}

std::string stm_text(const Recording& recording, const Transcription& result) {
  const auto [file, channel] = file_and_channel(recording);
  std::string lines;
  for (const SessionEvent& event : result.finals) {
    lines += file + " " + channel + " " + file;
    lines += printed(" %.3f %.3f ", event.words.front().start_s, event.words.back().end_s);
    lines += event.text() + "\n";
  }
  return lines;
}

std::string manifest_lines(const Recording& recording, const Transcription& result) {
  constexpr double kMargin_s = 0.5;
  std::string lines;
  for (std::size_t i = 0; i < result.finals.size(); ++i) {
    const SessionEvent& event = result.finals[i];
    const double begin_s = std::max(event.start_s, event.words.front().start_s - kMargin_s);
    const double end_s = std::min(event.end_s, event.words.back().end_s + kMargin_s);
    boost::json::object line{
        {"id", escape_invalid_utf8(utterance_id(recording, result, i))},
        {"audio", escape_invalid_utf8(std::filesystem::absolute(recording.audio).string())},
        {"start", rounded_seconds(recording.start_s + begin_s)},
        {"end", rounded_seconds(recording.start_s + end_s)},
        {"text", event.text()}};
    if (recording.channel) line["channel"] = *recording.channel + 1;
    if (!recording.speaker.empty()) line["speaker"] = recording.speaker;
    lines += json_line(line) + "\n";
  }
  return lines;
}

std::string lattice_archive(const Recording& recording, const Transcription& result, bool raw) {
  std::string text;
  for (std::size_t i = 0; i < result.finals.size(); ++i) {
    const UtteranceLattice& lattice = result.finals[i].lattice;
    const std::string id = escape_for_line(utterance_id(recording, result, i));
    if (raw && lattice.raw) text += lattice_text(id, *lattice.raw, *lattice.words);
    if (!raw && lattice.compact) text += lattice_text(id, *lattice.compact, *lattice.words);
  }
  return text;
}

std::string utterance_lines(const Transcription& result, bool times) {
  std::string lines;
  for (const SessionEvent& event : result.finals) {
    if (times) {
      lines += printed("  %7.2f - %7.2f  ", event.words.front().start_s, event.words.back().end_s);
    }
    lines += joined_text(event.shown_words()) + "\n";
  }
  return lines;
}

std::string file_content(OutputFormat format, const Recording& recording,
                         const Transcription& result, const boost::json::object& header) {
  switch (format) {
    case OutputFormat::kText:
      return utterance_lines(result, false);
    case OutputFormat::kJson: {
      boost::json::object document = header;
      document["recordings"] = boost::json::array{json_recording(recording, result)};
      return indented_json(document) + "\n";
    }
    case OutputFormat::kJsonLines:
      return json_line(json_recording(recording, result)) + "\n";
    case OutputFormat::kSrt:
      return srt_text(make_cues(result.finals));
    case OutputFormat::kVtt:
      return vtt_text(make_cues(result.finals));
    case OutputFormat::kCtm:
      return ctm_text(recording, result);
    case OutputFormat::kStm:
      return stm_text(recording, result);
    case OutputFormat::kTextGrid:
      return text_grid(result);
    case OutputFormat::kManifest:
      return manifest_lines(recording, result);
    case OutputFormat::kLattice:
      return lattice_archive(recording, result, false);
    case OutputFormat::kRawLattice:
      return lattice_archive(recording, result, true);
  }
  throw std::invalid_argument("unknown transcript format");
}

}  // namespace harpy::tools
