#include "service/protocols/vosk.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "models/files/json_object.hpp"
#include "models/files/text_fields.hpp"
#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr double kMinSampleRateHz = 4000.0;
constexpr double kMaxSampleRateHz = 192000.0;
constexpr std::string_view kSampleRates = "a number from 4000 to 192000";
constexpr int kMaxAlternatives = 100;
constexpr std::string_view kAlternatives = "a number from 0 to 100";
constexpr std::size_t kMaxShownLetters = 40;  ///< of a client's value in a message
constexpr std::array<std::string_view, 3> kMessageKeys{"config", "reset", "eof"};
constexpr std::array<std::string_view, 3> kIgnoredKeys{"model", "spk_model", "nlsml"};

[[noreturn]] void refuse(std::string_view name, std::string_view expected, const json::value& got) {
  std::string shown = json_line(got);
  if (shown.size() > kMaxShownLetters) shown = "something else";
  throw std::runtime_error(std::string(name) + ": expected " + std::string(expected) + ", got " +
                           shown);
}

/// The text of a JSON string without blanks around it; empty for other values.
std::string_view text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string_view() : trim({text->data(), text->size()});
}

std::optional<double> number_in(std::string_view text) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

/// A number as clients write it: 3, 3.0, "3", true for 1.
double number_of(std::string_view name, std::string_view expected, const json::value& value) {
  if (value.is_bool()) return value.get_bool() ? 1.0 : 0.0;
  if (value.is_number()) return value.to_number<double>();
  const std::optional<double> number = number_in(text_of(value));
  if (!number) refuse(name, expected, value);
  return *number;
}

/// A flag as clients write it: true, 1, 1.0, "true", "True", "1".
bool flag_of(std::string_view name, const json::value& value) {
  if (value.is_null()) return false;
  std::string text(text_of(value));
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  if (text == "true") return true;
  if (text == "false") return false;
  return number_of(name, "true or false", value) != 0.0;
}

std::vector<std::string> phrases_of(const json::value& value) {
  constexpr std::string_view kPhrases = "a list of texts";
  if (!value.is_array()) refuse("phrase_list", kPhrases, value);
  std::vector<std::string> phrases;
  for (const json::value& phrase : value.get_array()) {
    if (!phrase.is_string()) refuse("phrase_list", kPhrases, value);
    phrases.emplace_back(text_of(phrase));
  }
  return phrases;
}

/// A list of texts, or of objects with a text and a boost.
std::vector<HotPhrase> hot_phrases_of(const json::value& value) {
  constexpr std::string_view kHotPhrases = "a list of texts or of {\"text\", \"boost\"}";
  if (!value.is_array()) refuse("hot_phrases", kHotPhrases, value);
  std::vector<HotPhrase> phrases;
  for (const json::value& item : value.get_array()) {
    const json::object* const object = item.if_object();
    const json::value* const text = object == nullptr ? &item : object->if_contains("text");
    if (text == nullptr || !text->is_string()) refuse("hot_phrases", kHotPhrases, item);
    HotPhrase& phrase = phrases.emplace_back();
    phrase.text = text_of(*text);
    const json::value* const boost = object == nullptr ? nullptr : object->if_contains("boost");
    if (boost != nullptr) {
      phrase.boost = number_of("hot_phrases: boost", "a number from -20 to 20", *boost);
    }
  }
  return phrases;
}

/// A list of texts, or of objects with a text and perhaps phones.
std::vector<NewWord> new_words_of(const json::value& value) {
  constexpr std::string_view kNewWords = "a list of texts or of {\"text\", \"phones\"}";
  if (!value.is_array()) refuse("new_words", kNewWords, value);
  std::vector<NewWord> words;
  for (const json::value& item : value.get_array()) {
    const json::object* const object = item.if_object();
    const json::value* const text = object == nullptr ? &item : object->if_contains("text");
    const json::value* const phones = object == nullptr ? nullptr : object->if_contains("phones");
    if (text == nullptr || !text->is_string() || (phones != nullptr && !phones->is_string())) {
      refuse("new_words", kNewWords, item);
    }
    NewWord& word = words.emplace_back();
    word.text = text_of(*text);
    if (phones != nullptr) word.phones = text_of(*phones);
  }
  return words;
}

void read_steering(const json::object& config, SteeringRequest& steering) {
  if (const json::value* phrases = config.if_contains("phrase_list")) {
    steering.phrase_list = phrases_of(*phrases);
  }
  if (const json::value* grammar = config.if_contains("grammar")) {
    if (!grammar->is_string()) refuse("grammar", "a text", *grammar);
    steering.grammar = text_of(*grammar);
  }
  if (const json::value* cost = config.if_contains("unknown_phone_cost")) {
    steering.unknown_phone_cost = number_of("unknown_phone_cost", "a number from 0 to 20", *cost);
  }
  if (const json::value* phrases = config.if_contains("hot_phrases")) {
    steering.hot_phrases = hot_phrases_of(*phrases);
  }
  if (const json::value* words = config.if_contains("new_words")) {
    steering.new_words = new_words_of(*words);
  }
  if (const json::value* cost = config.if_contains("new_word_cost")) {
    steering.new_word_cost = number_of("new_word_cost", "a number from 0 to 20", *cost);
  }
  try {
    check_steering_request(steering);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
}

void read_endpoint_times(const json::value& value, EndpointTimes& times) {
  if (!value.is_object()) refuse("endpointer", "an object", value);
  const auto read = [&](std::string_view name, double& seconds) {
    const json::value* const given = value.get_object().if_contains({name.data(), name.size()});
    if (given != nullptr) seconds = number_of(name, "0.1 to 3600 seconds", *given);
  };
  read("t_start_max", times.start_max_s);
  read("t_end", times.end_s);
  read("t_max", times.max_s);
  try {
    check_endpoint_times(times);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error("endpointer: " + std::string(error.what()));
  }
}

void read_config(const json::value& value, VoskMessage& message, const VoskSettings& current) {
  if (!value.is_object()) refuse("config", "an object", value);
  const json::object& config = value.get_object();
  VoskSettings settings = current;
  if (const json::value* rate = config.if_contains("sample_rate")) {
    settings.sample_rate_hz = number_of("sample_rate", kSampleRates, *rate);
    if (!(settings.sample_rate_hz >= kMinSampleRateHz &&
          settings.sample_rate_hz <= kMaxSampleRateHz)) {
      refuse("sample_rate", kSampleRates, *rate);
    }
  }
  if (const json::value* words = config.if_contains("words")) {
    settings.words = flag_of("words", *words);
  }
  if (const json::value* words = config.if_contains("partial_words")) {
    settings.partial_words = flag_of("partial_words", *words);
  }
  if (const json::value* count = config.if_contains("max_alternatives")) {
    const double alternatives = number_of("max_alternatives", kAlternatives, *count);
    if (!(alternatives >= 0.0 && alternatives <= kMaxAlternatives)) {
      refuse("max_alternatives", kAlternatives, *count);
    }
    settings.max_alternatives = static_cast<int>(alternatives);
  }
  if (const json::value* written = config.if_contains("written")) {
    settings.written = flag_of("written", *written);
  }
  read_steering(config, settings.steering);
  if (const json::value* times = config.if_contains("endpointer")) {
    read_endpoint_times(*times, settings.endpoint_times);
  }
  message.settings = std::move(settings);
  std::copy_if(kIgnoredKeys.begin(), kIgnoredKeys.end(), std::back_inserter(message.ignored_keys),
               [&](std::string_view key) { return config.contains(key); });
}

constexpr int kTimeDecimals = 3;
constexpr int kConfidenceDecimals = 6;

/// Clients expect the field "conf", so that it says 1 where there is no confidence, as in partials.
json::array word_list(const std::vector<RecognizedWord>& words, bool confidences) {
  json::array list;
  for (const RecognizedWord& word : words) {
    json::object item;
    if (confidences) item["conf"] = rounded(word.confidence.value_or(1.0), kConfidenceDecimals);
    item["end"] = rounded(word.end_s, kTimeDecimals);
    item["start"] = rounded(word.start_s, kTimeDecimals);
    item["word"] = word.text;
    list.push_back(std::move(item));
  }
  return list;
}

json::object alternative_of(const std::vector<RecognizedWord>& words, double confidence,
                            const VoskSettings& settings) {
  json::object alternative;
  alternative["confidence"] = rounded(confidence, kConfidenceDecimals);
  if (settings.words && !words.empty()) alternative["result"] = word_list(words, false);
  alternative["text"] = joined_text(words);
  return alternative;
}

/// As in Vosk, the "confidence" of an alternative is the logarithm of its path's likelihood, which
/// compares alternatives of one utterance alone; it is 1 where nothing was recognised.
std::string n_best_text(const SessionEvent& settled, const VoskSettings& settings) {
  json::array list;
  for (const Alternative& alternative : settled.alternatives) {
    if (static_cast<int>(list.size()) == settings.max_alternatives) break;
    list.push_back(alternative_of(alternative.words, alternative.score, settings));
  }
  if (list.empty()) list.push_back(alternative_of(settled.words, 1.0, settings));
  json::object result;
  result["alternatives"] = std::move(list);
  if (settings.written) result["written"] = joined_text(settled.written);
  return json_line(result);
}

std::string final_text(const SessionEvent& settled, const VoskSettings& settings) {
  if (settings.max_alternatives > 0) return n_best_text(settled, settings);
  json::object result;
  if (settings.words && !settled.words.empty()) result["result"] = word_list(settled.words, true);
  result["text"] = settled.text();
  if (settings.written) result["written"] = joined_text(settled.written);
  return json_line(result);
}

/// Appends the alternatives of a later utterance to those of the same rank; where there are fewer
/// of one utterance, its last one stands for those that are missing.
void append_alternatives(const std::vector<Alternative>& later, std::vector<Alternative>& all) {
  if (later.empty()) return;
  if (all.empty()) {
    all = later;
    return;
  }
  all.resize(std::max(all.size(), later.size()), all.back());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Alternative& next = later[std::min(i, later.size() - 1)];
    all[i].words.insert(all[i].words.end(), next.words.begin(), next.words.end());
    all[i].score += next.score;
    all[i].probability *= next.probability;
  }
}

}  // namespace

VoskMessage parse_vosk_message(std::string_view text, const VoskSettings& current) {
  const json::object object = parse_json_object(text, "a text message");
  const json::value* config = object.if_contains("config");
  const json::value* reset = object.if_contains("reset");
  const json::value* eof = object.if_contains("eof");
  if (config == nullptr && reset == nullptr && eof == nullptr) {
    throw std::runtime_error("a text message must have the key config, reset or eof");
  }
  VoskMessage message;
  if (config != nullptr) read_config(*config, message, current);
  if (reset != nullptr) message.reset = flag_of("reset", *reset);
  if (eof != nullptr) message.eof = flag_of("eof", *eof);
  return message;
}

bool is_vosk_message(std::string_view frame) {
  const std::string_view text = trim(frame);
  if (!text.starts_with('{') || !text.ends_with('}')) return false;
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  return !error && std::any_of(kMessageKeys.begin(), kMessageKeys.end(), [&](std::string_view key) {
    return value.get_object().contains({key.data(), key.size()});
  });
}

std::vector<std::string> parse_vosk_phrases(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error) throw std::runtime_error("phrase_list: expected JSON: " + error.message());
  return phrases_of(value);
}

SessionOptions vosk_session_options(const VoskSettings& settings) {
  const bool is_n_best = settings.max_alternatives > 0;
  return {.sample_rate_hz = settings.sample_rate_hz,
          .endpoint_times = settings.endpoint_times,
          .progress = true,
          .steering = settings.steering,
          .confidences = settings.words && !is_n_best,
          .max_alternatives = settings.max_alternatives,
          .written = settings.written};
}

std::string vosk_error(std::string_view reason) {
  json::object error;
  error["error"] = json::string_view(reason.data(), reason.size());
  return json_line(error);
}

void VoskReplies::accept(const SessionEvent& event) {
  if (event.kind == EventKind::kPartial) partial_words_ = event.words;
  if (event.kind != EventKind::kFinal) return;
  partial_words_.clear();
  settled_.words.insert(settled_.words.end(), event.words.begin(), event.words.end());
  settled_.written.insert(settled_.written.end(), event.written.begin(), event.written.end());
  append_alternatives(event.alternatives, settled_.alternatives);
}

std::string VoskReplies::partial(const VoskSettings& settings) const {
  std::vector<RecognizedWord> words = settled_.words;
  words.insert(words.end(), partial_words_.begin(), partial_words_.end());
  json::object partial;
  partial["partial"] = joined_text(words);
  if (settings.partial_words && !words.empty()) partial["partial_result"] = word_list(words, true);
  return json_line(partial);
}

std::string VoskReplies::reply_to_audio(const VoskSettings& settings) {
  return has_settled() ? reply_to_end(settings) : partial(settings);
}

std::string VoskReplies::reply_to_end(const VoskSettings& settings) {
  return final_text(std::exchange(settled_, {}), settings);
}

}  // namespace harpy
