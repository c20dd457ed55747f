#include "service/protocols/protocol_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

using ::testing::HasSubstr;

std::vector<const Protocol*> named(const std::vector<std::string>& names) {
  std::vector<const Protocol*> protocols;
  for (const std::string& name : names) protocols.push_back(&find_protocol(name));
  return protocols;
}

std::string table_error(const std::vector<std::string>& names) {
  try {
    check_protocols(named(names));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(ProtocolTable, NamesAndPathsAreUnique) {
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  for (const Protocol& protocol : all_protocols()) {
    EXPECT_TRUE(names.insert(protocol.name).second) << protocol.name;
    EXPECT_TRUE(protocol.path.empty() || paths.insert(protocol.path).second) << protocol.path;
  }
  EXPECT_THROW(find_protocol("gopher"), std::invalid_argument);
}

TEST(ProtocolTable, APathLeadsToItsProtocolAndAnyOtherToVosk) {
  const auto spoken = default_protocols();
  EXPECT_NO_THROW(check_protocols(spoken));
  for (const char* path : {"/", "/anything", "/ws", "/v10/x"}) {
    ASSERT_NE(protocol_at(path, spoken), nullptr) << path;
    EXPECT_EQ(protocol_at(path, spoken)->name, "vosk") << path;
  }
  EXPECT_EQ(protocol_at("/v1/listen", spoken)->name, "deepgram");
  EXPECT_EQ(protocol_at("/v1/realtime", spoken)->name, "openai-realtime");
  EXPECT_EQ(protocol_at("/v1/other", spoken), nullptr);
  EXPECT_EQ(protocol_at("/v1/listen", named({"vosk"})), nullptr);
  EXPECT_EQ(protocol_at("/", named({"deepgram", "page"})), nullptr);
}

TEST(ProtocolTable, ProtocolsThatDoNotGoTogetherAreNamed) {
  EXPECT_EQ(table_error({"deepgram", "openai-realtime", "sherpa"}), "");
  EXPECT_EQ(table_error({"page", "deepgram"}), "");
  EXPECT_EQ(table_error({"kaldi"}), "");
  EXPECT_THAT(table_error({}), HasSubstr("needs a protocol"));
  EXPECT_THAT(table_error({"vosk", "kaldi"}), HasSubstr("kaldi needs a listener for itself"));
  EXPECT_EQ(table_error({"riva"}), "");
  EXPECT_THAT(table_error({"riva", "vosk"}), HasSubstr("riva needs a listener for itself"));
  EXPECT_THAT(table_error({"vosk", "sherpa"}), HasSubstr("vosk and sherpa"));
  EXPECT_THAT(table_error({"page", "vosk"}), HasSubstr("page needs deepgram"));
}

TEST(ProtocolTable, ARefusalIsWordedAsTheProtocolOfThePathDoes) {
  const Refusal refusal{.status = 404, .reason = "not \"here\""};
  const RefusalText deepgram = word_refusal(refusal, {.path = "/v1/listen", .id = "an id"});
  EXPECT_EQ(deepgram.body,
            R"({"err_code": "NOT_FOUND", "err_msg": "not \"here\"", "request_id": "an id"})");
  EXPECT_EQ(deepgram.content_type, "application/json");
  EXPECT_EQ(
      word_refusal(refusal, {.path = "/v1/realtime"}).body,
      R"({"error": {"message": "not \"here\"", "type": "invalid_request_error", "param": null, "code": null}})");
  EXPECT_EQ(word_refusal(refusal, {.path = "/x"}).body, "not \"here\"");
}

}  // namespace
}  // namespace harpy
