#include "service/server/request_trace.hpp"

#include <algorithm>
#include <cctype>

namespace harpy {

namespace {

constexpr std::size_t kMostIdLetters = 128;
// "VERSION-TRACE-PARENT-FLAGS", in hexadecimal digits.
constexpr std::string_view kTraceForm = "00-00000000000000000000000000000000-0000000000000000-00";
constexpr std::size_t kTraceBegin = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentBegin = kTraceBegin + kTraceDigits + 1;
constexpr std::size_t kParentDigits = 16;

bool is_trace_digit(char letter) {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
}

bool has_only_zeros(std::string_view digits) {
  return digits.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string accepted_request_id(std::string_view field) {
  const bool is_id =
      field.size() <= kMostIdLetters &&
      std::all_of(field.begin(), field.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("-_.:").find(static_cast<char>(letter)) != std::string_view::npos;
      });
  return is_id ? std::string(field) : std::string();
}

std::string accepted_traceparent(std::string_view field) {
  const std::string_view known = field.substr(0, kTraceForm.size());
  const bool has_form = std::equal(
      known.begin(), known.end(), kTraceForm.begin(), kTraceForm.end(),
      [](char letter, char form) { return form == '-' ? letter == '-' : is_trace_digit(letter); });
  if (!has_form || known.starts_with("ff")) return "";
  // Later versions may add fields.
  const std::string_view rest = field.substr(known.size());
  if (!rest.empty() && (known.starts_with("00") || !rest.starts_with('-'))) return "";
  if (has_only_zeros(known.substr(kTraceBegin, kTraceDigits)) ||
      has_only_zeros(known.substr(kParentBegin, kParentDigits))) {
    return "";
  }
  return std::string(known);
}

std::string_view trace_id_of(std::string_view traceparent) {
  return traceparent.empty() ? traceparent : traceparent.substr(kTraceBegin, kTraceDigits);
}

}  // namespace harpy
