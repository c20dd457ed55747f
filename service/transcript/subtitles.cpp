#include "service/transcript/subtitles.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "models/files/printed.hpp"
#include "models/files/utf8.hpp"

namespace harpy {

namespace {

using Words = std::span<const RecognizedWord>;

std::int64_t whole_milliseconds(double seconds) { return std::llround(seconds * 1000.0); }

/// Characters of words joined by spaces.
std::size_t line_length(Words words) {
  std::size_t length = words.empty() ? 0 : words.size() - 1;
  for (const RecognizedWord& word : words) length += count_characters(word.text);
  return length;
}

std::string join(Words words) {
  std::string line;
  for (const RecognizedWord& word : words) {
    if (!line.empty()) line += ' ';
    line += word.text;
  }
  return line;
}

/// Where to break words into two lines, as evenly as can be: the number of words of the first, all
/// of them where one line is enough, 0 where two are not.
std::size_t find_line_break(Words words, std::size_t line_characters) {
  if (line_length(words) <= line_characters || words.size() == 1) return words.size();
  std::size_t best = 0;
  std::size_t best_longest = 0;
  for (std::size_t count = 1; count < words.size(); ++count) {
    const auto fits = [&](Words line) {
      return line.size() == 1 || line_length(line) <= line_characters;
    };
    const Words first = words.first(count);
    const Words second = words.subspan(count);
    if (!fits(first) || !fits(second)) continue;
    const std::size_t longest = std::max(line_length(first), line_length(second));
    if (best == 0 || longest < best_longest) {
      best = count;
      best_longest = longest;
    }
  }
  return best;
}

bool fits_cue(Words words, const SubtitleLimits& limits) {
  return words.size() == 1 || (words.back().end_s - words.front().start_s <= limits.longest_s &&
                               find_line_break(words, limits.line_characters) > 0);
}

/// How many of the words make the next cue.
std::size_t next_cue_size(Words words, const SubtitleLimits& limits) {
  const auto gap_s = [&](std::size_t count) {
    return words[count].start_s - words[count - 1].end_s;
  };
  std::size_t count = 1;
  while (count < words.size() && fits_cue(words.first(count + 1), limits)) {
    if (gap_s(count) >= limits.pause_s) return count;
    ++count;
  }
  if (count == words.size()) return count;
  std::size_t best = count;
  for (std::size_t earlier = count - 1; 2 * earlier > count; --earlier) {
    constexpr double kNoticeable_s = 0.05;
    if (gap_s(earlier) > gap_s(best) + kNoticeable_s) best = earlier;
  }
  return best;
}

SubtitleCue make_cue(Words words, const SubtitleLimits& limits) {
  SubtitleCue cue{
      whole_milliseconds(words.front().start_s), whole_milliseconds(words.back().end_s), {}};
  const std::size_t count = find_line_break(words, limits.line_characters);
  cue.lines.push_back(join(words.first(count)));
  if (count < words.size()) cue.lines.push_back(join(words.subspan(count)));
  return cue;
}

/// Lets short cues stay, and keeps each cue from running into the next.
void settle_times(std::vector<SubtitleCue>& cues, const SubtitleLimits& limits) {
  for (std::size_t index = 0; index < cues.size(); ++index) {
    SubtitleCue& cue = cues[index];
    if (index > 0) cue.begin_ms = std::max(cue.begin_ms, cues[index - 1].end_ms);
    cue.end_ms = std::min(cue.end_ms, cue.begin_ms + whole_milliseconds(limits.longest_s));
    cue.end_ms = std::max(cue.end_ms, cue.begin_ms + whole_milliseconds(limits.shortest_s));
    if (index + 1 < cues.size()) cue.end_ms = std::min(cue.end_ms, cues[index + 1].begin_ms);
    cue.end_ms = std::max(cue.end_ms, cue.begin_ms + 1);
  }
}

std::string clock(std::int64_t time_ms, char separator) {
  return printed("%02lld:%02lld:%02lld%c%03lld", static_cast<long long>(time_ms / 3600000),
                 static_cast<long long>(time_ms / 60000 % 60),
                 static_cast<long long>(time_ms / 1000 % 60), separator,
                 static_cast<long long>(time_ms % 1000));
}

std::string times(const SubtitleCue& cue, char separator) {
  return clock(cue.begin_ms, separator) + " --> " + clock(cue.end_ms, separator);
}

/// A copy with every `from` replaced.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (;;) {
    const std::size_t at = text.find(from);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    result += to;
    text.remove_prefix(at + from.size());
  }
}

}  // namespace

std::vector<SubtitleCue> make_cues(std::span<const SessionEvent> utterances,
                                   const SubtitleLimits& limits) {
  std::vector<SubtitleCue> cues;
  for (const SessionEvent& utterance : utterances) {
    for (Words words = utterance.shown_words(); !words.empty();) {
      const std::size_t count = next_cue_size(words, limits);
      cues.push_back(make_cue(words.first(count), limits));
      words = words.subspan(count);
    }
  }
  settle_times(cues, limits);
  return cues;
}

std::string srt_text(std::span<const SubtitleCue> cues) {
  std::string text;
  for (std::size_t index = 0; index < cues.size(); ++index) {
    text += std::to_string(index + 1) + "\n" + times(cues[index], ',') + "\n";
    for (const std::string& line : cues[index].lines) {
      text += replaced(line, "-->", "->") + "\n";
    }
    text += "\n";
  }
  return text;
}

std::string vtt_text(std::span<const SubtitleCue> cues) {
  std::string text = "WEBVTT\n\n";
  for (std::size_t index = 0; index < cues.size(); ++index) {
    text += std::to_string(index + 1) + "\n" + times(cues[index], '.') + "\n";
    for (const std::string& line : cues[index].lines) {
      text += replaced(replaced(replaced(line, "&", "&amp;"), "<", "&lt;"), ">", "&gt;") + "\n";
    }
    text += "\n";
  }
  return text;
}

}  // namespace harpy
