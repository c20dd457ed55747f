#include "tools/program.hpp"

int main(int argc, char** argv) { return harpy::tools::run_program(argc, argv); }
