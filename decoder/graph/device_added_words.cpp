#include "decoder/graph/device_added_words.hpp"

#include <utility>

namespace harpy {

DeviceAddedWords::DeviceAddedWords(std::shared_ptr<const AddedWords> words,
                                   const std::shared_ptr<DeviceMemory>& memory)
    : words_(std::move(words)),
      arc_begin_(memory, words_->arc_begin().size()),
      final_costs_(memory, words_->final_costs().size()),
      arcs_(memory, words_->arcs().size()),
      entries_(memory, words_->entries().size()) {
  arc_begin_.copy_from_host(words_->arc_begin());
  final_costs_.copy_from_host(words_->final_costs());
  arcs_.copy_from_host(words_->arcs());
  entries_.copy_from_host(words_->entries());
}

AddedWordsView DeviceAddedWords::view() const {
  AddedWordsView view = words_->view();
  view.arc_begin = arc_begin_.data();
  view.final_cost = final_costs_.data();
  view.arcs = arcs_.data();
  view.entries = entries_.data();
  return view;
}

}  // namespace harpy
