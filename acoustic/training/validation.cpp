#include "acoustic/training/validation.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace harpy {

std::vector<std::int32_t> greedy_labels(
    std::span<const float> scores, std::int64_t output_count,
    const std::function<std::int32_t(std::int32_t output)>& label_of) {
  const auto width = static_cast<std::size_t>(output_count);
  std::vector<std::int32_t> labels;
  std::int32_t previous = 0;
  for (std::size_t start = 0; start + width <= scores.size(); start += width) {
    const auto frame = scores.subspan(start, width);
    const std::int32_t best = label_of(
        static_cast<std::int32_t>(std::max_element(frame.begin(), frame.end()) - frame.begin()));
    if (best != previous && best != 0) labels.push_back(best);
    previous = best;
  }
  return labels;
}

std::int64_t edit_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::vector<std::int64_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::int64_t diagonal = std::exchange(row[0], static_cast<std::int64_t>(i) + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::int64_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

namespace {

/// What a rank has counted.
struct ValidationShare {
  LossValue loss;
  std::int64_t errors = 0;
  std::int64_t label_count = 0;
};

/// Of the utterances whose turn is this rank's.
ValidationShare validate_share(Backend& backend, const Network& network, Loss& loss,
                               const Dataset& dataset, const LabelDecoder& decoder,
                               const Ranks& ranks) {
  ValidationShare share;
  std::vector<float> features;
  const auto utterances = dataset.utterances();
  for (auto i = static_cast<std::size_t>(ranks.rank()); i < utterances.size();
       i += static_cast<std::size_t>(ranks.count())) {
    const Utterance& utterance = utterances[i];
    const std::span<const Half> stored = dataset.features(utterance).values();
    features.resize(stored.size());
    std::transform(stored.begin(), stored.end(), features.begin(), to_float);
    const Tensor x = backend.from_host({1, utterance.frame_count, dataset.dim()}, features);
    std::vector<Tensor> heads = network.forward(backend, x, nullptr);
    std::vector<Tensor> gradients;
    gradients.reserve(heads.size());
    for (const Tensor& head : heads) gradients.push_back(backend.empty(head.shape()));
    const std::vector<ConstTensorView> head_views(heads.begin(), heads.end());
    const std::vector<TensorView> gradient_views(gradients.begin(), gradients.end());
    const std::span<const std::int32_t> labels = dataset.labels(utterance);
    const LossTarget target{{labels.begin(), labels.end()}};
    share.loss += loss.evaluate(backend, head_views, {&target, 1}, gradient_views);
    const std::vector<float> scores = backend.to_host(heads.front());
    share.errors += edit_distance(labels, decoder(scores, heads.front().dim()));
    share.label_count += static_cast<std::int64_t>(labels.size());
  }
  return share;
}

}  // namespace

ValidationResult validate(Backend& backend, const Network& network, Loss& loss,
                          const Dataset& dataset, const LabelDecoder& decoder, Ranks& ranks) {
  LossValue total;
  std::int64_t errors = 0;
  ValidationResult result;
  for (const ValidationShare& share :
       gather(ranks, validate_share(backend, network, loss, dataset, decoder, ranks))) {
    total += share.loss;
    errors += share.errors;
    result.label_count += share.label_count;
  }
  result.skipped = total.skipped;
  if (total.frames > 0) result.loss_per_frame = total.total / static_cast<double>(total.frames);
  if (result.label_count > 0) {
    result.label_error_rate = static_cast<double>(errors) / static_cast<double>(result.label_count);
  }
  return result;
}

}  // namespace harpy
