// The web page that harpy serve has at "/", in a browser.
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/end_to_end/serve_fixture.hpp"
#include "tests/support/serve_program.hpp"

namespace harpy {
namespace {

using harpy::testing::ServeProgram;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class WebPage : public harpy::testing::ServeFixture {
 protected:
  /// Whether what the browser needs is there.
  bool has_browser() const {
    return std::system("command -v chromium >/dev/null") == 0 &&
           has_npm_packages("playwright-core@1");
  }
  /// Whether the browser has done what the script says, with a server and perhaps a key for it.
  bool browses(const ServeProgram& program, const std::string& key = "") const {
    std::ofstream(file("text.wav")) << "this is no sound at all";
    const std::uint16_t port = program.port();
    return port != 0 &&
           runs_node("page_client.mjs",
                     "http://127.0.0.1:" + std::to_string(port) + " \"$(command -v chromium)\" '" +
                         file("recording.wav").string() + "' '" + file("text.wav").string() +
                         "' '" + directory_.path().string() + "' " + key);
  }
  /// What the script has found out.
  boost::json::value found() const {
    std::ifstream stream(file("replies"));
    return boost::json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }
};

std::string text_of(const boost::json::value& value) { return std::string(value.as_string()); }

std::string joined(const boost::json::value& texts) {
  std::string all;
  for (const boost::json::value& text : texts.as_array()) {
    all += (all.empty() ? "" : " ") + text_of(text);
  }
  return all;
}

TEST_F(WebPage, HearsAndReadsInChromium) {
  if (!has_browser()) GTEST_SKIP() << "needs chromium, npm and its package playwright-core";
  ServeProgram program(model(), file("log"));
  ASSERT_TRUE(browses(program)) << program.log();
  const boost::json::value page = found();
  EXPECT_THAT(text_of(page.at("policy")), HasSubstr("script-src 'self'"));
  EXPECT_EQ(joined(page.at("complaints")), "");
  EXPECT_EQ(text_of(page.at("firstStop")), "listen");
  EXPECT_THAT(text_of(page.at("partial")), Not(IsEmpty()));
  EXPECT_GT(page.at("shades").to_number<int>(), 20);
  EXPECT_THAT(joined(page.at("heard")), Not(IsEmpty()));
  EXPECT_THAT(text_of(page.at("done")), StartsWith("Done in "));
  EXPECT_EQ(joined(page.at("read")), transcript());
  EXPECT_THAT(joined(page.at("titles")), HasSubstr("% sure"));
  const boost::json::value& saved = page.at("saved");
  EXPECT_EQ(text_of(saved.at("txt")), transcript() + "\n");
  EXPECT_THAT(text_of(saved.at("srt")), StartsWith("1\n00:00:0"));
  EXPECT_THAT(text_of(saved.at("vtt")), StartsWith("WEBVTT\n\n00:00:0"));
  const boost::json::value json = boost::json::parse(text_of(saved.at("json")));
  EXPECT_EQ(text_of(json.at("utterances").at(0).at("text")), transcript());
  EXPECT_EQ(page.at("overflow").to_number<int>(), 0);
  EXPECT_THAT(text_of(page.at("refused")), HasSubstr("is not an audio file of a known format"));
  EXPECT_THAT(text_of(page.at("refusedWord")), HasSubstr("hot_phrases: \"!!\""));
  for (const char* role : {"button \"Start listening\"", "log \"Settled words\"",
                           "combobox \"Model\"", "textbox \"Hot words\"", "checkbox"}) {
    EXPECT_THAT(text_of(page.at("roles")), HasSubstr(role));
  }
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(WebPage, PresentsAKeyWhereTheServerWantsOne) {
  if (!has_browser()) GTEST_SKIP() << "needs chromium, npm and its package playwright-core";
  // By sha256sum, of "a-key-for-the-page".
  std::ofstream(file("keys"))
      << "page,sha256=2f92085f7f38eaeeb8bd0200a566fea904ef8033019fb69e050e480fbd6f7d15\n";
  ServeProgram program(model(), file("log"), {"--api-keys", file("keys").string()});
  ASSERT_TRUE(browses(program, "a-key-for-the-page")) << program.log();
  const boost::json::value page = found();
  EXPECT_THAT(joined(page.at("heard")), Not(IsEmpty()));
  EXPECT_THAT(text_of(page.at("done")), StartsWith("Done in "));
  EXPECT_EQ(joined(page.at("read")), transcript());
}

}  // namespace
}  // namespace harpy
