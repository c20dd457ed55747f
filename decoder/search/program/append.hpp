#pragma once

#include <cstdint>
#include <type_traits>

#include "acoustic/backend/phase.hpp"

namespace harpy::token_passing {

template <typename Thread>
inline constexpr bool kIsSole = std::is_same_v<Thread, SoleThread>;

/// Appends items to a list that all threads of a phase share. Threads race for places, so the order
/// is undefined. A sole thread writes every item to the next place and moves on only if the item is
/// kept, which needs no branch that could be mispredicted; so its list needs room for one item
/// more.
template <typename Access, typename Thread, typename T>
class Appender {
 public:
  constexpr Appender(T* items, std::uint32_t& count) : items_(items), count_(count) {
    if constexpr (kIsSole<Thread>) place_ = count;
  }
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;
  constexpr ~Appender() {
    if constexpr (kIsSole<Thread>) count_ = place_;
  }

  constexpr void append_if(bool keep, const T& item) {
    if (keep || kIsSole<Thread>) take_place(keep, item);
  }

  /// The same, and `note` beside the item in another list of the same length.
  template <typename Note>
  constexpr void append_if(bool keep, const T& item, Note* notes, const Note& note) {
    if (keep || kIsSole<Thread>) notes[take_place(keep, item)] = note;
  }

 private:
  /// Writes an item to the next place, which is taken if it is kept. Returns the place.
  constexpr std::uint32_t take_place(bool keep, const T& item) {
    std::uint32_t place = place_;
    if constexpr (kIsSole<Thread>) {
      place_ += keep ? 1 : 0;
    } else {
      place = Access::add(count_, 1U);
    }
    items_[place] = item;
    return place;
  }

  T* items_;
  std::uint32_t& count_;
  std::uint32_t place_ = 0;
};

}  // namespace harpy::token_passing
