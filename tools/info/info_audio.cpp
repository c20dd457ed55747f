#include "tools/info/info_audio.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "frontend/audio/audio_file.hpp"
#include "models/files/printed.hpp"
#include "tools/info/audio_levels.hpp"

namespace harpy::tools {

namespace {

InfoValue level_value(std::optional<double> dbfs) {
  if (!dbfs) return {"-inf dBFS", nullptr};
  return info_number(*dbfs, 1, "dBFS");
}

InfoValue clipped_value(const AudioLevels& levels) {
  const std::int64_t count = levels.clipped_sample_count();
  InfoValue value = info_count(count);
  if (count > 0) {
    const double percent =
        100.0 * static_cast<double>(count) / static_cast<double>(levels.sample_count());
    value.text += " (" + info_number(percent, percent < 0.1 ? 4 : 2, "%").text + ")";
  }
  return value;
}

InfoValue band_value(const AudioLevels& levels, int sample_rate_hz) {
  const std::optional<double> edge_hz = levels.band_edge_hz();
  if (!edge_hz) return {levels.peak_dbfs() ? "full" : "silent", nullptr};
  InfoValue value = info_number(*edge_hz, 0, "");
  value.text = "empty above " + with_thousands(value.value.to_number<std::int64_t>()) + " Hz";
  const int rate_hz = usual_sample_rate_hz(*edge_hz);
  if (rate_hz < sample_rate_hz) {
    value.text += ", as if recorded at " + with_thousands(rate_hz) + " Hz or cut by a codec";
  }
  return value;
}

/// What is measured of a channel, in the order of kMeasures.
std::vector<InfoValue> measures(const AudioLevels& levels, int sample_rate_hz) {
  return {level_value(levels.peak_dbfs()), level_value(levels.rms_dbfs()), clipped_value(levels),
          info_number(100.0 * levels.dc_offset(), 3, "%"), band_value(levels, sample_rate_hz)};
}

const std::vector<InfoColumn>& measure_columns() {
  static const std::vector<InfoColumn> kColumns{{"peak", "peak_dbfs", true},
                                                {"RMS", "rms_dbfs", true},
                                                {"clipped samples", "clipped_samples", true},
                                                {"offset", "offset_percent", true},
                                                {"band", "band_edge_hz", false}};
  return kColumns;
}

std::string duration_text(double seconds) {
  std::string text = info_number(seconds, 3, "s").text;
  if (seconds < 60.0) return text;
  const auto whole = static_cast<std::int64_t>(seconds);
  return text + printed(" (%lld:%02lld:%02lld)", static_cast<long long>(whole / 3600),
                        static_cast<long long>(whole / 60 % 60),
                        static_cast<long long>(whole % 60));
}

}  // namespace

InfoReport describe_audio(const std::filesystem::path& path) {
  AudioFile file(path);
  ChannelReader reader(file);
  std::vector<AudioLevels> levels(static_cast<std::size_t>(file.channel_count()),
                                  AudioLevels(file.sample_rate_hz()));
  std::int64_t frame_count = 0;
  while (const std::int64_t count = reader.read()) {
    for (int c = 0; c < reader.channel_count(); ++c) {
      levels[static_cast<std::size_t>(c)].accept(reader.channel(c));
    }
    frame_count += count;
  }
  InfoValue duration =
      info_number(static_cast<double>(frame_count) / file.sample_rate_hz(), 3, "s");
  duration.text = duration_text(static_cast<double>(frame_count) / file.sample_rate_hz());
  InfoReport report{.subject = path.string(),
                    .kind = "audio",
                    .facts = {{"format", "format", info_text(file.format())},
                              {"sample rate", "sample_rate_hz", info_count(file.sample_rate_hz())},
                              {"channels", "channel_count", info_count(file.channel_count())},
                              {"duration", "duration_s", duration},
                              {"samples", "sample_count", info_count(frame_count)}},
                    .tables = {}};
  report.facts[1].value.text += " Hz";
  for (const std::string& note : file.notes()) {
    report.facts.push_back({"note", "note", info_text(note)});
  }
  const std::vector<InfoColumn>& columns = measure_columns();
  if (levels.size() == 1) {
    std::vector<InfoValue> values = measures(levels[0], file.sample_rate_hz());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      report.facts.push_back({columns[i].label, columns[i].name, std::move(values[i])});
    }
    return report;
  }
  InfoTable table{.title = "each channel", .name = "channels", .columns = {}, .rows = {}};
  table.columns.push_back({"channel", "channel", true});
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (std::size_t c = 0; c < levels.size(); ++c) {
    std::vector<InfoValue> row{info_count(static_cast<std::int64_t>(c) + 1)};
    for (InfoValue& value : measures(levels[c], file.sample_rate_hz())) {
      row.push_back(std::move(value));
    }
    table.rows.push_back(std::move(row));
  }
  report.tables.push_back(std::move(table));
  return report;
}

}  // namespace harpy::tools
