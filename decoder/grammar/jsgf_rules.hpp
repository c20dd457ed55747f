#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace harpy::jsgf {

enum class ExpansionKind {
  kWord,
  kRule,          ///< the rule of this name
  kSequence,      ///< the parts, one behind another; none: nothing is said
  kAlternatives,  ///< one of the parts; none: nothing can be said
  kOptional,      ///< its one part or nothing
  kRepetition,    ///< its one part any number of times, also none
};

/// What a rule, or a part of one, allows.
struct Expansion {
  ExpansionKind kind = ExpansionKind::kSequence;
  std::string name = {};              ///< of the word or rule
  std::vector<Expansion> parts = {};  ///< of all others
  std::vector<double> weights =
      {};  ///< of alternatives, one each and not all 0; empty: all the same
};

struct Rule {
  Expansion expansion;
  bool is_public = false;
};

/// The rules of a grammar by their names. Errors: std::invalid_argument naming the line.
std::map<std::string, Rule> read_rules(std::string_view text);

}  // namespace harpy::jsgf
