#include "tools/transcribe/text_grid.hpp"

#include <algorithm>
#include <vector>

#include "models/files/printed.hpp"

namespace harpy::tools {

namespace {

struct TierInterval {
  double start_s = 0.0;
  double end_s = 0.0;
  std::string text;
};

std::string seconds_text(double seconds) { return printed("%.3f", seconds); }

/// Adds an interval, and an empty one before it where there is a gap. What overlaps begins later.
void add_interval(std::vector<TierInterval>& intervals, const std::string& text, double start_s,
                  double end_s) {
  const double before_s = intervals.empty() ? 0.0 : intervals.back().end_s;
  if (start_s > before_s) intervals.push_back({before_s, start_s, {}});
  start_s = std::max(start_s, before_s);
  if (end_s > start_s) intervals.push_back({start_s, end_s, text});
}

/// A tier that ends with the recording; it has one interval at least.
std::string tier(int number, const std::string& name, std::vector<TierInterval> intervals,
                 double duration_s) {
  const double covered_s = intervals.empty() ? 0.0 : intervals.back().end_s;
  if (covered_s < duration_s || intervals.empty()) intervals.push_back({covered_s, duration_s, {}});
  std::string text = "    item [" + std::to_string(number) + "]:\n";
  text += "        class = \"IntervalTier\"\n        name = \"" + name + "\"\n";
  text += "        xmin = 0\n        xmax = " + seconds_text(duration_s) + "\n";
  text += "        intervals: size = " + std::to_string(intervals.size()) + "\n";
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const TierInterval& interval = intervals[i];
    text += "        intervals [" + std::to_string(i + 1) + "]:\n";
    text += "            xmin = " + seconds_text(interval.start_s) + "\n";
    text += "            xmax = " + seconds_text(interval.end_s) + "\n            text = \"";
    for (const char letter : interval.text) {
      if (letter == '"') text += '"';  // Praat's escape
      text += letter;
    }
    text += "\"\n";
  }
  return text;
}

}  // namespace

std::string text_grid(const Transcription& result) {
  std::vector<TierInterval> words;
  std::vector<TierInterval> phones;
  double duration_s = result.duration_s;
  for (const SessionEvent& event : result.finals) {
    for (const RecognizedWord& word : event.words) {
      add_interval(words, word.text, word.start_s, word.end_s);
      duration_s = std::max(duration_s, word.end_s);
      for (const RecognizedPhone& phone : word.phones) {
        add_interval(phones, phone.name, phone.start_s, phone.end_s);
      }
    }
  }
  std::string text = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = ";
  text += seconds_text(duration_s) + "\ntiers? <exists>\nsize = " + (phones.empty() ? "1" : "2") +
          "\nitem []:\n";
  text += tier(1, "words", std::move(words), duration_s);
  if (!phones.empty()) text += tier(2, "phones", std::move(phones), duration_s);
  return text;
}

}  // namespace harpy::tools
