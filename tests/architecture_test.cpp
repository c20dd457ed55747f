// Checks the layout of the tree against docs/architecture.md: which folder may include which, where
// CUDA and OpenFst may appear, and how long files may be.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/shared.hpp"

namespace {

namespace fs = std::filesystem;

struct SourceFile {
  std::string path;  ///< relative to the checkout
  std::vector<std::string> lines;

  std::vector<std::string> includes() const {
    static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
    std::vector<std::string> found;
    for (const std::string& line : lines) {
      std::smatch match;
      if (std::regex_search(line, match, pattern)) found.push_back(match[1]);
    }
    return found;
  }
};

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> files = [] {
    std::vector<SourceFile> found;
    const fs::path root = harpy::testing::source_dir();
    for (const char* folder :
         {"acoustic", "decoder", "frontend", "models", "service", "tools", "tests"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
        static const std::set<std::string> kEndings{".cpp", ".hpp", ".cu", ".cuh", ".h"};
        if (!entry.is_regular_file() || !kEndings.contains(entry.path().extension().string()))
          continue;
        SourceFile file{fs::relative(entry.path(), root).generic_string(), {}};
        std::ifstream stream(entry.path());
        for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
        found.push_back(std::move(file));
      }
    }
    return found;
  }();
  return files;
}

/// The modules of the dependency table, the most specific prefix first.
const std::array<std::string, 11> kModules{
    "models/files", "acoustic/backend",   "acoustic/training", "acoustic", "decoder",
    "frontend",     "service/recognizer", "service/json",      "service",  "tools",
    "tests"};

/// Which modules a module may include, itself apart.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"models/files", {}},
    {"acoustic/backend", {}},
    {"acoustic", {"acoustic/backend", "models/files"}},
    {"acoustic/training", {"acoustic", "acoustic/backend", "frontend", "models/files"}},
    {"decoder", {"acoustic/backend", "models/files"}},
    {"frontend", {"acoustic/backend"}},
    {"service/json", {}},
    {"service/recognizer",
     {"acoustic", "acoustic/backend", "decoder", "frontend", "models/files", "service/json"}},
    {"service", {"service/json", "service/recognizer", "frontend"}},
    {"tools",
     {"acoustic", "acoustic/backend", "acoustic/training", "decoder", "frontend", "models/files",
      "service", "service/json", "service/recognizer"}},
};

std::string module_of(const std::string& path) {
  for (const std::string& module : kModules) {
    if (path.starts_with(module + "/")) return module;
  }
  return "";
}

TEST(Architecture, IncludesFollowTheDependencyTable) {
  for (const SourceFile& file : source_files()) {
    const std::string from = module_of(file.path);
    if (from == "tests") continue;
    for (const std::string& include : file.includes()) {
      const std::string to = module_of(include);
      if (to.empty() || to == from) continue;
      EXPECT_TRUE(kMayInclude.at(from).contains(to)) << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, LanguageModelsKnowNothingOfGraphs) {
  for (const SourceFile& file : source_files()) {
    if (!file.path.starts_with("decoder/language_model/")) continue;
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(include.starts_with("decoder/") &&
                   !include.starts_with("decoder/language_model/"))
          << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, CudaHeadersStayInCudaFolders) {
  static const std::regex cuda(R"(^(cuda|cublas|cudnn|cufft|cub/|nccl|device_launch).*)");
  for (const SourceFile& file : source_files()) {
    const bool is_cuda =
        file.path.find("/cuda/") != std::string::npos || file.path.ends_with(".cu");
    const bool is_device_code = file.path.ends_with(".cu") || file.path.ends_with(".cuh");
    for (const std::string& include : file.includes()) {
      EXPECT_TRUE(is_cuda || !std::regex_match(include, cuda))
          << file.path << " includes " << include;
      EXPECT_TRUE(is_device_code || !include.ends_with(".cuh"))
          << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, OpenFstStaysInTheGraphCompiler) {
  for (const SourceFile& file : source_files()) {
    for (const std::string& include : file.includes()) {
      if (include.starts_with("fst/")) {
        EXPECT_TRUE(file.path.starts_with("decoder/graph/compiler/"))
            << file.path << " includes " << include;
      }
    }
  }
}

TEST(Architecture, FrontEndAndDecoderKnowNoJson) {
  for (const SourceFile& file : source_files()) {
    if (module_of(file.path) != "frontend" && module_of(file.path) != "decoder") continue;
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(include.starts_with("boost/json")) << file.path;
    }
  }
}

TEST(Architecture, FilesStayShort) {
  for (const SourceFile& file : source_files()) {
    const std::size_t limit = file.path.starts_with("tests/") ? 600 : 400;
    EXPECT_LE(file.lines.size(), limit) << file.path;
  }
}

TEST(Architecture, HeadersAreGuardedAndStayInOurNamespace) {
  for (const SourceFile& file : source_files()) {
    if (!file.path.ends_with(".hpp")) continue;
    EXPECT_TRUE(std::any_of(file.lines.begin(), file.lines.end(), [](const std::string& line) {
      return line == "#pragma once";
    })) << file.path;
    EXPECT_TRUE(std::any_of(file.lines.begin(), file.lines.end(), [](const std::string& line) {
      return line.starts_with("namespace harpy");
    })) << file.path;
  }
}

TEST(Architecture, LibrariesNeitherPrintNorExit) {
  static const std::regex forbidden(
      R"(\bstd::(cout|cerr|exit|abort|quick_exit|f?printf|puts)\b|[^\w.>:]::(exit|abort)\()");
  for (const SourceFile& file : source_files()) {
    const std::string module = module_of(file.path);
    if (module == "tools" || module == "tests") continue;
    for (const std::string& line : file.lines) {
      EXPECT_FALSE(std::regex_search(line, forbidden)) << file.path << ": " << line;
    }
  }
}

}  // namespace
