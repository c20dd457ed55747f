#include "service/server/api_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>

#include "models/files/text_fields.hpp"
#include "service/server/option_fields.hpp"

namespace harpy {

namespace {

constexpr std::size_t kMostKeys = 10'000;
constexpr std::size_t kMostNameLetters = 64;
/// Nothing longer is a key.
constexpr std::size_t kMostKeyBytes = 512;
constexpr int kMostSessionsOfKey = 1'000'000;
constexpr double kLeastRequestsPerS = 0.001;
constexpr double kMostRequestsPerS = 1e6;
constexpr std::string_view kOpenAiKeyPrefix = "openai-insecure-api-key.";

KeyDigest digest_in(std::string_view text) {
  KeyDigest digest{};
  if (text.size() != 2 * digest.size()) {
    throw std::invalid_argument("expected sha256= with 64 hexadecimal digits");
  }
  for (std::size_t index = 0; index < digest.size(); ++index) {
    const std::string_view digits = text.substr(2 * index, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), digest[index], 16);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      throw std::invalid_argument("expected sha256= with 64 hexadecimal digits");
    }
  }
  return digest;
}

bool is_key_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostNameLetters &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
         });
}

ApiKey parse_api_key(std::string_view text) {
  ApiKey key{.name = std::string(take_until(',', text))};
  if (!is_key_name(key.name)) {
    throw std::invalid_argument(
        "expected a name of at most 64 letters, digits and -_. before the first comma");
  }
  bool has_digest = false;
  while (!text.empty()) {
    std::string_view value = take_until(',', text);
    const std::string_view name = take_until('=', value);
    if (name == "sha256") {
      key.digest = digest_in(value);
      has_digest = true;
    } else if (name == "max-sessions") {
      key.max_sessions = number_in(value, 1, kMostSessionsOfKey, "max-sessions from 1 to 1000000");
    } else if (name == "requests-per-second") {
      key.requests_per_s = number_in(value, kLeastRequestsPerS, kMostRequestsPerS,
                                     "requests-per-second from 0.001 to 1000000");
    } else {
      throw std::invalid_argument("expected sha256=, max-sessions= or requests-per-second=");
    }
  }
  if (!has_digest) throw std::invalid_argument("expected sha256= with 64 hexadecimal digits");
  return key;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](unsigned char one, unsigned char other) {
                      return std::tolower(one) == static_cast<int>(other);
                    });
}

}  // namespace

std::vector<ApiKey> read_api_keys(const std::filesystem::path& path) {
  std::vector<ApiKey> keys;
  std::set<std::string> names;
  std::set<KeyDigest> digests;
  read_option_lines(path, [&](std::string_view line) {
    keys.push_back(parse_api_key(line));
    if (!names.insert(keys.back().name).second) throw std::invalid_argument("a name comes twice");
    if (!digests.insert(keys.back().digest).second) {
      throw std::invalid_argument("a key comes twice");
    }
    if (keys.size() > kMostKeys) throw std::invalid_argument("expected at most 10000 keys");
  });
  if (keys.empty()) throw std::runtime_error(path.string() + ": expected a key");
  return keys;
}

void KeyTable::replace(std::vector<ApiKey> keys) {
  std::vector<std::shared_ptr<KeyUse>> uses;
  uses.reserve(keys.size());
  for (ApiKey& key : keys) {
    const auto earlier = std::find_if(uses_.begin(), uses_.end(),
                                      [&](const auto& use) { return use->key.name == key.name; });
    const auto use = earlier == uses_.end() ? std::make_shared<KeyUse>() : *earlier;
    if (!key.requests_per_s) {
      use->requests.reset();
    } else if (key.requests_per_s != use->key.requests_per_s) {
      use->requests = request_bucket(*key.requests_per_s);
    }
    use->key = std::move(key);
    uses.push_back(use);
  }
  uses_ = std::move(uses);
}

std::shared_ptr<KeyUse> KeyTable::find(std::string_view presented) const {
  if (presented.empty() || presented.size() > kMostKeyBytes) return nullptr;
  KeyDigest digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(presented.data()), presented.size(),
           digest.data());
  const std::shared_ptr<KeyUse>* found = nullptr;
  for (const std::shared_ptr<KeyUse>& use : uses_) {
    if (::CRYPTO_memcmp(use->key.digest.data(), digest.data(), digest.size()) == 0) found = &use;
  }
  return found == nullptr ? nullptr : *found;
}

std::string_view presented_key(std::string_view authorization, std::string_view subprotocols) {
  if (!authorization.empty()) {
    std::string_view key = trim(authorization);
    const std::string_view scheme = take_until(' ', key);
    const bool is_known =
        equals_ignoring_case(scheme, "bearer") || equals_ignoring_case(scheme, "token");
    return is_known ? trim(key) : std::string_view();
  }
  bool is_key_next = false;
  while (!subprotocols.empty()) {
    const std::string_view item = trim(take_until(',', subprotocols));
    if (is_key_next) return item;
    if (item.starts_with(kOpenAiKeyPrefix)) return item.substr(kOpenAiKeyPrefix.size());
    is_key_next = equals_ignoring_case(item, "token") || equals_ignoring_case(item, "bearer");
  }
  return {};
}

std::string chosen_subprotocol(std::string_view offered) {
  const std::string_view key = presented_key({}, offered);
  while (!offered.empty()) {
    const std::string_view item = trim(take_until(',', offered));
    const bool is_key = item == key || item.starts_with(kOpenAiKeyPrefix);
    if (!item.empty() && !is_key) return std::string(item);
  }
  return "";
}

}  // namespace harpy
