#include "kaldi/nnet3/descriptor.hpp"

#include <stdexcept>

#include "models/files/text_fields.hpp"

namespace harpy::kaldi {

namespace {

constexpr std::string_view kMarks = "(),";
constexpr int kDeepest = 200;

class DescriptorParser {
 public:
  explicit DescriptorParser(std::string_view text) : text_(text) {}

  Descriptor parse() {
    Descriptor descriptor = parse_one(0);
    skip_blanks();
    if (position_ != text_.size()) fail("something behind its end");
    return descriptor;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::invalid_argument("the descriptor \"" + std::string(text_) + "\": " + what +
                                " at character " + std::to_string(position_ + 1));
  }

  void skip_blanks() {
    while (position_ < text_.size() && kBlanks.find(text_[position_]) != std::string_view::npos) {
      ++position_;
    }
  }

  bool take(char mark) {
    skip_blanks();
    if (position_ == text_.size() || text_[position_] != mark) return false;
    ++position_;
    return true;
  }

  Descriptor parse_one(int depth) {
    if (depth > kDeepest) fail("too many operators inside each other");
    skip_blanks();
    const std::size_t begin = position_;
    while (position_ < text_.size() && kMarks.find(text_[position_]) == std::string_view::npos &&
           kBlanks.find(text_[position_]) == std::string_view::npos) {
      ++position_;
    }
    Descriptor descriptor{.name = std::string(text_.substr(begin, position_ - begin))};
    if (descriptor.name.empty()) fail("no name");
    descriptor.is_operator = take('(');
    if (!descriptor.is_operator) return descriptor;
    do {
      descriptor.arguments.push_back(parse_one(depth + 1));
    } while (take(','));
    if (!take(')')) fail("no closing parenthesis");
    return descriptor;
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

Descriptor parse_descriptor(std::string_view text) { return DescriptorParser(text).parse(); }

}  // namespace harpy::kaldi
