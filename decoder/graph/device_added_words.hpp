#pragma once

#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/added_words.hpp"

namespace harpy {

/// Added words of which a device holds a copy, immutable and shared by all searches there.
class DeviceAddedWords {
 public:
  /// Errors: those of the device, std::bad_alloc among them.
  DeviceAddedWords(std::shared_ptr<const AddedWords> words,
                   const std::shared_ptr<DeviceMemory>& memory);

  const std::shared_ptr<const AddedWords>& host() const { return words_; }
  /// Pointers into the device's memory.
  AddedWordsView view() const;

 private:
  std::shared_ptr<const AddedWords> words_;
  DeviceBuffer<std::uint32_t> arc_begin_;
  DeviceBuffer<float> final_costs_;
  DeviceBuffer<Arc> arcs_;
  DeviceBuffer<WordEntry> entries_;
};

}  // namespace harpy
