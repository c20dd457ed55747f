// Messages of clients in every protocol: an answer or a refusal, never a crash, and a closed line
// at the end.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/utf8.hpp"
#include "service/protocols/protocol_table.hpp"
#include "tests/fuzz/malformed_files.hpp"
#include "tests/fuzz/mutation.hpp"
#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using harpy::testing::mutate;

struct Message {
  bool is_text = true;
  std::string bytes;
};

/// What a client of a protocol says, from its request on.
struct Dialogue {
  std::string_view protocol;
  std::string target;  ///< of its HTTP request
  std::vector<Message> messages;
};

Message text(std::string bytes) { return {true, std::move(bytes)}; }
Message audio(std::size_t bytes) { return {false, std::string(bytes, '\1')}; }
Message raw(std::string bytes) { return {false, std::move(bytes)}; }

const std::vector<Dialogue>& dialogues() {
  static const std::vector<Dialogue> kDialogues{
      {"vosk",
       "/",
       {text(R"({"config": {"sample_rate": "16000", "words": "True", "max_alternatives": 3}})"),
        audio(320), text(R"({"config": {"phrase_list": ["one", "two [unk]"]}})"), audio(320),
        text(R"({"eof" : 1})")}},
      {"deepgram",
       "/v1/listen?encoding=linear16&sample_rate=16000&interim_results=true&endpointing=300"
       "&keyterm=one:2&utterance_end_ms=1000&vad_events=true&channels=1",
       {audio(320), text(R"({"type": "KeepAlive"})"), text(R"({"type": "Finalize"})"), audio(322),
        text(R"({"type": "CloseStream"})")}},
      {"openai-realtime",
       "/v1/realtime?intent=transcription&model=whisper-1",
       {text(R"({"type": "session.update", "event_id": "a", "session": {"type": "transcription", )"
             R"("audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}, )"
             R"("transcription": {"model": "whisper-1", "prompt": "one two", "language": "en"}, )"
             R"("turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}}})"),
        text(R"({"type": "input_audio_buffer.append", "audio": "AQEBAQ=="})"),
        text(R"({"type": "input_audio_buffer.commit"})"),
        text(R"({"type": "input_audio_buffer.clear", "event_id": "b"})")}},
      {"sherpa", "/", {audio(400), audio(404), text("Done")}},
      {"sherpa-offline",
       "/",
       {raw(std::string("\x80\x3E\0\0\x90\1\0\0", 8) + std::string(400, '\1')), text("Done")}},
      {"kaldi", "/", {audio(101), audio(320), audio(0)}},
      {"wyoming",
       "/",
       {raw("{\"type\": \"describe\"}\n{\"type\": \"transcribe\", \"data\": {\"language\": "
            "\"en\"}}\n"),
        raw("{\"type\": \"audio-start\", \"data\": {\"rate\": 16000, \"width\": 2, \"channels\": "
            "1}}\n"),
        raw("{\"type\": \"audio-chunk\", \"data_length\": 44, \"payload_length\": 8}\n"
            "{\"rate\": 16000, \"width\": 2, \"channels\": 1}   abcdefgh"),
        raw("{\"type\": \"audio-stop\"}\n")}},
      {"riva",
       "/",
       // Settings with an encoding, a rate, a language, a phrase and more; then audio.
       {raw(std::string("\x0a\x23\x0a\x1f\x08\x01\x10\x80\x7d\x1a\x02"
                        "en\x20\x02\x32\x0a\x0a\x03"
                        "one"
                        "\x25\0\0\x80\x3f\x40\x01\xca\x01\x03\x18\xa0\x06\x10\x01",
                        37)),
        raw("\x12\x08"
            "abcdefgh"),
        raw("\x12\x04"
            "abcd\xa2\x06\x03\x0a\x01"
            "x")}},
  };
  return kDialogues;
}

bool is_utf8(std::string_view text) { return valid_utf8_bytes(text) == text.size(); }

/// A client that reads everything at once, and looks at it as a strict one would.
class StrictLine : public Line {
 public:
  explicit StrictLine(bool expects_json) : expects_json_(expects_json) {}

  void send_text(std::string text) override {
    EXPECT_TRUE(is_utf8(text)) << text;
    if (expects_json_) {
      boost::system::error_code error;
      boost::json::parse(text, error);
      EXPECT_FALSE(error) << text;
    }
    said.insert(std::move(text));
  }
  void send_bytes(std::vector<std::byte>) override {}
  void close(Closing closing) override {
    EXPECT_TRUE(is_utf8(closing.reason)) << closing.reason;
    said.insert(std::to_string(closing.code) + closing.reason);
    is_closed = true;
  }
  std::size_t unsent_count() const override { return 0; }
  void count_command(std::size_t) override {}
  void note(Severity, const std::string&) override {}

  std::set<std::string> said;
  bool is_closed = false;

 private:
  bool expects_json_ = true;
};

/// Lets every session hear a word in what it got.
void settle(const FakeRecognizer& recognizer) {
  const RecognizedWord word{"one", 0.0, 0.1};
  for (std::size_t index = 0; index < recognizer.sessions().size(); ++index) {
    const std::shared_ptr<FakeSession> session = recognizer.sessions()[index];
    if (session->is_cancelled || session->has_ended) continue;
    session->send(EventKind::kPartial, {word});
    session->send(EventKind::kProgress);
    if (session->is_finished) session->send_end({word});
  }
}

/// A dialogue as one text: the target in a line, then for each message a line with its kind and the
/// number of its bytes, and these.
std::string dialogue_text(const Dialogue& dialogue) {
  std::string all = dialogue.target + "\n";
  for (const Message& message : dialogue.messages) {
    all += message.is_text ? "text " : "bytes ";
    all += std::to_string(message.bytes.size()) + "\n" + message.bytes + "\n";
  }
  return all;
}

/// The dialogue that a text of that kind tells, as far as it does.
Dialogue read_dialogue(std::string_view protocol, const std::string& all) {
  std::istringstream lines(all);
  Dialogue dialogue{.protocol = protocol, .target = {}, .messages = {}};
  std::getline(lines, dialogue.target);
  std::string kind;
  for (std::size_t size = 0; lines >> kind >> size;) {
    lines.ignore();
    std::string bytes(std::min(size, all.size()), '\0');
    lines.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(lines.gcount()));
    dialogue.messages.push_back({kind == "text", std::move(bytes)});
  }
  return dialogue;
}

/// Changes up to three of the messages, and leaves out, doubles and exchanges some.
void change(Dialogue& dialogue, std::uint32_t seed) {
  if (dialogue.messages.empty()) dialogue.messages.push_back(audio(1));
  std::mt19937 random(seed);
  std::vector<std::string> samples{dialogue.target};
  for (const Message& message : dialogue.messages) samples.push_back(message.bytes + " ");
  const auto any = [&] { return random() % dialogue.messages.size(); };
  for (std::uint32_t round = 0; round <= seed % 3; ++round) {
    Message& message = dialogue.messages[any()];
    const std::vector<std::string> own{message.bytes + " ", message.bytes + " ", samples[1]};
    switch (random() % 8) {
      case 0:
        dialogue.messages.push_back(dialogue.messages[any()]);
        break;
      case 1:
        std::swap(dialogue.messages[any()], dialogue.messages[any()]);
        break;
      case 2:
        message.is_text = !message.is_text;
        break;
      case 3:
        message.bytes = mutate(samples, static_cast<std::uint32_t>(random()));
        break;
      default:
        message.bytes = mutate(own, static_cast<std::uint32_t>(random()));
    }
  }
  if (seed % 4 == 0) dialogue.target = mutate(std::span(samples).first(1), seed);
}

/// What the client of a dialogue was told.
std::set<std::string> answers_to(const Dialogue& dialogue) {
  const Protocol& protocol = find_protocol(dialogue.protocol);
  const bool is_json = dialogue.protocol != "kaldi" && dialogue.protocol != "riva" &&
                       !dialogue.protocol.starts_with("sherpa");
  StrictLine line(is_json);
  FakeRecognizer recognizer;
  MakeConversation make;
  try {
    make = protocol.accept(parse_request_target(dialogue.target), {.model = {.name = "en"}});
  } catch (const std::runtime_error& refused) {
    return {refused.what()};
  }
  const std::unique_ptr<Conversation> conversation = make(line, recognizer.opener());
  for (const Message& message : dialogue.messages) {
    if (line.is_closed || conversation->input_room() == 0) break;
    if (message.is_text && protocol.carrier == Carrier::kWebSocket) {
      // Transports let no other text pass (RFC 6455, section 8.1), nor one that is too long.
      if (!is_utf8(message.bytes)) continue;
      if (message.bytes.size() > conversation->max_text_bytes()) continue;
      conversation->take_text(message.bytes);
    } else {
      conversation->take_bytes(std::as_bytes(std::span(message.bytes)));
    }
    settle(recognizer);
  }
  if (!line.is_closed) conversation->take_end();
  settle(recognizer);
  conversation->end(Ending::kStop);
  EXPECT_TRUE(line.is_closed);
  return line.said;
}

class MalformedMessages : public ::testing::TestWithParam<std::size_t> {};

TEST_P(MalformedMessages, AreAnsweredOrRefused) {
  const Dialogue& sample = dialogues()[GetParam()];
  const std::set<std::string> usual = answers_to(sample);
  if (usual == std::set<std::string>{"this build of Harpy speaks no gRPC"}) {
    GTEST_SKIP() << "needs a build with gRPC";
  }
  EXPECT_EQ(answers_to(read_dialogue(sample.protocol, dialogue_text(sample))), usual);
  std::set<std::string> answers;
  const std::vector<std::string> samples{dialogue_text(sample)};
  harpy::testing::fuzz(
      samples,
      [&](const std::string& input) -> std::string {
        try {
          std::set<std::string> told = answers_to(read_dialogue(sample.protocol, input));
          const std::string last = told.empty() ? "" : *told.rbegin();
          answers.merge(told);
          return last;
        } catch (const std::exception& error) {
          ADD_FAILURE() << typeid(error).name() << ": " << error.what();
        }
        return "";
      },
      [&](std::span<const std::string> bases, std::uint32_t seed) {
        Dialogue dialogue = read_dialogue(sample.protocol, bases[seed / 12 % bases.size()]);
        change(dialogue, seed);
        return dialogue_text(dialogue);
      });
  EXPECT_GT(answers.size(), usual.size()) << "the messages do not get far";
}

INSTANTIATE_TEST_SUITE_P(OfAllProtocols, MalformedMessages,
                         ::testing::Range(std::size_t{0}, dialogues().size()),
                         [](const auto& suite) {
                           std::string name(dialogues()[suite.param].protocol);
                           std::erase(name, '-');
                           return name;
                         });

TEST(MalformedMessagesTest, AreOfEveryProtocol) {
  std::set<std::string_view> tried;
  for (const Dialogue& dialogue : dialogues()) tried.insert(dialogue.protocol);
  for (const Protocol& protocol : all_protocols()) {
    if (protocol.carrier == Carrier::kPage) continue;  // it has no messages
    EXPECT_TRUE(tried.contains(protocol.name)) << protocol.name;
  }
}

}  // namespace
}  // namespace harpy
