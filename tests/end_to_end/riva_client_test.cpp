// Riva's protocol as gRPC's own client speaks it: the words are those of harpy transcribe.
#include <fstream>
#include <future>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/end_to_end/serve_fixture.hpp"
#include "tests/service/server/test_client.hpp"
#include "tests/support/serve_program.hpp"

namespace harpy {
namespace {

using harpy::testing::ServeProgram;

namespace json = boost::json;

// The status codes of gRPC.
constexpr int kInvalidArgument = 3;
constexpr int kUnavailable = 14;
constexpr int kUnauthenticated = 16;

class RivaClient : public harpy::testing::ServeFixture {
 protected:
  /// What the client printed.
  json::value run_client(std::uint16_t port, const std::string& mode = "") const {
    const std::string proto =
        (harpy::testing::source_dir() / "service/protocols/riva.proto").string();
    EXPECT_TRUE(runs_node("riva_client.mjs", std::to_string(port) + " '" + proto + "' '" +
                                                 file("recording.s16").string() + "' '" +
                                                 file("recording.wav").string() + "' " + mode));
    std::ifstream stream(file("replies"));
    return json::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
  }

  void expect_service() const {
    ServeProgram program(model(), file("log"), {"--listen", "127.0.0.1:0,protocols=riva"});
    ASSERT_NE(program.port(), 0) << program.log();
    const json::value result = run_client(program.port_of("riva"));
    const std::string expected = transcript();
    const json::value& live = result.at("live");
    EXPECT_EQ(live.at("code"), 0) << live;
    EXPECT_EQ(live.at("text").as_string(), expected);
    EXPECT_GT(live.at("interims").to_number<int>(), 0);
    std::string words;
    for (const json::value& word : live.at("words").as_array()) {
      words += (words.empty() ? "" : " ") + std::string(word.at("word").as_string());
      EXPECT_LT(word.at("start_time").to_number<int>(), word.at("end_time").to_number<int>());
      EXPECT_GT(word.at("confidence").to_number<double>(), 0.0);
    }
    EXPECT_EQ(words, expected);
    EXPECT_EQ(result.at("raw").at("text").as_string(), expected);
    EXPECT_EQ(result.at("raw").at("id").as_string(), "mine");
    EXPECT_EQ(result.at("wav").at("text").as_string(), expected);
    EXPECT_EQ(result.at("models").as_array().size(), 1U);
    for (const char* const bad : {"no_settings", "flac_live", "no_recording", "other_model"}) {
      EXPECT_EQ(result.at(bad), kInvalidArgument) << bad;
    }
    EXPECT_EQ(program.terminate(), 0);
  }

  void expect_the_result_of_what_came_at_the_servers_end() const {
    ServeProgram program(model(), file("log"),
                         {"--listen", "127.0.0.1:0,protocols=riva", "--drain-timeout", "3"});
    ASSERT_NE(program.port(), 0) << program.log();
    const std::uint16_t port = program.port_of("riva");
    auto result = std::async(std::launch::async, [&] { return run_client(port, "stay"); });
    EXPECT_TRUE(program.log_tells("opened by 127.0.0.1")) << program.log();
    EXPECT_EQ(program.terminate(), 0);
    const json::value live = result.get();
    EXPECT_EQ(live.at("code"), kUnavailable);
    EXPECT_EQ(live.at("text").as_string(), transcript());
  }

  void expect_nothing_without_a_key() const {
    std::ofstream(file("keys")) << "app,sha256=" << std::string(64, 'a') << "\n";
    ServeProgram program(
        model(), file("log"),
        {"--listen", "127.0.0.1:0,protocols=riva", "--api-keys", file("keys").string()});
    ASSERT_NE(program.port(), 0) << program.log();
    const json::value result = run_client(program.port_of("riva"));
    EXPECT_EQ(result.at("live").at("code"), kUnauthenticated);
    EXPECT_EQ(result.at("raw").at("code"), kUnauthenticated);
    EXPECT_EQ(result.at("models"), kUnauthenticated);
    EXPECT_EQ(program.terminate(), 0);
  }
};

TEST_F(RivaClient, GrpcsOwnIsServedToldOfTheEndAndRefusedWithoutAKey) {
  if (!has_npm_packages("@grpc/grpc-js@1 @grpc/proto-loader@0")) {
    GTEST_SKIP() << "needs npm and its packages @grpc/grpc-js and @grpc/proto-loader";
  }
  expect_service();
  expect_the_result_of_what_came_at_the_servers_end();
  expect_nothing_without_a_key();
}

TEST_F(RivaClient, ConnectionsThatSayNothingOrNonsenseAreClosed) {
  ServeProgram program(model(), file("log"),
                       {"--listen", "127.0.0.1:0,protocols=riva", "--idle-timeout", "1"});
  ASSERT_NE(program.port(), 0) << program.log();
  const std::uint16_t port = program.port_of("riva");
  ASSERT_NE(port, 0) << program.log();
  harpy::testing::RawClient silent(port);
  harpy::testing::RawClient wrong(port);
  wrong.send("GET / HTTP/1.1\r\n\r\n");
  wrong.read_to_end();
  silent.read_to_end();
  EXPECT_EQ(program.terminate(), 0);
}

}  // namespace
}  // namespace harpy
