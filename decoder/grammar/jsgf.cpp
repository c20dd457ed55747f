#include "decoder/grammar/jsgf.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/grammar/jsgf_rules.hpp"

namespace harpy {

namespace {

using jsgf::Expansion;
using jsgf::ExpansionKind;
using jsgf::Rule;

/// Cost of each of the two ways to go on at an optional part and behind a turn of a repetition.
const float kHalfCost = std::log(2.0F);

/// Two states of a grammar, and what it costs to set out from the first.
struct Stretch {
  std::int32_t from = 0;
  std::int32_t to = 0;
  float cost = 0.0F;
};

/// Puts the expansions of rules between states (Thompson 1968), with few epsilon arcs: costs go to
/// the first word of a part, and alternatives share their states.
class GrammarBuilder {
 public:
  explicit GrammarBuilder(const std::map<std::string, Rule>& rules) : rules_(rules) {}

  WordGrammar build() {
    Expansion all{.kind = ExpansionKind::kAlternatives};
    for (const auto& [name, rule] : rules_) {
      if (rule.is_public) all.parts.push_back({.kind = ExpansionKind::kRule, .name = name});
    }
    if (all.parts.empty()) throw std::invalid_argument("no rule is public");
    const std::int32_t start = grammar_.add_state();
    const std::int32_t end = grammar_.add_state();
    add(all, {start, end});
    grammar_.graph.start = start;
    grammar_.graph.final_costs[static_cast<std::size_t>(end)] = 0.0F;
    if (grammar_.words.size() == 1) throw std::invalid_argument("the grammar has no words");
    return remove_epsilons(grammar_);
  }

 private:
  void add(const Expansion& expansion, const Stretch& stretch) {
    switch (expansion.kind) {
      case ExpansionKind::kWord:
        return add_arc(stretch, grammar_.word(expansion.name));
      case ExpansionKind::kRule:
        return add_rule(expansion.name, stretch);
      case ExpansionKind::kSequence:
        return add_sequence(expansion.parts, stretch);
      case ExpansionKind::kAlternatives:
        return add_alternatives(expansion, stretch);
      case ExpansionKind::kOptional: {
        const float cost = stretch.cost + kHalfCost;
        add(expansion.parts[0], {stretch.from, stretch.to, cost});
        return add_arc({stretch.from, stretch.to, cost}, 0);
      }
      case ExpansionKind::kRepetition: {
        const std::int32_t turn = grammar_.add_state();
        add_arc({stretch.from, turn, stretch.cost}, 0);
        add(expansion.parts[0], {turn, turn, kHalfCost});
        return add_arc({turn, stretch.to, kHalfCost}, 0);
      }
    }
  }

  void add_arc(const Stretch& stretch, std::int32_t word) {
    grammar_.add_arc(stretch.from, stretch.to, word, stretch.cost);
  }

  void add_rule(const std::string& name, const Stretch& stretch) {
    const auto rule = rules_.find(name);
    if (rule == rules_.end()) throw std::invalid_argument("there is no rule <" + name + ">");
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      throw std::invalid_argument("the rule <" + name + "> contains itself");
    }
    open_.push_back(name);
    add(rule->second.expansion, stretch);
    open_.pop_back();
  }

  void add_sequence(const std::vector<Expansion>& parts, const Stretch& stretch) {
    if (parts.empty()) return add_arc(stretch, 0);
    Stretch part = stretch;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      part.to = i + 1 == parts.size() ? stretch.to : grammar_.add_state();
      add(parts[i], part);
      part = {.from = part.to, .to = 0, .cost = 0.0F};
    }
  }

  void add_alternatives(const Expansion& expansion, const Stretch& stretch) {
    const std::size_t count = expansion.parts.size();
    const bool has_weights = !expansion.weights.empty();
    double sum = has_weights ? 0.0 : static_cast<double>(count);
    for (const double weight : expansion.weights) sum += weight;
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = has_weights ? expansion.weights[i] : 1.0;
      if (weight == 0.0) continue;
      const auto cost = static_cast<float>(-std::log(weight / sum));
      add(expansion.parts[i], {stretch.from, stretch.to, stretch.cost + cost});
    }
  }

  const std::map<std::string, Rule>& rules_;
  WordGrammar grammar_;
  std::vector<std::string> open_;  ///< rules that are being put in
};

}  // namespace

WordGrammar read_jsgf(std::string_view text) {
  const std::map<std::string, Rule> rules = jsgf::read_rules(text);
  return GrammarBuilder(rules).build();
}

}  // namespace harpy
