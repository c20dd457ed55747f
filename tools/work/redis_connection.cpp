#include "tools/work/redis_connection.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <cstddef>
#include <optional>
#include <regex>

#include "models/files/text_fields.hpp"

namespace harpy::tools {

namespace {

constexpr timeval kConnectTimeout{.tv_sec = 5, .tv_usec = 0};
/// Longer than any command waits at the server.
constexpr timeval kAnswerTimeout{.tv_sec = 15, .tv_usec = 0};
constexpr const char* kUnixPrefix = "unix://";
constexpr int kUsualPort = 6379;

struct RedisAddress {
  std::string unix_path;  ///< empty: by network
  std::string user;
  std::string password;
  std::string host;
  int port = kUsualPort;
  std::string database;
};

RedisAddress parse_address(const std::string& text) {
  RedisAddress address;
  if (text.starts_with(kUnixPrefix)) {
    address.unix_path = text.substr(std::string(kUnixPrefix).size());
    return address;
  }
  static const std::regex kForm(
      R"(redis://(?:([^:@/]*):([^@]*)@)?([^:@/]+)(?::([0-9]{1,5}))?(?:/([0-9]+))?)");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) {
    throw std::invalid_argument(
        "--redis: expected redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE] or unix://PATH");
  }
  address.user = match[1];
  address.password = match[2];
  address.host = match[3];
  if (match[4].matched) address.port = std::stoi(match[4]);
  address.database = match[5];
  return address;
}

RedisReply converted(const redisReply& reply) {
  RedisReply result;
  result.is_nothing = reply.type == REDIS_REPLY_NIL;
  result.number = reply.integer;
  if (reply.str != nullptr) result.text.assign(reply.str, static_cast<std::size_t>(reply.len));
  for (std::size_t i = 0; i < reply.elements; ++i) {
    result.elements.push_back(converted(*reply.element[i]));
  }
  return result;
}

}  // namespace

void RedisConnection::Close::operator()(redisContext* context) const { redisFree(context); }

RedisConnection::RedisConnection(const std::string& server) {
  const RedisAddress address = parse_address(server);
  server_ =
      "Redis at " + (address.unix_path.empty() ? address.host + ":" + std::to_string(address.port)
                                               : address.unix_path);
  context_.reset(address.unix_path.empty()
                     ? redisConnectWithTimeout(address.host.c_str(), address.port, kConnectTimeout)
                     : redisConnectUnixWithTimeout(address.unix_path.c_str(), kConnectTimeout));
  if (context_ == nullptr) throw std::bad_alloc();
  if (context_->err != 0) {
    throw RedisUnreachable(server_ + ": cannot be reached: " + context_->errstr);
  }
  redisSetTimeout(context_.get(), kAnswerTimeout);
  if (!address.password.empty()) {
    if (address.user.empty()) {
      command({"AUTH", address.password});
    } else {
      command({"AUTH", address.user, address.password});
    }
  }
  if (!address.database.empty()) command({"SELECT", address.database});
}

RedisReply RedisConnection::command(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    pointers.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<void, decltype(&freeReplyObject)> reply(
      redisCommandArgv(context_.get(), static_cast<int>(words.size()), pointers.data(),
                       sizes.data()),
      &freeReplyObject);
  if (reply == nullptr) throw RedisUnreachable(server_ + ": is lost: " + context_->errstr);
  const auto& answer = *static_cast<const redisReply*>(reply.get());
  if (answer.type != REDIS_REPLY_ERROR) return converted(answer);
  const std::string text(answer.str, static_cast<std::size_t>(answer.len));
  if (text.starts_with("LOADING")) throw RedisUnreachable(server_ + ": " + text);
  throw std::runtime_error(server_ + ": refuses " + words.front() + ": " + text);
}

}  // namespace harpy::tools
