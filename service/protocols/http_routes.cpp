#include "service/protocols/http_routes.hpp"

#include <algorithm>
#include <array>

#include "models/files/escaped_text.hpp"
#include "service/protocols/deepgram_upload.hpp"
#include "service/protocols/openai_answers.hpp"
#include "service/protocols/openai_upload.hpp"

namespace harpy {
namespace {

constexpr int kRouteNotFound = 404;
constexpr int kMethodNotAllowed = 405;
constexpr int kNotOffered = 400;
constexpr std::string_view kModelsPath = "/v1/models/";

using FollowRequest = HttpOutcome (*)(const HttpRequest&, const ProtocolSettings&);

struct HttpRoute {
  std::string_view method;
  std::string_view path;  ///< with "/" at its end: all that stand below it
  FollowRequest follow;
};

HttpOutcome transcribe_for_openai(const HttpRequest& request, const ProtocolSettings& settings) {
  return std::make_unique<OpenAiUpload>(request.content_type, settings);
}

HttpOutcome refuse_translation(const HttpRequest&, const ProtocolSettings& settings) {
  throw RequestFault(kNotOffered, "translations are not offered: the model " + settings.model.name +
                                      " writes what is said in its language, " +
                                      settings.model.language);
}

HttpOutcome transcribe_for_deepgram(const HttpRequest& request, const ProtocolSettings& settings) {
  return std::make_unique<DeepgramUpload>(request.target, request.content_type, settings);
}

HttpOutcome list_models(const HttpRequest&, const ProtocolSettings& settings) {
  return openai_models(settings);
}

HttpOutcome show_model(const HttpRequest& request, const ProtocolSettings& settings) {
  return openai_model(settings, std::string_view(request.target.path).substr(kModelsPath.size()));
}

constexpr std::array kHttpRoutes{
    HttpRoute{"POST", "/v1/audio/transcriptions", transcribe_for_openai},
    HttpRoute{"POST", "/v1/audio/translations", refuse_translation},
    HttpRoute{"POST", "/v1/listen", transcribe_for_deepgram},
    HttpRoute{"GET", "/v1/models", list_models},
    HttpRoute{"GET", kModelsPath, show_model},
};

bool is_at(const HttpRoute& route, std::string_view path) {
  return route.path.ends_with('/') ? path.starts_with(route.path) && path != route.path
                                   : path == route.path;
}

/// The paths of a protocol, and how it words what goes wrong there.
struct HttpInterface {
  std::string_view paths;
  HttpAnswer (*word_fault)(const RequestFault&, const ClientRequest&);
};

HttpAnswer word_for_openai(const RequestFault& fault, const ClientRequest&) {
  return openai_error(fault);
}

constexpr std::array kHttpInterfaces{HttpInterface{"/v1/audio", word_for_openai},
                                     HttpInterface{"/v1/models", word_for_openai},
                                     HttpInterface{"/v1/listen", deepgram_fault}};

const HttpInterface* find_interface(std::string_view path) {
  const auto found =
      std::find_if(kHttpInterfaces.begin(), kHttpInterfaces.end(), [&](const HttpInterface& entry) {
        return path.starts_with(entry.paths) &&
               (path.size() == entry.paths.size() || path[entry.paths.size()] == '/');
      });
  return found == kHttpInterfaces.end() ? nullptr : &*found;
}

}  // namespace

bool is_http_route(std::string_view path) { return find_interface(path) != nullptr; }

std::string_view http_route(std::string_view path) {
  const auto found = std::find_if(kHttpRoutes.begin(), kHttpRoutes.end(),
                                  [&](const HttpRoute& route) { return is_at(route, path); });
  return found == kHttpRoutes.end() ? std::string_view() : found->path;
}

HttpOutcome follow_http_request(const HttpRequest& request, const ProtocolSettings& settings) {
  const std::string_view path = request.target.path;
  const std::string methods = allowed_methods(path);
  if (methods.empty()) {
    throw RequestFault(kRouteNotFound, "there is nothing at " + escape_for_line(path));
  }
  for (const HttpRoute& route : kHttpRoutes) {
    if (is_at(route, path) && route.method == request.method) {
      return route.follow(request, settings);
    }
  }
  throw RequestFault(kMethodNotAllowed, "only " + methods + " is allowed at " + std::string(path));
}

HttpAnswer word_fault(const RequestFault& fault, const ClientRequest& target) {
  const HttpInterface* const entry = find_interface(target.path);
  if (entry == nullptr) throw std::invalid_argument("word_fault: no such path");
  HttpAnswer answer = entry->word_fault(fault, target);
  if (fault.status() == kMethodNotAllowed) {
    answer.fields += "Allow: " + allowed_methods(target.path) + "\r\n";
  }
  return answer;
}

std::string allowed_methods(std::string_view path) {
  std::string methods;
  for (const HttpRoute& route : kHttpRoutes) {
    if (is_at(route, path)) methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  return methods;
}

}  // namespace harpy
