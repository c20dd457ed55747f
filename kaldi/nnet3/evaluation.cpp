#include "kaldi/nnet3/evaluation.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "models/files/text_fields.hpp"

namespace harpy::kaldi {

namespace {

constexpr std::int32_t kMostFramesAway = 1000;
constexpr std::size_t kMostTerms = std::size_t{1} << 25;
constexpr std::size_t kDeepestNodes = 2000;

/// Computes the values of nodes, each once.
class Evaluator {
 public:
  Evaluator(const Nnet& nnet, std::int64_t feature_dim, std::int64_t ivector_dim)
      : nnet_(nnet), feature_dim_(feature_dim), steps_(feature_dim + ivector_dim) {}

  Value node(const std::string& name) {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    const NnetNode& node = nnet_.node(name);
    if (!open_.insert(name).second) {
      fail(name, "it depends on itself: recurrent networks are not supported");
    }
    if (open_.size() > kDeepestNodes) fail(name, "too many nodes behind each other");
    try {
      Value value = compute(name, node);
      open_.erase(name);
      return values_.emplace(name, std::move(value)).first->second;
    } catch (const std::invalid_argument& error) {
      fail(name, error.what());
    }
  }

  StepGraph& steps() { return steps_; }

 private:
  [[noreturn]] static void fail(const std::string& node, const std::string& what) {
    throw std::runtime_error("node \"" + node + "\" of the network: " + what);
  }

  Value compute(const std::string& name, const NnetNode& node) {
    switch (node.kind) {
      case NnetNode::Kind::kInput:
        return input(name, node);
      case NnetNode::Kind::kOutput:
        return descriptor(node.input);
      case NnetNode::Kind::kRange: {
        const Value whole = this->node(node.input.name);
        if (node.offset + node.dim > std::ssize(whole)) fail(name, "columns that are not there");
        return {whole.begin() + node.offset, whole.begin() + node.offset + node.dim};
      }
      case NnetNode::Kind::kComponent:
        break;
    }
    const auto component = nnet_.components.find(node.component);
    if (component == nnet_.components.end()) {
      fail(name, "there is no component \"" + node.component + "\"");
    }
    const ComponentFunction& function = component->second.function;
    Value x = steps_.settled(descriptor(node.input));
    if (std::ssize(x) != input_dim(function)) {
      fail(name, "it gets " + std::to_string(x.size()) + " values, its component takes " +
                     std::to_string(input_dim(function)));
    }
    Value y = std::visit([&](const auto& map) { return apply(map, std::move(x)); }, function);
    std::size_t term_count = 0;
    for (const ValueColumn& column : y) term_count += column.terms.size();
    check_size(term_count);
    return y;
  }

  Value input(const std::string& name, const NnetNode& node) const {
    const std::int64_t begin = name == "input" ? 0 : feature_dim_;
    const Value all = steps_.value_of(0);
    if (begin + node.dim > std::ssize(all) || (name != "input" && name != "ivector")) {
      fail(name, "an input that is neither \"input\" nor \"ivector\"");
    }
    return {all.begin() + begin, all.begin() + begin + node.dim};
  }

  static Value apply(const Identity&, Value x) { return x; }

  Value apply(const ScaleAndShift& map, Value x) { return steps_.scaled(std::move(x), map); }

  static Value apply(const Permutation& map, const Value& x) {
    Value y;
    for (const std::int32_t column : map.columns) y.push_back(x[static_cast<std::size_t>(column)]);
    return y;
  }

  /// A map to fewer columns than it reads is a step; others are multiplied out.
  Value apply(const AffineMap& map, const Value& x) {
    using Place = std::tuple<std::int32_t, std::int32_t, std::int32_t>;
    struct Read {
      std::size_t place;
      double scale;
    };
    std::map<Place, std::size_t> numbers;
    std::vector<Place> places;
    std::vector<std::vector<Read>> reads;  // of each column of the weights
    for (const std::int32_t offset : map.offsets) {
      for (const ValueColumn& column : x) {
        std::vector<Read>& read = reads.emplace_back();
        for (const Term& term : column.terms) {
          const Place place{term.step, checked_time(term.time + offset), term.column};
          const auto [found, is_new] = numbers.try_emplace(place, places.size());
          if (is_new) places.push_back(place);
          read.push_back({found->second, term.scale});
        }
      }
    }
    check_size(places.size() * static_cast<std::size_t>(map.weight.rows));
    Value y(static_cast<std::size_t>(map.weight.rows));
    std::vector<double> sums;
    for (std::int64_t o = 0; o < map.weight.rows; ++o) {
      ValueColumn& output = y[static_cast<std::size_t>(o)];
      output.constant = map.bias[static_cast<std::size_t>(o)];
      sums.assign(places.size(), 0.0);
      for (std::size_t i = 0; i < reads.size(); ++i) {
        const double weight = map.weight.at(o, static_cast<std::int64_t>(i));
        output.constant += weight * x[i % x.size()].constant;
        for (const Read& read : reads[i]) sums[read.place] += weight * read.scale;
      }
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (sums[i] == 0.0) continue;
        const auto& [step, time, column] = places[i];
        output.terms.push_back({.step = step, .time = time, .column = column, .scale = sums[i]});
      }
    }
    const bool reduces = std::ssize(places) > map.weight.rows;
    return reduces ? steps_.value_of(steps_.step_of(y)) : y;
  }

  Value apply(const ValueFunction& map, const Value& x) {
    return function(FunctionStep{.step = steps_.step_of(x), .kind = map.kind}, std::ssize(x));
  }
  Value apply(const RmsNormalization& map, const Value& x) {
    return function(NormalizationStep{.step = steps_.step_of(x), .function = map}, std::ssize(x));
  }
  Value apply(const LogSoftmaxFunction&, const Value& x) {
    return function(LogSoftmaxStep{.step = steps_.step_of(x)}, std::ssize(x));
  }
  Value apply(const HeightConvolution& map, const Value& x) {
    for (const auto& [time, height] : map.offsets) checked_time(time);
    return function(ConvolutionStep{.step = steps_.step_of(x), .function = map},
                    map.filters_out * map.height_out);
  }
  template <typename Work>
  Value function(Work work, std::int64_t dim) {
    return steps_.value_of(steps_.add({std::move(work), dim}));
  }

  static void check_size(std::size_t term_count) {
    if (term_count > kMostTerms) throw std::invalid_argument("it is too large");
  }

  static std::int32_t checked_time(std::int64_t time) {
    if (std::abs(time) > kMostFramesAway) {
      throw std::invalid_argument("a time offset of " + std::to_string(time) + " frames");
    }
    return static_cast<std::int32_t>(time);
  }

  Value descriptor(const Descriptor& given) {
    if (!given.is_operator) return node(given.name);
    const std::string& name = given.name;
    if (name == "Append") return append(given);
    if (name == "Sum") return sum(given);
    if (name == "Offset") return offset(given);
    if (name == "Scale") return scale(given);
    if (name == "Const") return constant(given);
    if (name == "ReplaceIndex" || name == "Round") return of_ivector(given);
    // Both choose by what is known outside a recording; within it the first is there.
    if (name == "IfDefined" || name == "Failover") return descriptor(argument(given, 0));
    throw std::invalid_argument("the operator " + name + " is not supported");
  }

  static const Descriptor& argument(const Descriptor& given, std::size_t index) {
    if (index < given.arguments.size()) return given.arguments[index];
    throw std::invalid_argument("the operator " + given.name + " has too few arguments");
  }
  static double number(const Descriptor& given, std::size_t index) {
    const std::optional<double> value = parse_double(argument(given, index).name);
    if (value) return *value;
    throw std::invalid_argument("the operator " + given.name + " needs a number, got \"" +
                                argument(given, index).name + "\"");
  }
  static std::int32_t whole_number(const Descriptor& given, std::size_t index) {
    const std::optional<std::int32_t> value = parse_int32(argument(given, index).name);
    if (value) return *value;
    throw std::invalid_argument("the operator " + given.name + " needs a whole number, got \"" +
                                argument(given, index).name + "\"");
  }

  Value append(const Descriptor& given) {
    Value all;
    for (const Descriptor& part : given.arguments) {
      Value value = descriptor(part);
      std::ranges::move(value, std::back_inserter(all));
    }
    return all;
  }

  Value sum(const Descriptor& given) {
    Value total = descriptor(argument(given, 0));
    for (std::size_t i = 1; i < given.arguments.size(); ++i) {
      const Value value = descriptor(given.arguments[i]);
      if (value.size() != total.size()) {
        throw std::invalid_argument("a sum of " + std::to_string(total.size()) + " and " +
                                    std::to_string(value.size()) + " values");
      }
      for (std::size_t d = 0; d < total.size(); ++d) add(value[d], total[d]);
    }
    return total;
  }

  /// Adds a column to another one; what both have of one step's column is one term then.
  static void add(const ValueColumn& added, ValueColumn& total) {
    for (const Term& term : added.terms) {
      const auto same = std::ranges::find_if(total.terms, [&](const Term& other) {
        return other.step == term.step && other.time == term.time && other.column == term.column;
      });
      if (same == total.terms.end()) {
        total.terms.push_back(term);
      } else {
        same->scale += term.scale;
      }
    }
    total.constant += added.constant;
  }

  Value offset(const Descriptor& given) {
    Value value = descriptor(argument(given, 0));
    const std::int64_t offset = whole_number(given, 1);
    for (ValueColumn& column : value) {
      for (Term& term : column.terms) term.time = checked_time(term.time + offset);
    }
    return value;
  }

  Value scale(const Descriptor& given) {
    const double factor = number(given, 0);
    Value value = descriptor(argument(given, 1));
    for (ValueColumn& column : value) {
      for (Term& term : column.terms) term.scale *= factor;
      column.constant *= factor;
    }
    return value;
  }

  static Value constant(const Descriptor& given) {
    const std::int32_t dim = whole_number(given, 1);
    if (dim < 1 || dim > kMostFramesAway * 10) throw std::invalid_argument("a constant's size");
    return Value(static_cast<std::size_t>(dim), {.terms = {}, .constant = number(given, 0)});
  }

  /// Operators on the time of i-vectors, which every frame has one of.
  Value of_ivector(const Descriptor& given) {
    Value value = descriptor(argument(given, 0));
    for (const ValueColumn& column : value) {
      for (const Term& term : column.terms) {
        if (term.step == 0 && term.time == 0 && term.column >= feature_dim_) continue;
        throw std::invalid_argument("the operator " + given.name +
                                    " is supported for the i-vector alone");
      }
    }
    return value;
  }

  const Nnet& nnet_;
  std::int64_t feature_dim_;
  StepGraph steps_;
  std::map<std::string, Value, std::less<>> values_;
  std::set<std::string, std::less<>> open_;
};

}  // namespace

EvaluatedNnet evaluate(const Nnet& nnet, const std::vector<double>& log_priors) {
  const std::int64_t feature_dim = nnet.node("input").dim;
  const std::int64_t ivector_dim = nnet.nodes.contains("ivector") ? nnet.node("ivector").dim : 0;
  constexpr std::int64_t kWidest = 1 << 16;
  if (feature_dim < 1 || feature_dim > kWidest || ivector_dim > kWidest) {
    throw std::runtime_error("the network's input has an impossible size");
  }
  Evaluator evaluator(nnet, feature_dim, ivector_dim);
  Value output = evaluator.node("output");
  if (!log_priors.empty()) {
    if (log_priors.size() != output.size()) {
      throw std::runtime_error("the network has " + std::to_string(output.size()) +
                               " outputs and " + std::to_string(log_priors.size()) + " priors");
    }
    for (std::size_t d = 0; d < output.size(); ++d) output[d].constant -= log_priors[d];
  }
  if (output.empty()) throw std::runtime_error("the network has no outputs");
  try {
    const std::int32_t step = evaluator.steps().step_of(output);
    return {std::move(evaluator.steps()), step, feature_dim, ivector_dim};
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(std::string("the network's output: ") + error.what());
  }
}

}  // namespace harpy::kaldi
