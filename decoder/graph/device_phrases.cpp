#include "decoder/graph/device_phrases.hpp"

#include <utility>

namespace harpy {

DevicePhrases::DevicePhrases(std::shared_ptr<const PhraseAutomaton> phrases,
                             const std::shared_ptr<DeviceMemory>& memory)
    : phrases_(std::move(phrases)),
      nodes_(memory, phrases_->nodes().size()),
      slots_(memory, phrases_->slots().size()),
      first_words_(memory, phrases_->first_words().size()) {
  nodes_.copy_from_host(phrases_->nodes());
  slots_.copy_from_host(phrases_->slots());
  first_words_.copy_from_host(phrases_->first_words());
}

}  // namespace harpy
