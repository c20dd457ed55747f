// Clients that others have written, for the services whose protocols harpy serve speaks: each gets
// the words of harpy transcribe.
#include <algorithm>
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

class OfficialClients : public harpy::testing::ServeFixture {
 protected:
  /// What the script printed.
  std::string replies() const {
    std::ifstream stream(file("replies"));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string client_arguments(std::uint16_t port) const {
    return std::to_string(port) + " 16000 '" + file("recording.s16").string() + "'";
  }
};

TEST_F(OfficialClients, DeepgramsOwn) {
  if (!has_npm_packages("@deepgram/sdk@5 ws@8")) {
    GTEST_SKIP() << "needs npm and its packages @deepgram/sdk and ws";
  }
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  ASSERT_TRUE(runs_node("deepgram_client.mjs", client_arguments(port))) << program.log();
  const boost::json::value result = boost::json::parse(replies());
  EXPECT_EQ(result.at("text").as_string(), transcript());
  EXPECT_EQ(result.at("duration").to_number<double>(), 3.0);
  EXPECT_GT(result.at("interims").to_number<int>(), 0);
  EXPECT_GT(result.at("speech_starts").to_number<int>(), 0);
  EXPECT_EQ(result.at("code").to_number<int>(), 1000);
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(OfficialClients, OpenAisOwnForRealtimeTranscription) {
  if (!has_npm_packages("openai ws@8")) {
    GTEST_SKIP() << "needs npm and its packages openai and ws";
  }
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  ASSERT_TRUE(runs_node("realtime_client.mjs", client_arguments(port))) << program.log();
  const boost::json::value result = boost::json::parse(replies());
  EXPECT_EQ(result.at("text").as_string(), transcript());
  EXPECT_EQ(result.at("delta").as_string(), transcript());
  EXPECT_EQ(result.at("seconds").to_number<double>(), 3.0);
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(OfficialClients, NetcatForKaldi) {
  if (std::system("command -v nc >/dev/null") != 0) GTEST_SKIP() << "needs nc";
  ServeProgram program(model(), file("log"), {"--listen", "127.0.0.1:0,protocols=kaldi"});
  ASSERT_NE(program.port(), 0) << program.log();
  const std::uint16_t port = program.port_of("kaldi");
  ASSERT_NE(port, 0) << program.log();
  const std::string command = "timeout 60 nc -N 127.0.0.1 " + std::to_string(port) + " <'" +
                              file("recording.s16").string() + "' >'" + file("replies").string() +
                              "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string lines = replies();
  ASSERT_TRUE(lines.ends_with(" \n")) << lines;
  const std::size_t before = lines.find_last_of("\r\n", lines.size() - 2);
  EXPECT_EQ(lines.substr(before == std::string::npos ? 0 : before + 1), transcript() + " \n");
  EXPECT_EQ(program.terminate(), 0);
}

}  // namespace
}  // namespace harpy
