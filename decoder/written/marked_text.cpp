#include "decoder/written/marked_text.hpp"

#include <algorithm>
#include <utility>

#include "decoder/written/letter_case.hpp"
#include "models/files/text_fields.hpp"

namespace harpy {

namespace {

struct Sign {
  std::string_view text;
  Mark mark = Mark::kNone;
};

/// What may stand before and behind a word and is no part of it.
constexpr std::array kSigns{Sign{",", Mark::kComma},
                            Sign{";", Mark::kComma},
                            Sign{":", Mark::kComma},
                            Sign{".", Mark::kFullStop},
                            Sign{"!", Mark::kFullStop},
                            Sign{"…", Mark::kFullStop},
                            Sign{"?", Mark::kQuestionMark},
                            Sign{"\""},
                            Sign{"“"},
                            Sign{"”"},
                            Sign{"("},
                            Sign{")"},
                            Sign{"["},
                            Sign{"]"},
                            Sign{"–"},
                            Sign{"—"},
                            Sign{"«"},
                            Sign{"»"}};

constexpr std::string_view kDashes = "-";

bool is_abbreviation(std::string_view text) {
  return text.ends_with('.') && text.find('.') < text.size() - 1 && !text.ends_with("..") &&
         std::none_of(text.begin(), text.end(),
                      [](char letter) { return letter >= '0' && letter <= '9'; });
}

}  // namespace

std::vector<MarkedWord> read_marked_text(std::string_view text) {
  std::vector<MarkedWord> words;
  for (std::string_view field = take_word(text); !field.empty(); field = take_word(text)) {
    Mark mark = Mark::kNone;
    for (bool is_done = false; !is_done;) {
      is_done = true;
      for (const Sign& sign : kSigns) {
        if (field.starts_with(sign.text) && sign.mark == Mark::kNone) {
          field.remove_prefix(sign.text.size());
          is_done = false;
        } else if (field.ends_with(sign.text) && !is_abbreviation(field)) {
          field.remove_suffix(sign.text.size());
          mark = std::max(mark, sign.mark);
          is_done = false;
        }
      }
    }
    if (field.find_first_not_of(kDashes) != std::string_view::npos) {
      words.push_back({std::string(field), mark});
    } else if (!words.empty()) {
      words.back().mark = std::max(words.back().mark, mark);
    }
  }
  return words;
}

std::string model_word(std::string_view text) {
  const bool has_figures = std::any_of(text.begin(), text.end(),
                                       [](char letter) { return letter >= '0' && letter <= '9'; });
  return has_figures ? "0" : lower_case(text);
}

}  // namespace harpy
