#pragma once

#include <functional>
#include <string>
#include <vector>

#include "decoder/grammar/word_grammar.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/lexicon.hpp"

namespace harpy {

/// A word as a recogniser writes it, and how it is pronounced.
struct SpokenWord {
  std::string name = {};
  std::vector<Lexicon::Pronunciation> pronunciations = {};  ///< at least one
};

/// Finds a word that a user has written. Errors: std::invalid_argument naming a word that cannot be
/// pronounced.
using WordLookup = std::function<SpokenWord(const std::string&)>;

struct GrammarCompilerOptions {
  /// Of the model's graph: labels, topology and silence.
  SymbolTable labels = {};
  FrameLabels frame_labels = {};
  /// What each phone of an unknown word costs, in nats. Larger: fewer words are taken for unknown
  /// ones, and more unknown ones for words.
  float unknown_phone_cost = 0.0F;
};

/// Compiles a closed grammar into a graph for the model of these labels, as compile_graph does it
/// for a language model, with the model's silence between words. kUnknownGrammarWord stands for a
/// sequence of any phones, which puts it out, though it has no pronunciation in the table; where
/// the model's inputs are listed it is looked up as every other word. Cost: a few milliseconds for
/// a hundred words. Errors: those of the lookup; std::invalid_argument for a grammar that allows
/// nothing.
GraphPackage compile_grammar(const WordGrammar& grammar, const WordLookup& lookup,
                             const GrammarCompilerOptions& options);

}  // namespace harpy
