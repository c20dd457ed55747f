#pragma once

#include <filesystem>
#include <string>

#include "tests/kaldi/kaldi_writer.hpp"

namespace harpy::testing {

// A model in the forms of Kaldi's files whose words mean nothing but which runs every stage: 13
// cepstra, i-vectors of 3 values, a TDNN-F layer, 3-fold subsampling. Phones are SIL (1), A_B (2)
// and B_E (3); the one word, ONE, is A_B B_E.

/// The transition model: each phone has one state, its forward pdf 2 (phone - 1), its loop's the
/// next.
void add_transition_model(KaldiWriter& writer);
/// The network: 13 + 3 inputs, 6 outputs.
void add_network(KaldiWriter& writer);

std::string acoustic_file_bytes(bool is_binary);
std::string mixture_file_bytes(bool is_binary);
std::string extractor_file_bytes(bool is_binary);
std::string projection_file_bytes(bool is_binary);
std::string mean_file_bytes(bool is_binary);

/// Writes all files in the layout of a Vosk package. The folder is made.
void write_tiny_kaldi_model(const std::filesystem::path& folder, bool is_binary = true);

/// Adds the graph in two parts, HCLr.fst and a Gr.fst of the type "ngram", which names the word.
void add_graph_parts(const std::filesystem::path& folder);

/// Adds the language models of a second pass: rescore/G.carpa and rescore/G.fst.
void add_second_pass(const std::filesystem::path& folder);

}  // namespace harpy::testing
