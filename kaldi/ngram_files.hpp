#pragma once

#include <filesystem>

#include "decoder/graph/openfst_file.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy::kaldi {

/// Reads a language model of Kaldi's form ConstArpaLm (G.carpa), in its new and its old layout.
/// `words` are the names of its numbers; those of the sentence's ends become <s> and </s>.
/// Errors: std::runtime_error naming file and byte.
NgramModel read_const_arpa(const std::filesystem::path& path, const LabelNames& words);

/// Reads a language model in the form of a graph (G.fst), as Kaldi's arpa2fst makes it: a state for
/// each context, an arc for each n-gram, a back-off without output. Every sentence costs what it
/// costs where each word has its longest n-gram.
/// Errors: std::runtime_error naming the file and what a back-off model does not have.
NgramModel read_grammar_model(const std::filesystem::path& path, const LabelNames& words);

}  // namespace harpy::kaldi
