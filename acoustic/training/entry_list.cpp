#include "acoustic/training/entry_list.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace harpy {
namespace {

/// What has one size in every entry; the texts follow, one behind another.
struct FixedFields {
  double start_s = 0.0;
  std::optional<double> end_s;
  double duration_s = 0.0;
  std::optional<int> channel;
  bool is_background = false;
  std::array<std::size_t, 5> text_sizes = {};
};

}  // namespace

EntryList::EntryList(const std::vector<ManifestEntry>& entries)
    : EntryList(std::filesystem::path()) {
  for (const ManifestEntry& entry : entries) add(entry);
  finish();
}

void EntryList::add(const ManifestEntry& entry) {
  begins_.append(fields_.size());
  const std::string& audio = entry.audio.native();
  const std::array texts{&entry.source, &entry.id, &audio, &entry.text, &entry.speaker};
  FixedFields fixed{entry.start_s, entry.end_s, entry.duration_s, entry.channel,
                    entry.is_background};
  for (std::size_t i = 0; i < texts.size(); ++i) fixed.text_sizes[i] = texts[i]->size();
  std::array<char, sizeof(fixed)> bytes{};
  std::memcpy(bytes.data(), &fixed, sizeof(fixed));
  fields_.append(bytes);
  for (const std::string* text : texts) fields_.append(*text);
}

void EntryList::finish() {
  fields_.finish();
  begins_.finish();
}

ManifestEntry EntryList::operator[](std::size_t index) const {
  const char* at = fields_.values().data() + begins_.values()[index];
  FixedFields fixed;
  std::memcpy(&fixed, at, sizeof(fixed));
  at += sizeof(fixed);
  std::array<std::string, 5> texts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i].assign(at, fixed.text_sizes[i]);
    at += fixed.text_sizes[i];
  }
  auto& [source, id, audio, text, speaker] = texts;
  return {.source = std::move(source),
          .id = std::move(id),
          .audio = std::move(audio),
          .text = std::move(text),
          .speaker = std::move(speaker),
          .start_s = fixed.start_s,
          .end_s = fixed.end_s,
          .duration_s = fixed.duration_s,
          .channel = fixed.channel,
          .is_background = fixed.is_background};
}

}  // namespace harpy
