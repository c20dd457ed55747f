#include "tools/work/redis_connection.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <array>
#include <cstddef>
#include <optional>
#include <regex>

#include "models/files/text_fields.hpp"

namespace harpy::tools {

namespace {

constexpr timeval kConnectTimeout{.tv_sec = 5, .tv_usec = 0};
/// Longer than any command waits at the server.
constexpr timeval kAnswerTimeout{.tv_sec = 15, .tv_usec = 0};
constexpr std::size_t kReadBytes = 4096;
constexpr const char* kUnixPrefix = "unix://";
constexpr int kUsualPort = 6379;

struct RedisAddress {
  std::string unix_path;  ///< empty: by network
  bool is_encrypted = false;
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
      R"(redis(s?)://(?:([^:@/]*):([^@]*)@)?([^:@/]+)(?::([0-9]{1,5}))?(?:/([0-9]+))?)");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) {
    throw std::invalid_argument(
        "--redis: expected redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS, or "
        "unix://PATH");
  }
  address.is_encrypted = match[1].length() > 0;
  address.user = match[2];
  address.password = match[3];
  address.host = match[4];
  if (match[5].matched) address.port = std::stoi(match[5]);
  address.database = match[6];
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
void RedisConnection::Close::operator()(redisReply* reply) const { freeReplyObject(reply); }

RedisConnection::RedisConnection(const std::string& server, const RedisTlsFiles& files) {
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
  if (address.is_encrypted) {
    tls_ = std::make_unique<RedisTls>(context_->fd, address.host, server_, files);
  }
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
  const Reply reply = exchange(words);
  if (reply->type != REDIS_REPLY_ERROR) return converted(*reply);
  const std::string text(reply->str, static_cast<std::size_t>(reply->len));
  if (text.starts_with("LOADING")) throw RedisUnreachable(server_ + ": " + text);
  throw std::runtime_error(server_ + ": refuses " + words.front() + ": " + text);
}

RedisConnection::Reply RedisConnection::exchange(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    pointers.push_back(word.data());
    sizes.push_back(word.size());
  }
  const int count = static_cast<int>(words.size());
  if (tls_ != nullptr) {
    char* formatted = nullptr;
    const int size = redisFormatCommandArgv(&formatted, count, pointers.data(), sizes.data());
    if (size < 0) throw std::bad_alloc();
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owned(formatted, &redisFreeCommand);
    return exchange_encrypted({formatted, static_cast<std::size_t>(size)});
  }
  Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context_.get(), count, pointers.data(), sizes.data())));
  if (reply == nullptr) throw RedisUnreachable(server_ + ": is lost: " + context_->errstr);
  return reply;
}

/// As redisCommandArgv, which reads and writes the socket itself.
RedisConnection::Reply RedisConnection::exchange_encrypted(const std::string& request) {
  tls_->write(request);
  std::array<char, kReadBytes> incoming{};
  void* reply = nullptr;
  while (redisReaderGetReply(context_->reader, &reply) == REDIS_OK) {
    if (reply != nullptr) return Reply(static_cast<redisReply*>(reply));
    redisReaderFeed(context_->reader, incoming.data(), tls_->read(incoming));
  }
  throw RedisUnreachable(server_ + ": is lost: " + context_->reader->errstr);
}

}  // namespace harpy::tools
