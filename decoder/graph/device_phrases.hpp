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
  PhraseView view() const {
    PhraseView view = phrases_->view();
    view.nodes = nodes_.data();
    view.slots = slots_.data();
    view.first_words = first_words_.data();
    return view;
  }

 private:
  std::shared_ptr<const PhraseAutomaton> phrases_;
  DeviceBuffer<PhraseNode> nodes_;
  DeviceBuffer<PhraseSlot> slots_;
  DeviceBuffer<std::uint32_t> first_words_;
};

}  // namespace harpy
