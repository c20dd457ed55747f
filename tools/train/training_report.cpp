#include "tools/train/training_report.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "models/files/printed.hpp"
#include "models/files/replacement_file.hpp"
#include "tools/pictures/line_chart.hpp"
#include "tools/terminal/duration.hpp"

namespace harpy::tools {
namespace {

constexpr const char* kStyle = R"(
body { font: 15px/1.5 sans-serif; color: #222; background: #fff; max-width: 1180px;
       margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; margin-bottom: 0.2em; } h2 { font-size: 1.15em; margin-top: 1.8em; }
.best { font-size: 1.1em; margin: 0 0 1em; }
.facts { display: grid; grid-template-columns: max-content auto; gap: 0.15em 1.2em; margin: 0; }
.facts dt { color: #666; } .facts dd { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr));
          gap: 1em 1.5em; margin-top: 1.5em; }
.charts svg { width: 100%; height: auto; border: 1px solid #ddd; border-radius: 6px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.15em 0.9em; border-bottom: 1px solid #e8e8e8; }
th { color: #666; font-weight: normal; } tr.best-row { background: #e8f1fb; }
pre { background: #f6f6f6; padding: 1em; overflow-x: auto; font-size: 13px; }
)";

std::string percent(double rate) { return printed("%.2f %%", 100.0 * rate); }

/// The row whose network is kept: the first of those with the least label errors.
const TrainingLogRow& best_row(std::span<const TrainingLogRow> rows) {
  return *std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.dev_error_rate < b.dev_error_rate;
  });
}

/// One value of every row.
template <typename Value>
ChartSeries curve(const std::string& name, std::span<const TrainingLogRow> rows,
                  const Value& value) {
  ChartSeries series{name, {}, {}};
  for (const TrainingLogRow& row : rows) {
    series.x.push_back(static_cast<double>(row.epoch));
    series.y.push_back(value(row));
  }
  return series;
}

std::string draw_charts(std::span<const TrainingLogRow> rows) {
  const std::vector<ChartSeries> losses{
      curve("training", rows, [](const auto& row) { return row.train_loss; }),
      curve("development", rows, [](const auto& row) { return row.dev_loss; })};
  std::vector<ChartSeries> errors{
      curve("labels", rows, [](const auto& row) { return 100.0 * row.dev_error_rate; })};
  ChartSeries words{"words", {}, {}};
  for (const TrainingLogRow& row : rows) {
    if (!row.dev_word_error_rate) continue;
    words.x.push_back(static_cast<double>(row.epoch));
    words.y.push_back(100.0 * *row.dev_word_error_rate);
  }
  const std::string measured = words.x.empty() ? "Label errors" : "Errors";
  if (!words.x.empty()) errors.push_back(std::move(words));
  const ChartSeries rates =
      curve("learning rate", rows, [](const auto& row) { return row.learning_rate; });
  const ChartSeries norms =
      curve("gradient norm", rows, [](const auto& row) { return row.gradient_norm; });
  return "<div class=\"charts\">\n" + draw_line_chart({"Loss per output frame", "epoch"}, losses) +
         draw_line_chart({measured + " on the development set, per cent", "epoch", true}, errors) +
         draw_line_chart({"Learning rate", "epoch", true}, std::span(&rates, 1)) +
         draw_line_chart({"Gradient norm before clipping", "epoch", true}, std::span(&norms, 1)) +
         "</div>\n";
}

std::string draw_table(std::span<const TrainingLogRow> rows) {
  std::string html =
      "<div class=\"table\"><table>\n<tr><th>epoch</th><th>steps</th><th>learning rate</th>"
      "<th>gradient norm</th><th>training loss</th><th>skipped</th><th>dev loss</th>"
      "<th>dev label errors</th><th>dev word errors</th><th>time</th></tr>\n";
  const std::int64_t best = best_row(rows).epoch;
  for (const TrainingLogRow& row : rows) {
    html += row.epoch == best ? "<tr class=\"best-row\">" : "<tr>";
    for (const std::string& cell :
         {std::to_string(row.epoch), std::to_string(row.step), printed("%.3g", row.learning_rate),
          printed("%.3f", row.gradient_norm), printed("%.4f", row.train_loss),
          std::to_string(row.skipped), printed("%.4f", row.dev_loss), percent(row.dev_error_rate),
          row.dev_word_error_rate ? percent(*row.dev_word_error_rate) : std::string("–"),
          format_duration(row.elapsed_s)}) {
      html += "<td>" + cell + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string best_sentence(std::span<const TrainingLogRow> rows) {
  const TrainingLogRow& best = best_row(rows);
  std::string text = "Best network: epoch " + std::to_string(best.epoch) + " of " +
                     std::to_string(rows.back().epoch) + " done, with " +
                     percent(best.dev_error_rate) + " label errors";
  if (best.dev_word_error_rate) {
    text += " and " + percent(*best.dev_word_error_rate) + " word errors";
  }
  return "<p class=\"best\">" + text + " on the development set.</p>\n";
}

std::string draw_facts(const TrainingReportFacts& facts) {
  std::string html = "<dl class=\"facts\">\n";
  for (const auto& [name, value] : facts.facts) {
    html += "<dt>" + escape_markup(name) + "</dt><dd>" + escape_markup(value) + "</dd>\n";
  }
  return html + "</dl>\n";
}

}  // namespace

void write_training_report(const std::filesystem::path& path, const TrainingReportFacts& facts,
                           std::span<const TrainingLogRow> rows) {
  const std::string title = escape_markup(facts.title);
  std::ostringstream stream;
  stream << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         << "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" << title
         << "</title>\n<style>" << kStyle << "</style></head>\n<body>\n<h1>" << title << "</h1>\n";
  if (rows.empty()) {
    stream << "<p>No epoch is done yet.</p>\n" << draw_facts(facts);
  } else {
    stream << best_sentence(rows) << draw_facts(facts) << draw_charts(rows) << "<h2>Epochs</h2>\n"
           << draw_table(rows) << "<p>The same as tab-separated values: <a href=\""
           << escape_markup(facts.log_file) << "\">" << escape_markup(facts.log_file)
           << "</a></p>\n";
  }
  stream << "<h2>Recipe</h2>\n<pre>" << escape_markup(facts.recipe) << "</pre>\n</body></html>\n";
  replace_file(path, stream.view());
}

}  // namespace harpy::tools
