// Writes the tone model for tests in Python: write_tone_model FOLDER
#include "tests/support/tiny_model.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  harpy::testing::write_tone_model(argv[1]);
  return 0;
}
