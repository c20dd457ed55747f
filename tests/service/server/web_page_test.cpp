#include "service/server/web_page.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/protocols/protocol_table.hpp"
#include "service/server/page_files.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

const fs::path kPageFolder = fs::path(HARPY_SOURCE_DIR) / "service/server/page";

std::string read_page_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::optional<Response> default_page(std::string_view path) {
  return web_page(path, default_protocols());
}

TEST(WebPage, ConsistsOfTheFilesOfItsFolder) {
  std::set<std::string> names;
  for (const PageFile& file : page_files()) {
    names.insert(std::string(file.name));
    EXPECT_EQ(file.content, read_page_file(kPageFolder / file.name)) << file.name;
    const auto response = default_page("/page/" + std::string(file.name));
    ASSERT_TRUE(response.has_value()) << file.name;
    EXPECT_EQ(response->body, file.content);
  }
  for (const auto& entry : fs::directory_iterator(kPageFolder)) {
    EXPECT_TRUE(names.contains(entry.path().filename().string()))
        << entry.path() << " is not in service/CMakeLists.txt";
  }
  EXPECT_EQ(default_page("/")->body, default_page("/page/index.html")->body);
}

TEST(WebPage, TellsTheTypesOfItsFiles) {
  EXPECT_EQ(default_page("/")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(default_page("/page/page.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(default_page("/page/style.css")->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(default_page("/page/icon.svg")->content_type, "image/svg+xml");
}

TEST(WebPage, IsNowhereElse) {
  for (const char* path :
       {"", "/page", "/page/", "/page/absent.js", "/page/../page.js", "/x", "/page/page.js/"}) {
    EXPECT_FALSE(default_page(path).has_value()) << path;
  }
}

TEST(WebPage, IsThereOnlyIfItsListenerHasIt) {
  const std::vector<const Protocol*> spoken{&find_protocol("vosk"), &find_protocol("deepgram")};
  EXPECT_FALSE(web_page("/", spoken).has_value());
  EXPECT_FALSE(web_page("/page/page.js", spoken).has_value());
  EXPECT_FALSE(web_page("/", {}).has_value());
}

TEST(WebPage, ItsPolicyAllowsNothingInlineAndNothingForeign) {
  const Response response = default_page("/").value();
  EXPECT_THAT(response.fields, HasSubstr("Content-Security-Policy: default-src 'none'; "));
  EXPECT_THAT(response.fields, Not(HasSubstr("unsafe")));
  for (const PageFile& file : page_files()) {
    const std::string content(file.content);
    EXPECT_FALSE(std::regex_search(content, std::regex("<script>|<style|style=|onclick=")))
        << file.name;
    EXPECT_FALSE(std::regex_search(content, std::regex("(src|href|url)[=(]\"?(https?:)?//")))
        << file.name;
  }
}

}  // namespace
}  // namespace harpy
