#include "service/protocols/http_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::HasSubstr;

const ProtocolSettings kSettings{
    .model = {.name = "tiny", .version = "7", .language = "en", .has_written_form = false}};

/// What comes of a request: "upload", or status and body of its answer.
std::string outcome_of(const std::string& method, const std::string& target,
                       const std::string& content_type = "multipart/form-data; boundary=x") {
  HttpRequest request{method, parse_request_target(target), content_type};
  request.target.id = "id-1";
  HttpAnswer answer;
  try {
    HttpOutcome outcome = follow_http_request(request, kSettings);
    if (std::holds_alternative<std::unique_ptr<UploadProtocol>>(outcome)) return "upload";
    answer = std::get<HttpAnswer>(outcome);
  } catch (const RequestFault& fault) {
    answer = word_fault(fault, request.target);
  }
  return std::to_string(answer.status) + " " + answer.fields + answer.body;
}

TEST(HttpRoutes, LeadToProtocols) {
  EXPECT_EQ(outcome_of("POST", "/v1/audio/transcriptions"), "upload");
  EXPECT_EQ(outcome_of("POST", "/v1/listen?smart_format=true&keyterm=a", "audio/wav"), "upload");
  EXPECT_THAT(outcome_of("GET", "/v1/models"), HasSubstr("200 {\"object\": \"list\""));
  EXPECT_THAT(outcome_of("GET", "/v1/models/tiny"), HasSubstr("200 {\"id\": \"tiny\""));
}

TEST(HttpRoutes, FaultsAreInTheFormOfThePath) {
  EXPECT_THAT(outcome_of("POST", "/v1/audio/translations"),
              HasSubstr("400 {\"error\": {\"message\": \"translations are not offered"));
  EXPECT_THAT(outcome_of("POST", "/v1/audio/other"),
              HasSubstr("404 {\"error\": {\"message\": \"there is nothing at /v1/audio/other\""));
  EXPECT_THAT(outcome_of("GET", "/v1/models/other"), HasSubstr("model_not_found"));
  EXPECT_THAT(outcome_of("GET", "/v1/models/"), HasSubstr("404 {\"error\""));
  EXPECT_THAT(outcome_of("PUT", "/v1/models"), HasSubstr("405 Allow: GET\r\n{\"error\""));
  EXPECT_THAT(outcome_of("GET", "/v1/audio/transcriptions"),
              HasSubstr("405 Allow: POST\r\n{\"error\""));
  EXPECT_THAT(outcome_of("GET", "/v1/listen"), HasSubstr("405 Allow: POST\r\n{\"err_code\""));
  EXPECT_THAT(outcome_of("POST", "/v1/listen/x"), HasSubstr("404 {\"err_code\""));
  EXPECT_THAT(outcome_of("POST", "/v1/listen?redact=pci"), HasSubstr("400 {\"err_code\""));
  EXPECT_THAT(outcome_of("POST", "/v1/listen?language=de"), HasSubstr("\"request_id\": \"id-1\""));
  EXPECT_THAT(outcome_of("POST", "/v1/audio/transcriptions", "audio/wav"),
              HasSubstr("expected a body of the type multipart/form-data"));
}

TEST(HttpRoutes, OtherPathsAreNotTheirs) {
  EXPECT_TRUE(is_http_route("/v1/audio"));
  EXPECT_TRUE(is_http_route("/v1/listen"));
  EXPECT_FALSE(is_http_route("/v1/listening"));
  EXPECT_FALSE(is_http_route("/v1/status"));
  EXPECT_FALSE(is_http_route("/"));
}

}  // namespace
}  // namespace harpy
