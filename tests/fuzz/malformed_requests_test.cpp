// Recordings in requests over HTTP: each request is followed, or refused with words of its own, and
// the same comes of it however its body is cut.
#include <array>

#include <boost/json.hpp>

#include "service/protocols/http_routes.hpp"
#include "service/protocols/multipart_reader.hpp"
#include "tests/fuzz/malformed_files.hpp"

namespace harpy {
namespace {

using harpy::testing::MalformedFiles;

constexpr std::array<std::size_t, 3> kPieceBytes{1, 7, 1 << 20};
constexpr const char* kMultipart = "multipart/form-data; boundary=xyz";

std::string part_of_form(const std::string& disposition, const std::string& content) {
  return "--xyz\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

/// Calls `take` with pieces of a body.
template <typename Take>
void cut(std::string_view body, std::size_t piece_bytes, const Take& take) {
  for (; !body.empty(); body.remove_prefix(std::min(piece_bytes, body.size()))) {
    take(body.substr(0, piece_bytes));
  }
}

std::string take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string line(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// What came of a request.
struct Outcome {
  std::string fault;  ///< empty: it was followed
  std::string recording;
};

/// Follows a request that is written as its method, its target and the type of its body in a line
/// each, and then the body.
Outcome follow(std::string_view text, std::size_t piece_bytes) {
  static const ProtocolSettings kSettings{
      .model = {.name = "tiny", .version = "1", .language = "en", .has_written_form = true}};
  HttpRequest request{.method = take_line(text)};
  Outcome outcome;
  try {
    request.target = parse_request_target(take_line(text));
  } catch (const std::runtime_error& error) {
    return {.fault = error.what()};
  }
  request.content_type = take_line(text);
  if (!is_http_route(request.target.path)) return {.fault = "no route"};
  try {
    HttpOutcome found = follow_http_request(request, kSettings);
    if (const auto* const answer = std::get_if<HttpAnswer>(&found)) {
      EXPECT_EQ(answer->status, 200);
      return {.recording = answer->body};
    }
    UploadProtocol& protocol = *std::get<std::unique_ptr<UploadProtocol>>(found);
    const UploadProtocol::Recording recording{
        .begin = [](const UploadedFile&) {},
        .take = [&](std::string_view bytes) { outcome.recording += bytes; }};
    cut(text, piece_bytes, [&](std::string_view piece) { protocol.take_body(piece, recording); });
    protocol.end_body();
    EXPECT_EQ(protocol.answer(UploadTranscript{}).status, 200);
  } catch (const RequestFault& fault) {
    const HttpAnswer answer = word_fault(fault, request.target);
    EXPECT_EQ(answer.status, fault.status());
    EXPECT_NO_THROW(boost::json::parse(answer.body)) << answer.body;
    outcome.fault = fault.what();
  }
  return outcome;
}

TEST_F(MalformedFiles, RequestsWithRecordingsAreFollowedOrRefused) {
  const std::string form =
      part_of_form("name=\"model\"", "whisper-1") +
      part_of_form("name=\"timestamp_granularities[]\"", "word") +
      part_of_form("name=\"response_format\"", "verbose_json") +
      part_of_form("name=\"prompt\"", "Zyntri, Digique Plus. \xC3\xA9") +
      part_of_form("name=\"file\"; filename=\"a \\\"b\\\".wav\"", "RIFF\r\n--xy\r\nsound") +
      "--xyz--\r\n";
  const std::string to_openai = "POST\n/v1/audio/transcriptions\n";
  const std::vector<std::string> samples{
      to_openai + kMultipart + "\n" + form,
      to_openai + "multipart/form-data; boundary=\"xyz\"\n" + part_of_form("name=stream", "0") +
          part_of_form("name=language", "en-GB") + part_of_form("name=temperature", "0.5") +
          part_of_form("name=written", "1") + form,
      "POST\n/v1/listen?encoding=linear16&sample_rate=16000&channels=2&keyterm=New%20York&"
      "keywords=a:1.5&endpointing=300&utterances=true&smart_format=true\naudio/raw\nsamples",
      "POST\n/v1/listen?language=en&utterance_end_ms=1000&redact=false\naudio/wav\nRIFF",
      "GET\n/v1/models/tiny\n\n"};
  run(samples, [this](const auto& path) {
    const std::string request = read_bytes(path);
    const Outcome outcome = follow(request, kPieceBytes[0]);
    for (const std::size_t piece_bytes : kPieceBytes) {
      const Outcome other = follow(request, piece_bytes);
      EXPECT_EQ(other.fault, outcome.fault) << "pieces of " << piece_bytes;
      if (other.fault.empty()) {
        EXPECT_EQ(other.recording, outcome.recording);
      }
    }
    if (!outcome.fault.empty()) throw std::runtime_error(path.string() + ": " + outcome.fault);
  });
}

/// What a reader makes of a form.
Outcome read_form(std::string_view body, std::size_t piece_bytes) {
  Outcome outcome;
  std::string& read = outcome.recording;
  try {
    MultipartReader reader(kMultipart, {.begin =
                                            [&](const FormPart& part) {
                                              read += "<" + part.name + "|" + part.filename + "|";
                                            },
                                        .take = [&](std::string_view bytes) { read += bytes; },
                                        .end = [&] { read += ">"; }});
    cut(body, piece_bytes, [&](std::string_view piece) { reader.take(piece); });
    reader.finish();
  } catch (const std::runtime_error& error) {
    outcome.fault = error.what();
  }
  return outcome;
}

TEST(MalformedForms, AreReadOrRefusedHoweverTheyAreCut) {
  const std::vector<std::string> samples{
      "a preamble\r\n" + part_of_form("name=\"file\"; filename=\"a.wav\"", "\r\n--xy\r\n-") +
          part_of_form("name=b", "") + "--xyz--\r\nbehind it",
      "--xyz  \r\ncontent-type: audio/wav\r\ncontent-disposition: form-data ; filename=a;name=b"
      "\r\n\r\n\r\n--xyz--"};
  for (const std::string& sample : samples) EXPECT_EQ(read_form(sample, 1).fault, "");
  const std::set<std::string> faults = testing::fuzz(samples, [](const std::string& body) {
    const Outcome outcome = read_form(body, kPieceBytes[0]);
    for (const std::size_t piece_bytes : kPieceBytes) {
      const Outcome other = read_form(body, piece_bytes);
      EXPECT_EQ(other.fault, outcome.fault) << "pieces of " << piece_bytes;
      if (other.fault.empty()) {
        EXPECT_EQ(other.recording, outcome.recording);
      }
    }
    return outcome.fault;
  });
  EXPECT_GT(faults.size(), 5U) << "the inputs do not get far";
}

}  // namespace
}  // namespace harpy
