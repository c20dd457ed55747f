#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy::bench {

struct LinkedTokenOptions {
  float beam = 15.0F;
  std::size_t max_active = 10000;
  std::size_t min_active = 200;
  float beam_delta = 0.5F;
};

/// The classic token passing decoder, which Harpy's search is measured against: tokens linked to
/// their predecessors and counted references, a hash of chained elements from state to token, one
/// pass over the arcs with a cutoff that tightens as better candidates turn up, a worklist for
/// epsilon arcs. Source: Kaldi's FasterDecoder (Povey et al. 2011), written anew for GraphView.
class LinkedTokenDecoder {
 public:
  LinkedTokenDecoder(const GraphView& graph, const LinkedTokenOptions& options)
      : graph_(graph), options_(options), buckets_(1024, nullptr) {}

  void start() {
    clear();
    active_ = nullptr;
    insert(static_cast<std::uint32_t>(graph_.start), new_token(0, nullptr, 0.0));
    expand_epsilon(std::numeric_limits<double>::infinity());
  }

  /// `scores`: log-likelihoods of a frame, [pdf_count].
  void advance(const float* scores) {
    Element* const last = active_;
    active_ = nullptr;
    empty_buckets(last);
    const Cutoff cutoff = find_cutoff(last);
    if (buckets_.size() < 2 * cutoff.count) buckets_.assign(4 * cutoff.count, nullptr);
    double next_cutoff = std::numeric_limits<double>::infinity();
    if (cutoff.best != nullptr) {
      next_cutoff = least_candidate(*cutoff.best, scores) + cutoff.beam;
    }
    for (Element* element = last; element != nullptr;) {
      if (element->token->cost < cutoff.cost) {
        expand_emitting(*element, scores, cutoff.beam, next_cutoff);
      }
      Element* const done = element;
      element = element->next;
      release(done->token);
      done->next = free_elements_;
      free_elements_ = done;
    }
    expand_epsilon(next_cutoff);
  }

  /// Cost of the best path, final costs included where a final state is alive.
  double best_cost() const {
    double best = std::numeric_limits<double>::infinity();
    double best_final = best;
    for (const Element* e = active_; e != nullptr; e = e->next) {
      best = std::min(best, e->token->cost);
      best_final = std::min(best_final, e->token->cost + graph_.final_cost[e->state]);
    }
    return best_final < std::numeric_limits<double>::infinity() ? best_final : best;
  }

  std::uint64_t expanded_token_count() const { return expanded_tokens_; }
  std::uint64_t arc_count() const { return arcs_; }

 private:
  struct Token {
    double cost;
    std::uint32_t arc;
    std::int32_t references;
    Token* previous;
  };
  struct Element {
    std::uint32_t state;
    Token* token;
    Element* next;   ///< in the list of active states
    Element* chain;  ///< in the bucket
  };
  struct Cutoff {
    double cost = std::numeric_limits<double>::infinity();
    double beam = 0.0;
    std::size_t count = 0;
    const Element* best = nullptr;
  };

  template <typename T>
  T* take(T*& free_list, std::vector<std::unique_ptr<T[]>>& blocks, T* T::*link) {
    if (free_list == nullptr) {
      constexpr std::size_t kBlock = 1024;
      blocks.push_back(std::make_unique<T[]>(kBlock));
      for (std::size_t i = 0; i < kBlock; ++i) {
        blocks.back()[i].*link = free_list;
        free_list = &blocks.back()[i];
      }
    }
    T* const taken = free_list;
    free_list = taken->*link;
    return taken;
  }

  Token* new_token(std::uint32_t arc, Token* previous, double cost) {
    Token* const token = take(free_tokens_, token_blocks_, &Token::previous);
    *token = {cost, arc, 1, previous};
    if (previous != nullptr) ++previous->references;
    return token;
  }

  void release(Token* token) {
    while (token != nullptr && --token->references == 0) {
      Token* const previous = token->previous;
      token->previous = free_tokens_;
      free_tokens_ = token;
      token = previous;
    }
  }

  Element*& bucket(std::uint32_t state) { return buckets_[state % buckets_.size()]; }

  Element* find(std::uint32_t state) {
    Element* element = bucket(state);
    while (element != nullptr && element->state != state) element = element->chain;
    return element;
  }

  void insert(std::uint32_t state, Token* token) {
    Element* const element = take(free_elements_, element_blocks_, &Element::next);
    *element = {state, token, active_, bucket(state)};
    active_ = element;
    bucket(state) = element;
  }

  void empty_buckets(const Element* list) {
    for (const Element* e = list; e != nullptr; e = e->next) bucket(e->state) = nullptr;
  }

  void clear() {
    empty_buckets(active_);
    for (Element* element = active_; element != nullptr;) {
      Element* const done = element;
      element = element->next;
      release(done->token);
      done->next = free_elements_;
      free_elements_ = done;
    }
  }

  /// The beam, or what max_active and min_active make of it.
  Cutoff find_cutoff(const Element* list) {
    Cutoff cutoff;
    double best = std::numeric_limits<double>::infinity();
    costs_.clear();
    for (const Element* e = list; e != nullptr; e = e->next) {
      costs_.push_back(e->token->cost);
      if (e->token->cost < best) {
        best = e->token->cost;
        cutoff.best = e;
      }
    }
    cutoff.count = costs_.size();
    cutoff.beam = options_.beam;
    cutoff.cost = best + options_.beam;
    const auto nth = [&](std::size_t n, std::size_t end) {
      const auto at = costs_.begin() + static_cast<std::ptrdiff_t>(n);
      std::nth_element(costs_.begin(), at, costs_.begin() + static_cast<std::ptrdiff_t>(end));
      return *at;
    };
    double max_active_cost = std::numeric_limits<double>::infinity();
    if (costs_.size() > options_.max_active) {
      max_active_cost = nth(options_.max_active, costs_.size());
    }
    if (max_active_cost < cutoff.cost) {
      cutoff.beam = max_active_cost - best + options_.beam_delta;
      cutoff.cost = max_active_cost;
    } else if (costs_.size() > options_.min_active && options_.min_active > 0) {
      const double min_active_cost =
          nth(options_.min_active, std::min(costs_.size(), options_.max_active));
      if (min_active_cost > cutoff.cost) {
        cutoff.beam = min_active_cost - best + options_.beam_delta;
        cutoff.cost = min_active_cost;
      }
    }
    return cutoff;
  }

  double least_candidate(const Element& element, const float* scores) const {
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t i = graph_.arc_begin[element.state]; i < graph_.epsilon_begin[element.state];
         ++i) {
      const Arc& arc = graph_.arcs[i];
      least = std::min(least, element.token->cost + arc.cost - scores[arc.input - 1]);
    }
    return least;
  }

  void expand_emitting(const Element& element, const float* scores, double beam,
                       double& next_cutoff) {
    ++expanded_tokens_;
    const std::uint32_t end = graph_.epsilon_begin[element.state];
    for (std::uint32_t i = graph_.arc_begin[element.state]; i < end; ++i) {
      ++arcs_;
      const Arc& arc = graph_.arcs[i];
      const double cost = element.token->cost + arc.cost - scores[arc.input - 1];
      if (!(cost < next_cutoff)) continue;
      next_cutoff = std::min(next_cutoff, cost + beam);
      offer(static_cast<std::uint32_t>(arc.target), i, element.token, cost);
    }
  }

  bool offer(std::uint32_t state, std::uint32_t arc, Token* previous, double cost) {
    Element* const element = find(state);
    if (element == nullptr) {
      insert(state, new_token(arc, previous, cost));
      return true;
    }
    if (element->token->cost <= cost) return false;
    Token* const token = new_token(arc, previous, cost);
    release(element->token);
    element->token = token;
    return true;
  }

  void expand_epsilon(double cutoff) {
    queue_.clear();
    for (const Element* e = active_; e != nullptr; e = e->next) queue_.push_back(e->state);
    while (!queue_.empty()) {
      const std::uint32_t state = queue_.back();
      queue_.pop_back();
      Token* const token = find(state)->token;
      if (token->cost > cutoff) continue;
      for (std::uint32_t i = graph_.epsilon_begin[state]; i < graph_.arc_begin[state + 1]; ++i) {
        const Arc& arc = graph_.arcs[i];
        const double cost = token->cost + arc.cost;
        if (cost > cutoff) continue;
        const auto target = static_cast<std::uint32_t>(arc.target);
        if (offer(target, i, token, cost)) queue_.push_back(target);
      }
    }
  }

  GraphView graph_;
  LinkedTokenOptions options_;
  std::vector<Element*> buckets_;
  Element* active_ = nullptr;
  Element* free_elements_ = nullptr;
  Token* free_tokens_ = nullptr;
  std::vector<std::unique_ptr<Element[]>> element_blocks_;
  std::vector<std::unique_ptr<Token[]>> token_blocks_;
  std::vector<double> costs_;
  std::vector<std::uint32_t> queue_;
  std::uint64_t expanded_tokens_ = 0;
  std::uint64_t arcs_ = 0;
};

}  // namespace harpy::bench
