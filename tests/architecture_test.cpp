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
         {"acoustic", "decoder", "frontend", "kaldi", "models", "service", "tools", "tests"}) {
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
const std::array<std::string, 13> kModules{"models/files",
                                           "acoustic/backend",
                                           "acoustic/training",
                                           "acoustic",
                                           "decoder",
                                           "frontend",
                                           "kaldi",
                                           "service/recognizer",
                                           "service/json",
                                           "service/capi",
                                           "service",
                                           "tools",
                                           "tests"};

/// Which modules a module may include, itself apart.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"models/files", {}},
    {"acoustic/backend", {}},
    {"acoustic", {"acoustic/backend", "models/files"}},
    {"acoustic/training", {"acoustic", "acoustic/backend", "frontend", "models/files"}},
    {"decoder", {"acoustic/backend", "models/files"}},
    {"frontend", {"acoustic/backend", "models/files"}},
    {"kaldi",
     {"acoustic", "acoustic/backend", "decoder", "frontend", "models/files", "service/recognizer"}},
    {"service/json", {}},
    {"service/recognizer",
     {"acoustic", "acoustic/backend", "decoder", "frontend", "models/files", "service/json"}},
    {"service/capi", {"acoustic/backend", "frontend", "kaldi", "service", "service/recognizer"}},
    {"service", {"service/json", "service/recognizer", "frontend", "models/files"}},
    {"tools",
     {"acoustic", "acoustic/backend", "acoustic/training", "decoder", "frontend", "kaldi",
      "models/files", "service", "service/json", "service/recognizer"}},
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

bool is_in_cuda_folder(const std::string& path) {
  return path.find("/cuda/") != std::string::npos ||
         path.find("/cuda_emulation/") != std::string::npos;
}

TEST(Architecture, CudaHeadersStayInCudaFolders) {
  static const std::regex cuda(R"(^(cuda|cublas|cudnn|cufft|cub/|nccl|device_launch).*)");
  for (const SourceFile& file : source_files()) {
    const bool is_cuda = is_in_cuda_folder(file.path) || file.path.ends_with(".cu");
    const bool is_device_code = file.path.ends_with(".cu") || file.path.ends_with(".cuh");
    for (const std::string& include : file.includes()) {
      EXPECT_TRUE(is_cuda || !std::regex_match(include, cuda))
          << file.path << " includes " << include;
      EXPECT_TRUE(is_device_code || !include.ends_with(".cuh"))
          << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, NothingOutsideCudaFoldersIncludesTheirHeaders) {
  for (const SourceFile& file : source_files()) {
    if (is_in_cuda_folder(file.path)) continue;
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(is_in_cuda_folder(include)) << file.path << " includes " << include;
    }
  }
}

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().generic_string();
}

/// The folders that a folder's files include headers of, itself apart, for the folders of some
/// modules.
std::map<std::string, std::set<std::string>> folder_includes(
    const std::vector<std::string>& modules) {
  std::map<std::string, std::set<std::string>> included;
  const auto is_of_a_module = [&](const std::string& path) {
    return std::any_of(modules.begin(), modules.end(),
                       [&](const std::string& module) { return path.starts_with(module + "/"); });
  };
  for (const SourceFile& file : source_files()) {
    if (!is_of_a_module(file.path)) continue;
    for (const std::string& include : file.includes()) {
      if (!is_of_a_module(include) || folder_of(include) == folder_of(file.path)) continue;
      included[folder_of(file.path)].insert(folder_of(include));
    }
  }
  return included;
}

TEST(Architecture, FoldersIncludeEachOtherInNoCircle) {
  // A folder that includes none of those left is taken out, again and again: a circle stays.
  auto left =
      folder_includes({"acoustic", "decoder", "frontend", "kaldi", "models", "service", "tools"});
  ASSERT_TRUE(left.contains("decoder/search/cuda"));
  for (bool taken = true; taken;) {
    taken = std::erase_if(left, [&](const auto& entry) {
              return std::none_of(entry.second.begin(), entry.second.end(),
                                  [&](const std::string& folder) { return left.contains(folder); });
            }) > 0;
  }
  for (const auto& [folder, included] : left) {
    for (const std::string& other : included) {
      EXPECT_FALSE(left.contains(other)) << folder << " and " << other << " stand in a circle";
    }
  }
}

TEST(Architecture, TheRoomsOfTheSearchKnowOnlyWhatStandsBelowThem) {
  const std::map<std::string, std::set<std::string>> may_include{
      {"decoder/search/program", {}},
      {"decoder/search", {"decoder/search/program"}},
      {"decoder/search/cpu", {"decoder/search", "decoder/search/program"}},
      {"decoder/search/device", {"decoder/search", "decoder/search/program"}},
      {"decoder/search/cuda", {"decoder/search/device", "decoder/search/program"}},
  };
  const auto included = folder_includes({"decoder/search"});
  EXPECT_EQ(included.size(), 4U);  // the program includes none of the others
  for (const auto& [folder, others] : included) {
    for (const std::string& other : others) {
      EXPECT_TRUE(may_include.at(folder).contains(other)) << folder << " includes " << other;
    }
  }
  for (const SourceFile& file : source_files()) {
    if (file.path != "decoder/search/beam_search.hpp" &&
        file.path != "decoder/search/make_beam_search.hpp") {
      continue;
    }
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(include.starts_with("decoder/search/") &&
                   include != "decoder/search/beam_search.hpp")
          << "the contract " << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, WrittenFormsKnowNothingOfSoundAndSearch) {
  for (const SourceFile& file : source_files()) {
    if (!file.path.starts_with("decoder/written/")) continue;
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(include.starts_with("decoder/") && !include.starts_with("decoder/written/") &&
                   !include.starts_with("decoder/language_model/"))
          << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, OpenFstStaysInTheCompilersOfGraphsAndRules) {
  for (const SourceFile& file : source_files()) {
    for (const std::string& include : file.includes()) {
      if (include.starts_with("fst/")) {
        // The test's file writes what Kaldi's scripts make by OpenFst.
        EXPECT_TRUE(file.path.starts_with("decoder/graph/compiler/") ||
                    file.path == "decoder/written/rule_transducer.cpp" ||
                    file.path == "tests/kaldi/openfst_parts.cpp")
            << file.path << " includes " << include;
      }
    }
  }
}

TEST(Architecture, ConversationsKnowNoNetworkAndNoThreads) {
  static const std::regex forbidden(
      R"(^(boost/(asio|beast)|spdlog|sys/socket|service/server/|thread$|mutex$|chrono$).*)");
  for (const SourceFile& file : source_files()) {
    if (!file.path.starts_with("service/protocols/")) continue;
    for (const std::string& include : file.includes()) {
      EXPECT_FALSE(std::regex_match(include, forbidden)) << file.path << " includes " << include;
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

TEST(Architecture, SkippedTestsSayWhatTheyNeed) {
  // tests/skipped counts tests by these words.
  for (const SourceFile& file : source_files()) {
    if (file.path == "tests/architecture_test.cpp") continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::size_t at = file.lines[i].find("GTEST_SKIP()");
      if (at == std::string::npos) continue;
      const std::string next = i + 1 < file.lines.size() ? file.lines[i + 1] : "";
      EXPECT_NE((file.lines[i].substr(at) + next).find("<< \"needs "), std::string::npos)
          << file.path << ":" << i + 1;
    }
  }
}

/// The sources that a CMakeLists.txt names, of all folders with sources in or below them.
std::set<std::string> built_files() {
  static const std::regex pattern(R"([\w./+-]+\.(cpp|cu)\b)");
  std::set<fs::path> folders;
  for (const SourceFile& file : source_files()) {
    fs::path folder = fs::path(file.path).parent_path();
    for (; !folder.empty(); folder = folder.parent_path()) folders.insert(folder);
  }
  std::set<std::string> found;
  for (const fs::path& folder : folders) {
    std::ifstream stream(harpy::testing::source_dir() / folder / "CMakeLists.txt");
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    for (std::sregex_iterator name(text.begin(), text.end(), pattern), end; name != end; ++name) {
      found.insert((folder / name->str()).lexically_normal().generic_string());
    }
  }
  return found;
}

TEST(Architecture, EverySourceIsBuilt) {
  // A test that no program has is never run, and nothing else says so.
  const std::set<std::string> built = built_files();
  for (const SourceFile& file : source_files()) {
    if (!file.path.ends_with(".cpp") && !file.path.ends_with(".cu")) continue;
    EXPECT_TRUE(built.contains(file.path)) << file.path << ": no CMakeLists.txt names it";
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
