#pragma once

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/openfst_reader.hpp"

namespace harpy {

/// Unpacks what stands behind the header of an OpenFst file of type "ngram": a back-off model as a
/// tree of contexts, in bits. It becomes an acceptor; state 0 is the empty context, state 1 the
/// start, and an epsilon arc leads from each context to the next shorter one.
/// Errors: std::runtime_error naming file and byte.
/// Source: J. Sorensen, C. Allauzen, Unary data structures for language models, Interspeech 2011;
/// OpenFst's extensions/ngram/ngram-fst.h.
GraphDescription read_openfst_ngrams(OpenFstReader& reader);

}  // namespace harpy
