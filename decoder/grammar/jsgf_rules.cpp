#include "decoder/grammar/jsgf_rules.hpp"

#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>

#include "decoder/grammar/jsgf_scanner.hpp"

namespace harpy::jsgf {

namespace {

/// Groups may stand within groups so deep.
constexpr int kMostGroups = 100;

/// Reads rules by recursive descent, one token ahead.
class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text), token_(scanner_.next()) {}

  std::map<std::string, Rule> read() {
    read_header();
    std::map<std::string, Rule> rules;
    while (token_.kind != TokenKind::kEnd) read_rule(rules);
    return rules;
  }

 private:
  Token advance() { return std::exchange(token_, scanner_.next()); }

  bool is_word(std::string_view word) const {
    return token_.kind == TokenKind::kWord && token_.text == word;
  }

  void expect(char sign) {
    if (!token_.is_sign(sign)) throw unexpected(std::string("expected ") + sign);
    advance();
  }

  std::invalid_argument unexpected(const std::string& expected) const {
    const bool is_end = token_.kind == TokenKind::kEnd;
    return scanner_.error(expected + ", got " + (is_end ? "the end" : token_.text));
  }

  void read_header() {
    if (!is_word("#JSGF")) throw unexpected("expected the header #JSGF V1.0;");
    while (token_.kind == TokenKind::kWord) advance();
    expect(';');
    if (!is_word("grammar")) throw unexpected("expected grammar NAME;");
    while (token_.kind == TokenKind::kWord) advance();
    expect(';');
    if (is_word("import")) throw scanner_.error("imports are not supported");
  }

  void read_rule(std::map<std::string, Rule>& rules) {
    Rule rule;
    if (is_word("public")) {
      advance();
      rule.is_public = true;
    }
    if (token_.kind != TokenKind::kRule) throw unexpected("expected a rule <NAME> = ...;");
    const std::string name = advance().text;
    expect('=');
    rule.expansion = read_alternatives();
    if (!token_.is_sign(';')) throw unexpected("expected ; at the end of the rule <" + name + ">");
    if (!rules.emplace(name, std::move(rule)).second) {
      throw scanner_.error("the rule <" + name + "> is there already");
    }
    advance();
  }

  Expansion read_alternatives() {
    Expansion alternatives{.kind = ExpansionKind::kAlternatives};
    double sum = 0.0;
    for (;;) {
      if (token_.kind == TokenKind::kWeight) {
        alternatives.weights.push_back(read_weight());
        sum += alternatives.weights.back();
      }
      alternatives.parts.push_back(read_sequence());
      if (!token_.is_sign('|')) break;
      advance();
    }
    if (!alternatives.weights.empty() &&
        (alternatives.weights.size() != alternatives.parts.size() || !(sum > 0.0))) {
      throw scanner_.error("expected a weight for each of the alternatives, and one above 0");
    }
    return alternatives;
  }

  double read_weight() {
    const std::string text = advance().text;
    double weight = 0.0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), weight);
    if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(weight) ||
        weight < 0.0) {
      throw scanner_.error("expected a weight of at least 0, got " + text);
    }
    return weight;
  }

  Expansion read_sequence() {
    Expansion sequence{.kind = ExpansionKind::kSequence};
    while (starts_item()) sequence.parts.push_back(read_item());
    if (sequence.parts.empty()) throw unexpected("expected a word, a rule or a group");
    return sequence;
  }

  bool starts_item() const {
    return token_.kind == TokenKind::kWord || token_.kind == TokenKind::kQuoted ||
           token_.kind == TokenKind::kRule || token_.is_sign('(') || token_.is_sign('[');
  }

  Expansion read_item() {
    Expansion item = read_atom();
    while (token_.is_sign('*') || token_.is_sign('+')) {
      const bool is_once_at_least = advance().text == "+";
      Expansion repeated{.kind = ExpansionKind::kRepetition, .parts = {item}};
      if (is_once_at_least) {
        item = {.kind = ExpansionKind::kSequence, .parts = {std::move(item), std::move(repeated)}};
      } else {
        item = std::move(repeated);
      }
    }
    return item;
  }

  Expansion read_atom() {
    if (token_.is_sign('(')) return read_group(')');
    if (token_.is_sign('[')) {
      Expansion optional{.kind = ExpansionKind::kOptional};
      optional.parts.push_back(read_group(']'));
      return optional;
    }
    const Token token = advance();
    if (token.kind == TokenKind::kQuoted) return quoted(token.text);
    if (token.kind == TokenKind::kWord) {
      return {.kind = ExpansionKind::kWord, .name = token.text};
    }
    if (token.text == "NULL") return {.kind = ExpansionKind::kSequence};
    if (token.text == "VOID") return {.kind = ExpansionKind::kAlternatives};
    return {.kind = ExpansionKind::kRule, .name = token.text};
  }

  Expansion read_group(char closing) {
    if (++depth_ > kMostGroups) throw scanner_.error("more groups within groups than 100");
    advance();
    Expansion group = read_alternatives();
    expect(closing);
    --depth_;
    return group;
  }

  static Expansion quoted(const std::string& text) {
    Expansion sequence{.kind = ExpansionKind::kSequence};
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      sequence.parts.push_back({.kind = ExpansionKind::kWord, .name = word});
    }
    return sequence;
  }

  Scanner scanner_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

std::map<std::string, Rule> read_rules(std::string_view text) { return Parser(text).read(); }

}  // namespace harpy::jsgf
