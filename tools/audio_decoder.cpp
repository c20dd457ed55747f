// harpy-audio-decoder: the process in which harpy serve decodes a recording that a client uploads
// (frontend/audio/decoding_helper.hpp). It is a program of its own, so that it starts fast and
// holds nothing but decoders.
#include <vector>

#include "frontend/audio/decoding_helper.hpp"

int main(int argc, char** argv) {
  const std::vector<const char*> arguments(argv + 1, argv + argc);
  return harpy::run_decoding_helper(arguments);
}
