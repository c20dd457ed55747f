#pragma once

#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/phrase_automaton.hpp"

namespace harpy {

/// Phrases of which a device holds a copy, immutable and shared by all searches there.
class DevicePhrases {
 public:
  /// Errors: those of the device, std::bad_alloc among them.
  DevicePhrases(std::shared_ptr<const PhraseAutomaton> phrases,
                const std::shared_ptr<DeviceMemory>& memory);

  const std::shared_ptr<const PhraseAutomaton>& host() const { return phrases_; }
  /// Pointers into the device's memory.
  PhraseView view() const { return {nodes_.data(), slots_.data(), slot_bits_}; }

 private:
  std::shared_ptr<const PhraseAutomaton> phrases_;
  DeviceBuffer<PhraseNode> nodes_;
  DeviceBuffer<PhraseSlot> slots_;
  std::uint32_t slot_bits_;
};

}  // namespace harpy
