#include "tests/bench/mnist/learning_curve.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

namespace fs = std::filesystem;

/// Drawn in place of no errors at all.
constexpr double kSmallest = 1e-5;

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(path.string() + ": could not be written");
}

/// The drawing's frame: epochs to the right, errors upwards in decades.
class Plot {
 public:
  Plot(std::int64_t epochs, double smallest, double largest)
      : epochs_(std::max<std::int64_t>(epochs, 2)),
        low_(std::floor(2.0 * std::log10(smallest)) / 2.0),
        high_(std::ceil(2.0 * std::log10(largest)) / 2.0) {
    text_ << std::fixed << std::setprecision(1)
          << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 400\" "
             "font-family=\"sans-serif\" font-size=\"13\">\n"
             "<rect width=\"640\" height=\"400\" fill=\"white\"/>\n";
  }

  double x(std::int64_t epoch) const {
    return kLeft +
           (kRight - kLeft) * static_cast<double>(epoch - 1) / static_cast<double>(epochs_ - 1);
  }
  double y(double error) const {
    const double level = (std::log10(error) - low_) / std::max(high_ - low_, 0.5);
    return kBottom - (kBottom - kTop) * level;
  }
  bool shows(double error) const {
    return std::log10(error) >= low_ - 1e-9 && std::log10(error) <= high_ + 1e-9;
  }

  void label(double left, double top, const std::string& text, const char* anchor,
             const char* colour) {
    text_ << "<text x=\"" << left << "\" y=\"" << top << "\" text-anchor=\"" << anchor
          << "\" fill=\"" << colour << "\">" << text << "</text>\n";
  }
  void level(double error, const char* style) {
    text_ << "<path d=\"M" << kLeft << ' ' << y(error) << 'H' << kRight << "\" " << style << "/>\n";
  }
  template <typename Value>
  void curve(std::span<const EpochResult> epochs, const char* colour, const Value& value) {
    text_ << "<path fill=\"none\" stroke-width=\"2\" stroke=\"" << colour << "\" d=\"";
    char command = 'M';
    for (const EpochResult& epoch : epochs) {
      text_ << command << x(epoch.epoch) << ' ' << y(value(epoch));
      command = 'L';
    }
    text_ << "\"/>\n";
  }
  std::string finish() { return text_.str() + "</svg>\n"; }

  static constexpr double kLeft = 60, kRight = 610, kTop = 40, kBottom = 350;

 private:
  std::int64_t epochs_;
  double low_, high_;  ///< powers of ten, halves
  std::ostringstream text_;
};

std::string percent(double share) {
  std::ostringstream text;
  text << std::setprecision(2) << 100.0 * share << " %";
  return text.str();
}

}  // namespace

void write_learning_curve_tsv(const fs::path& path, std::span<const EpochResult> epochs) {
  std::ostringstream text;
  text << "epoch\ttrain_loss\ttrain_error\ttest_error\tseconds\n";
  for (const EpochResult& epoch : epochs) {
    text << epoch.epoch << '\t' << epoch.train_loss << '\t' << epoch.train_error << '\t'
         << epoch.test_error << '\t' << epoch.seconds << '\n';
  }
  write_file(path, text.str());
}

void write_learning_curve_svg(const fs::path& path, std::span<const EpochResult> epochs,
                              const CurveReference& reference) {
  const auto train = [](const EpochResult& e) { return std::max(e.train_error, kSmallest); };
  const auto test = [](const EpochResult& e) { return std::max(e.test_error, kSmallest); };
  double smallest = reference.error, largest = reference.error;
  for (const EpochResult& epoch : epochs) {
    smallest = std::min({smallest, train(epoch), test(epoch)});
    largest = std::max({largest, train(epoch), test(epoch)});
  }
  Plot plot(static_cast<std::int64_t>(epochs.size()), smallest, largest);
  for (const double power : {1e-5, 1e-4, 1e-3, 1e-2, 1e-1}) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double error = power * factor;
      if (!plot.shows(error)) continue;
      plot.level(error, "stroke=\"#ddd\"");
      plot.label(Plot::kLeft - 6, plot.y(error) + 4, percent(error), "end", "#555");
    }
  }
  plot.level(reference.error, "stroke=\"#888\" stroke-dasharray=\"6 4\"");
  plot.label(Plot::kLeft + 6, plot.y(reference.error) + 15,
             std::string(reference.name) + " " + percent(reference.error), "start", "#888");
  plot.curve(epochs, "#1f77b4", train);
  plot.curve(epochs, "#d62728", test);
  plot.label(Plot::kRight, Plot::kTop - 14, "training (with dropout and shifts)", "end", "#1f77b4");
  plot.label(Plot::kLeft, Plot::kTop - 14, "test", "start", "#d62728");
  const auto step = static_cast<std::int64_t>(epochs.size() + 14) / 15;
  for (const EpochResult& epoch : epochs) {
    if ((epoch.epoch - 1) % step != 0) continue;
    plot.label(plot.x(epoch.epoch), Plot::kBottom + 18, std::to_string(epoch.epoch), "middle",
               "#555");
  }
  plot.label((Plot::kLeft + Plot::kRight) / 2, Plot::kBottom + 38, "epoch", "middle", "#555");
  write_file(path, plot.finish());
}

}  // namespace harpy
