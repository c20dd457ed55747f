#include "kaldi/files/object_reader.hpp"

#include <cmath>
#include <cstring>
#include <optional>

#include "models/files/text_fields.hpp"

namespace harpy::kaldi {

namespace {

constexpr std::string_view kBinaryMark{"\0B", 2};

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A token of a file for a message: short, and without what would spoil a line.
std::string shown(std::string_view token) {
  constexpr std::size_t kLongest = 40;
  std::string text;
  for (const char c : token.substr(0, kLongest)) text += c > ' ' && c <= '~' ? c : '?';
  return "\"" + text + (token.size() > kLongest ? "…\"" : "\"");
}

}  // namespace

ObjectReader::ObjectReader(const std::filesystem::path& path)
    : name_(path.string()), file_(path), bytes_(text_of(file_->bytes())) {
  if (bytes_.empty()) throw failure("the file is empty");
  take_mark();
}

ObjectReader::ObjectReader(std::string name, std::span<const std::byte> archive,
                           std::size_t position)
    : name_(std::move(name)), bytes_(text_of(archive)), is_finite_(false), position_(position) {
  take_mark();
}

void ObjectReader::take_mark() {
  is_binary_ = bytes_.substr(position_).starts_with(kBinaryMark);
  if (is_binary_) position_ += kBinaryMark.size();
}

std::runtime_error ObjectReader::failure(const std::string& what) const {
  return std::runtime_error(name_ + ": byte " + std::to_string(position_) + ": " + what);
}

void ObjectReader::skip_blanks() {
  while (!at_end() && is_blank(bytes_[position_])) ++position_;
}

std::string_view ObjectReader::take_bytes(std::size_t count) {
  if (count > bytes_left()) throw failure("the file ends too early");
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

std::string_view ObjectReader::next_token() const {
  std::size_t begin = position_;
  while (begin < bytes_.size() && is_blank(bytes_[begin])) ++begin;
  std::size_t end = begin;
  while (end < bytes_.size() && !is_blank(bytes_[end])) ++end;
  return bytes_.substr(begin, end - begin);
}

std::string ObjectReader::token() {
  skip_blanks();
  const std::string_view next = next_token();
  if (next.empty()) throw failure("the file ends too early");
  position_ += next.size();
  if (!at_end()) ++position_;
  return std::string(next);
}

bool ObjectReader::take(std::string_view expected) {
  if (next_token() != expected) return false;
  token();
  return true;
}

void ObjectReader::expect(std::string_view expected) {
  if (take(expected)) return;
  const std::string_view next = next_token();
  if (next.empty()) throw failure("the file ends too early");
  throw failure("expected " + std::string(expected) + ", got " + shown(next));
}

std::string_view ObjectReader::line() {
  const std::size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) throw failure("the file ends within a line");
  std::string_view found = bytes_.substr(position_, end - position_);
  position_ = end + 1;
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

template <typename Raw>
Raw ObjectReader::raw() {
  Raw value;
  std::memcpy(&value, take_bytes(sizeof(Raw)).data(), sizeof(Raw));
  return value;
}

void ObjectReader::expect_size_byte(std::size_t size) {
  const auto found = raw<std::int8_t>();
  if (found == static_cast<std::int8_t>(size)) return;
  --position_;
  throw failure("expected a value of " + std::to_string(size) + " bytes, got one of " +
                std::to_string(found));
}

std::int32_t ObjectReader::sized_integer() {
  expect_size_byte(sizeof(std::int32_t));
  return raw<std::int32_t>();
}

std::size_t ObjectReader::check_count(std::int64_t listed, std::size_t size_bytes) const {
  if (listed < 0 || static_cast<std::uint64_t>(listed) > bytes_left() / size_bytes) {
    throw failure("a size of " + std::to_string(listed) + " is more than the file holds");
  }
  return static_cast<std::size_t>(listed);
}

std::string_view ObjectReader::text_field() {
  skip_blanks();
  const std::string_view next = next_token();
  if (next.empty()) throw failure("the file ends too early");
  position_ += next.size();
  return next;
}

double ObjectReader::text_number() {
  const std::size_t begin = position_;
  const std::string_view field = text_field();
  const std::optional<double> value = parse_double(field);
  if (value && (std::isfinite(*value) || !is_finite_)) return *value;
  position_ = begin;
  throw failure("expected a number, got " + shown(field));
}

std::int32_t ObjectReader::text_integer() {
  const std::size_t begin = position_;
  const std::string_view field = text_field();
  if (const std::optional<std::int32_t> value = parse_int32(field)) return *value;
  position_ = begin;
  throw failure("expected a whole number, got " + shown(field));
}

std::int32_t ObjectReader::integer() { return is_binary_ ? sized_integer() : text_integer(); }

std::int32_t ObjectReader::count() {
  const std::int32_t value = integer();
  if (value < 0) throw failure("expected a count, got " + std::to_string(value));
  return value;
}

std::int64_t ObjectReader::long_integer() {
  if (!is_binary_) return text_integer();
  expect_size_byte(sizeof(std::int64_t));
  return raw<std::int64_t>();
}

double ObjectReader::number() {
  if (!is_binary_) return text_number();
  if (bytes_left() > 0 && bytes_[position_] == sizeof(double)) {
    expect_size_byte(sizeof(double));
    return raw<double>();
  }
  expect_size_byte(sizeof(float));
  return static_cast<double>(raw<float>());
}

bool ObjectReader::boolean() {
  if (!is_binary_) skip_blanks();
  const auto value = raw<char>();
  if (value != 'T' && value != 'F') {
    --position_;
    throw failure("expected T or F");
  }
  return value == 'T';
}

std::vector<std::int32_t> ObjectReader::integers() {
  std::vector<std::int32_t> values;
  if (!is_binary_) {
    expect("[");
    while (next_token() != "]") values.push_back(text_integer());
    expect("]");
    return values;
  }
  expect_size_byte(sizeof(std::int32_t));
  values.resize(check_count(raw<std::int32_t>(), sizeof(std::int32_t)));
  for (std::int32_t& value : values) value = raw<std::int32_t>();
  return values;
}

std::vector<std::pair<std::int32_t, std::int32_t>> ObjectReader::integer_pairs() {
  std::vector<std::pair<std::int32_t, std::int32_t>> pairs;
  if (!is_binary_) {
    expect("[");
    while (next_token() != "]") {
      const std::string_view field = text_field();
      const std::size_t comma = field.find(',');
      const auto first = parse_int32(field.substr(0, comma));
      const auto second =
          comma == std::string_view::npos ? std::nullopt : parse_int32(field.substr(comma + 1));
      if (!first || !second) throw failure("expected two whole numbers, got " + shown(field));
      pairs.emplace_back(*first, *second);
    }
    expect("]");
    return pairs;
  }
  expect_size_byte(sizeof(std::int32_t));
  pairs.resize(check_count(raw<std::int32_t>(), 2 * sizeof(std::int32_t)));
  for (auto& [first, second] : pairs) {
    first = raw<std::int32_t>();
    second = raw<std::int32_t>();
  }
  return pairs;
}

bool ObjectReader::takes_double(char kind) {
  if (take(std::string{'D', kind})) return true;
  expect(std::string{'F', kind});
  return false;
}

template <typename Stored, typename Value>
void ObjectReader::append_numbers(std::size_t count, std::vector<Value>& values) {
  const std::size_t begin = position_;
  const std::string_view stored = take_bytes(count * sizeof(Stored));
  values.reserve(values.size() + count);
  for (std::size_t i = 0; i < count; ++i) {
    Stored value;
    std::memcpy(&value, stored.data() + i * sizeof(Stored), sizeof(Stored));
    if (is_finite_ && !std::isfinite(value)) {
      position_ = begin + i * sizeof(Stored);
      throw failure("a value that is no finite number");
    }
    values.push_back(static_cast<Value>(value));
  }
}

template <typename Value>
void ObjectReader::append_numbers(bool is_double, std::size_t count, std::vector<Value>& values) {
  if (is_double) {
    append_numbers<double>(count, values);
  } else {
    append_numbers<float>(count, values);
  }
}

template <typename Value>
std::vector<Value> ObjectReader::vector() {
  std::vector<Value> values;
  if (!is_binary_) {
    if (take("[]")) return values;
    expect("[");
    while (next_token() != "]") values.push_back(static_cast<Value>(text_number()));
    expect("]");
    return values;
  }
  const bool is_double = takes_double('V');
  const std::size_t size = is_double ? sizeof(double) : sizeof(float);
  append_numbers(is_double, check_count(sized_integer(), size), values);
  return values;
}

template <typename Value>
Matrix<Value> ObjectReader::text_matrix() {
  Matrix<Value> matrix;
  if (take("[]")) return matrix;
  expect("[");
  while (true) {
    const std::size_t end_of_line = std::min(bytes_.find('\n', position_), bytes_.size());
    const std::size_t before = matrix.values.size();
    while (next_token() != "]" &&
           static_cast<std::size_t>(next_token().data() - bytes_.data()) < end_of_line) {
      matrix.values.push_back(static_cast<Value>(text_number()));
    }
    const auto row = static_cast<std::int64_t>(matrix.values.size() - before);
    if (row > 0) {
      if (matrix.rows > 0 && row != matrix.columns) throw failure("rows of different lengths");
      matrix.columns = row;
      ++matrix.rows;
    }
    if (next_token().empty()) throw failure("the file ends too early");
    if (take("]")) return matrix;
    if (end_of_line < bytes_.size()) position_ = std::max(position_, end_of_line + 1);
  }
}

template <typename Value>
Matrix<Value> ObjectReader::decompressed_matrix(CompressedForm form) {
  const CompressedHeader header = read_compressed_header(take_bytes(kCompressedHeaderBytes));
  if (header.rows < 0 || header.columns < 0) throw failure("a matrix of negative size");
  const std::size_t code_bytes = compressed_code_bytes(form);
  const std::size_t count = check_count(std::int64_t{header.rows} * header.columns, code_bytes);
  const std::size_t column_bytes =
      check_count(form == CompressedForm::kQuantiles ? header.columns : 0, kQuantileBytes) *
      kQuantileBytes;
  const std::string_view codes = take_bytes(column_bytes + count * code_bytes);
  const std::vector<float> values = decompress(form, header, codes);
  return {.rows = header.rows, .columns = header.columns, .values = {values.begin(), values.end()}};
}

template <typename Value>
Matrix<Value> ObjectReader::matrix() {
  if (!is_binary_) return text_matrix<Value>();
  for (const auto& [token, form] : kCompressedForms) {
    if (take(token)) return decompressed_matrix<Value>(form);
  }
  Matrix<Value> matrix;
  const bool is_double = takes_double('M');
  matrix.rows = sized_integer();
  matrix.columns = sized_integer();
  if (matrix.rows < 0 || matrix.columns < 0) throw failure("a matrix of negative size");
  const std::size_t size = is_double ? sizeof(double) : sizeof(float);
  append_numbers(is_double, check_count(matrix.rows * matrix.columns, size), matrix.values);
  return matrix;
}

template <typename Value>
std::vector<Value> ObjectReader::packed_matrix() {
  if (!is_binary_) return vector<Value>();  // its rows follow each other
  std::vector<Value> values;
  const bool is_double = takes_double('P');
  const std::int64_t size = sized_integer();
  const std::size_t value_bytes = is_double ? sizeof(double) : sizeof(float);
  append_numbers(is_double, check_count(size < 0 ? size : size * (size + 1) / 2, value_bytes),
                 values);
  return values;
}

template <typename Value>
std::vector<Value> ObjectReader::raw_values(std::int64_t count) {
  std::vector<Value> values(check_count(count, sizeof(Value)));
  const std::string_view stored = take_bytes(values.size() * sizeof(Value));
  if (!values.empty()) std::memcpy(values.data(), stored.data(), stored.size());
  return values;
}

template std::vector<std::int32_t> ObjectReader::raw_values(std::int64_t count);
template std::vector<std::int64_t> ObjectReader::raw_values(std::int64_t count);
template std::vector<float> ObjectReader::vector();
template std::vector<double> ObjectReader::vector();
template Matrix<float> ObjectReader::matrix();
template Matrix<double> ObjectReader::matrix();
template std::vector<double> ObjectReader::packed_matrix();

}  // namespace harpy::kaldi
