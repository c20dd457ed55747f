// Includes OpenFst, whose headers of version 1.7.9 need C++17.
#include "decoder/written/rule_transducer.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <fst/fstlib.h>

namespace harpy {

namespace {

using fst::StdArc;
using fst::StdVectorFst;
using StateId = StdArc::StateId;
using Label = StdArc::Label;

// Input labels: words from 1 on; the one behind them stands for all words that no rule has.
constexpr Label kFirstWord = 1;
// Output labels: the end of a token, a word that is a token as it is, then texts.
constexpr Label kTokenEnd = 1;
constexpr Label kKeptWord = 2;
constexpr Label kFirstText = 3;

/// Puts rules together, each from those before it.
class RuleCompiler {
 public:
  explicit RuleCompiler(const WrittenRules& rules) {
    for (const std::vector<RuleReading>& readings : rules.rules) {
      compiled_.push_back(compile(readings, &readings == &rules.rules.back()));
    }
  }

  StdVectorFst take_last() { return std::move(compiled_.back()); }

 private:
  StdVectorFst compile(const std::vector<RuleReading>& readings, bool ends_tokens) {
    StdVectorFst result;
    result.SetStart(result.AddState());
    const StateId end = result.AddState();
    result.SetFinal(end, 0.0F);
    for (const RuleReading& reading : readings) {
      StateId state = result.AddState();
      result.AddArc(result.Start(), StdArc(0, 0, reading.cost, state));
      for (const ReadingPart& part : reading.parts) {
        for (const RuleItem& item : part.items) state = append(result, state, item, part.is_kept);
        if (ends_tokens && !part.is_kept) {
          state = append_arc(result, state, StdArc(0, kTokenEnd, 0.0F, fst::kNoStateId));
        }
      }
      result.AddArc(state, StdArc(0, 0, 0.0F, end));
    }
    make_small(result);
    return result;
  }

  StateId append(StdVectorFst& result, StateId begin, const RuleItem& item, bool is_kept) const {
    StateId end = fst::kNoStateId;
    switch (item.kind) {
      case RuleItem::Kind::kText:
        return append_arc(result, begin, StdArc(0, kFirstText + item.id, 0.0F, end));
      case RuleItem::Kind::kWord:
        end = append_arc(result, begin,
                         StdArc(kFirstWord + item.id, is_kept ? kKeptWord : 0, 0.0F, end));
        break;
      case RuleItem::Kind::kRule:
        end = append_rule(result, begin, item, is_kept);
    }
    if (item.is_optional) result.AddArc(begin, StdArc(0, 0, 0.0F, end));
    return end;
  }

  static StateId append_arc(StdVectorFst& result, StateId begin, StdArc arc) {
    arc.nextstate = result.AddState();
    const StateId end = arc.nextstate;
    result.AddArc(begin, arc);
    return end;
  }

  StateId append_rule(StdVectorFst& result, StateId begin, const RuleItem& item,
                      bool is_kept) const {
    const StdVectorFst& rule = compiled_[static_cast<std::size_t>(item.id)];
    const StateId offset = result.NumStates();
    for (StateId state = 0; state < rule.NumStates(); ++state) result.AddState();
    const StateId end = result.AddState();
    const StateId first = offset + rule.Start();
    result.AddArc(begin, StdArc(0, 0, 0.0F, first));
    for (StateId state = 0; state < rule.NumStates(); ++state) {
      for (fst::ArcIterator<StdVectorFst> arcs(rule, state); !arcs.Done(); arcs.Next()) {
        StdArc arc = arcs.Value();
        arc.nextstate += offset;
        if (is_kept) arc.olabel = arc.ilabel == 0 ? 0 : kKeptWord;
        result.AddArc(offset + state, arc);
      }
      const StdArc::Weight weight = rule.Final(state);
      if (weight == StdArc::Weight::Zero()) continue;
      result.AddArc(offset + state, StdArc(0, 0, weight, end));
      if (item.is_repeated) result.AddArc(offset + state, StdArc(0, 0, weight, first));
    }
    return end;
  }

  /// Joins what readings have in common. Labels and costs are encoded as one label for it, so that
  /// no cost moves and it ends for every rule.
  static void make_small(StdVectorFst& rule) {
    fst::RmEpsilon(&rule);
    fst::EncodeMapper<StdArc> encoder(fst::kEncodeLabels | fst::kEncodeWeights, fst::ENCODE);
    fst::Encode(&rule, &encoder);
    StdVectorFst determinized;
    fst::Determinize(rule, &determinized);
    fst::Minimize(&determinized);
    fst::Decode(&determinized, encoder);
    fst::RmEpsilon(&determinized);
    rule = std::move(determinized);
  }

  std::vector<StdVectorFst> compiled_;
};

void check_fst(const fst::Fst<StdArc>& result, const char* what) {
  if (result.Properties(fst::kError, false) != 0) {
    throw std::runtime_error(std::string("OpenFst reports an error in ") + what);
  }
}

}  // namespace

struct RuleTransducer::Fst {
  fst::ConstFst<StdArc> graph;
  Label other_word = 0;
};

RuleTransducer::RuleTransducer(const WrittenRules& rules) {
  FLAGS_fst_error_fatal = false;
  StdVectorFst top = RuleCompiler(rules).take_last();
  // A text is any sequence of readings and words that stay.
  const StateId start = top.AddState();
  top.AddArc(start, StdArc(0, 0, 0.0F, top.Start()));
  for (StateId state = 0; state < start; ++state) {
    const StdArc::Weight weight = top.Final(state);
    if (weight == StdArc::Weight::Zero()) continue;
    top.AddArc(state, StdArc(0, 0, weight, start));
    top.SetFinal(state, StdArc::Weight::Zero());
  }
  top.SetStart(start);
  top.SetFinal(start, 0.0F);
  const auto other_word = static_cast<Label>(kFirstWord + rules.words.size());
  for (Label word = kFirstWord; word <= other_word; ++word) {
    top.AddArc(start, StdArc(word, kKeptWord, kKeptWordCost, start));
  }
  fst::ArcSort(&top, fst::ILabelCompare<StdArc>());
  check_fst(top, "the rules of written forms");
  fst_ = std::make_unique<Fst>(Fst{fst::ConstFst<StdArc>(top), other_word});
}

RuleTransducer::~RuleTransducer() = default;

std::vector<RuleTransducer::Token> RuleTransducer::cheapest(
    const std::vector<std::int32_t>& words) const {
  StdVectorFst spoken;
  spoken.ReserveStates(static_cast<StateId>(words.size()) + 1);
  StateId state = spoken.AddState();
  spoken.SetStart(state);
  for (const std::int32_t word : words) {
    const StateId next = spoken.AddState();
    const Label label = word == kOtherWord ? fst_->other_word : kFirstWord + word;
    spoken.AddArc(state, StdArc(label, label, 0.0F, next));
    state = next;
  }
  spoken.SetFinal(state, 0.0F);

  StdVectorFst readings;
  fst::Compose(spoken, fst_->graph, &readings);
  StdVectorFst best;
  fst::ShortestPath(readings, &best);
  check_fst(best, "the search for a written form");
  std::vector<Token> tokens;
  if (best.Start() == fst::kNoStateId) return tokens;
  Token token;
  for (state = best.Start(); best.NumArcs(state) > 0;) {
    const StdArc arc = fst::ArcIterator<StdVectorFst>(best, state).Value();
    state = arc.nextstate;
    token.word_count += arc.ilabel != 0 ? 1 : 0;
    token.is_kept = arc.olabel == kKeptWord;
    if (arc.olabel >= kFirstText) token.texts.push_back(arc.olabel - kFirstText);
    if (arc.olabel == kTokenEnd || arc.olabel == kKeptWord) {
      tokens.push_back(std::exchange(token, {}));
    }
  }
  return tokens;
}

}  // namespace harpy
