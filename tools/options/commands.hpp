#pragma once

// Only the files that declare options include CLI11 itself: it is slow to compile.
namespace CLI {
class App;
}

namespace harpy::tools {

// Each function adds one sub-command to the program; its callback does the work and throws on
// failure (run_program turns exceptions into one line and an exit code).
void add_bench_command(CLI::App& program);
void add_completion_command(CLI::App& program);
void add_convert_command(CLI::App& program);
void add_decode_command(CLI::App& program);
void add_graph_command(CLI::App& program);
void add_info_command(CLI::App& program);
void add_lattice_command(CLI::App& program);
void add_lm_command(CLI::App& program);
void add_man_command(CLI::App& program);
void add_merge_command(CLI::App& program);
void add_score_command(CLI::App& program);
void add_serve_command(CLI::App& program);
void add_train_command(CLI::App& program);
void add_transcribe_command(CLI::App& program);
void add_work_command(CLI::App& program);

}  // namespace harpy::tools
