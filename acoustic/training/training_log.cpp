#include "acoustic/training/training_log.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "models/files/replacement_file.hpp"

namespace harpy {
namespace {

/// A column: its name, how a row's value is written, and read.
struct Column {
  const char* name;
  std::string (*write)(const TrainingLogRow&);
  bool (*read)(std::string_view, TrainingLogRow&);
};

template <typename Value>
std::string write_value(Value value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

template <typename Value>
bool read_value(std::string_view text, Value& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

template <auto Member>
constexpr Column column(const char* name) {
  return {name, [](const TrainingLogRow& row) { return write_value(row.*Member); },
          [](std::string_view text, TrainingLogRow& row) { return read_value(text, row.*Member); }};
}

constexpr Column kWordErrors{
    "dev_word_error_rate",
    [](const TrainingLogRow& row) {
      return row.dev_word_error_rate ? write_value(*row.dev_word_error_rate) : std::string();
    },
    [](std::string_view text, TrainingLogRow& row) {
      return text.empty() || read_value(text, row.dev_word_error_rate.emplace());
    }};

constexpr std::array<Column, 10> kColumns{column<&TrainingLogRow::epoch>("epoch"),
                                          column<&TrainingLogRow::step>("step"),
                                          column<&TrainingLogRow::learning_rate>("learning_rate"),
                                          column<&TrainingLogRow::gradient_norm>("gradient_norm"),
                                          column<&TrainingLogRow::train_loss>("train_loss"),
                                          column<&TrainingLogRow::skipped>("skipped"),
                                          column<&TrainingLogRow::dev_loss>("dev_loss"),
                                          column<&TrainingLogRow::dev_error_rate>("dev_error_rate"),
                                          kWordErrors,
                                          column<&TrainingLogRow::elapsed_s>("elapsed_s")};

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

void append_field(std::string& line, const std::string& field) {
  if (!line.empty()) line += '\t';
  line += field;
}

std::string to_line(const TrainingLogRow& row) {
  std::string line;
  for (const Column& field : kColumns) append_field(line, field.write(row));
  return line + "\n";
}

std::string heading() {
  std::string line;
  for (const Column& field : kColumns) append_field(line, field.name);
  return line + "\n";
}

/// Values by the names of the heading; columns that are not known, or not there, do not matter.
TrainingLogRow parse_row(const std::vector<std::string>& names, const std::string& line,
                         const std::string& source) {
  const std::vector<std::string> fields = split(line);
  bool good = fields.size() == names.size();
  TrainingLogRow row;
  for (std::size_t i = 0; good && i < names.size(); ++i) {
    for (const Column& field : kColumns) {
      if (names[i] == field.name) good = field.read(fields[i], row);
    }
  }
  if (!good) throw std::runtime_error(source + ": not a row of a training log");
  return row;
}

/// The rows of the first epochs; none if there is no such log.
std::vector<TrainingLogRow> first_rows(const std::filesystem::path& path, std::int64_t epochs) {
  std::vector<TrainingLogRow> rows;
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> names = split(line);
  for (std::int64_t number = 2; std::getline(stream, line); ++number) {
    // The last line may have been cut off by a kill; its epoch is not done then.
    if (stream.eof()) break;
    const TrainingLogRow row = parse_row(names, line, path.string() + ":" + std::to_string(number));
    if (row.epoch <= epochs) rows.push_back(row);
  }
  return rows;
}

}  // namespace

TrainingLogRow make_log_row(const EpochReport& report, double elapsed_s) {
  TrainingLogRow row;
  row.epoch = report.epoch;
  row.step = report.step;
  row.learning_rate = report.learning_rate;
  row.gradient_norm = report.gradient_norm;
  row.train_loss = report.loss_per_frame;
  row.skipped = report.skipped;
  row.dev_loss = report.validation.loss_per_frame;
  row.dev_error_rate = report.validation.label_error_rate;
  row.elapsed_s = elapsed_s;
  return row;
}

TrainingLog::TrainingLog(std::filesystem::path path, std::int64_t epochs) : path_(std::move(path)) {
  if (epochs > 0) rows_ = first_rows(path_, epochs);
  write();
}

void TrainingLog::append(const TrainingLogRow& row) {
  rows_.push_back(row);
  write();
}

void TrainingLog::write() const {
  ReplacementFile file(path_);
  file.write(heading());
  for (const TrainingLogRow& row : rows_) file.write(to_line(row));
  file.commit();
}

}  // namespace harpy
