// The file of --config: wrong usage that names the file, or options.
#include "tests/fuzz/malformed_files.hpp"
#include "tools/program.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::MalformedFiles;

TEST_F(MalformedFiles, OptionsAreReadOrRefused) {
  const std::vector<std::string> samples{
      "# a comment\n[info]\njson = true\n\n[transcribe]\nwhole = true\nformat = \"jsonl\"\n",
      "\xEF\xBB\xBF[serve]\r\nport = 2701\r\nidle-timeout = 15.5\r\n",
      "[lm]\norder = 3\ncutoffs = [0, 1]\n[train]\ndevice = 'cpu'\n"};
  run(samples, [](const auto& path) {
    ::testing::internal::CaptureStdout();
    std::string error;
    try {
      run_command({"info", "--devices", "--config", path.string()});
    } catch (const UsageError& usage) {
      error = path.string() + ": " + usage.what();
    } catch (const std::runtime_error& refused) {
      error = refused.what();
    }
    ::testing::internal::GetCapturedStdout();
    if (!error.empty()) throw std::runtime_error(error);
  });
}

}  // namespace
}  // namespace harpy::tools
