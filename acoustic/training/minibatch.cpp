#include "acoustic/training/minibatch.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

constexpr std::uint64_t kUtteranceOrderDraw = 11;
constexpr std::uint64_t kBatchOrderDraw = 12;
constexpr std::uint64_t kSpeedDraw = 13;
constexpr std::uint64_t kDistortionDraw = 14;
constexpr std::size_t kBatchesAhead = 2;

/// An utterance in a length group.
struct Member {
  std::uint64_t order = 0;  ///< random, decides who shares a minibatch
  std::uint32_t utterance = 0;
  std::uint32_t group = 0;
};

AugmentationKey key_of(const EpochKey& key, const Utterance& utterance) {
  return {key.seed, key.epoch, utterance.key};
}

/// The copy of the recording that is drawn for this epoch.
StoredFeatures drawn_features(const BatchSource& source, const EpochKey& key,
                              const Utterance& utterance) {
  const Dataset& dataset = *source.dataset;
  if (dataset.has_distorted()) {
    KeyedRandom random{key.seed, key.epoch, utterance.key, kDistortionDraw};
    if (random.uniform(0.0, 1.0) < source.distortion_probability) {
      return dataset.distorted_features(utterance);
    }
  }
  KeyedRandom random{key.seed, key.epoch, utterance.key, kSpeedDraw};
  const auto drawn =
      static_cast<std::size_t>(random.below(static_cast<std::int64_t>(dataset.speed_count()) + 1));
  return drawn == 0 ? dataset.features(utterance) : dataset.features_at_speed(utterance, drawn - 1);
}

/// Every utterance once, by group and order.
std::vector<Member> draw_members(const BatchSource& source, const EpochKey& key) {
  const Dataset& dataset = *source.dataset;
  const auto utterances = dataset.utterances();
  if (utterances.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument("plan_epoch: expected fewer than 2^32 utterances, got " +
                                std::to_string(utterances.size()));
  }
  std::vector<Member> members;
  members.reserve(utterances.size());
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const Utterance& utterance = utterances[i];
    const double tempo = source.augmentation->tempo(key_of(key, utterance));
    const auto frames = static_cast<double>(drawn_features(source, key, utterance).size()) /
                        static_cast<double>(dataset.dim());
    const std::size_t group = source.groups->nearest(frames / tempo, utterance.minimum_frame_count);
    KeyedRandom random{key.seed, key.epoch, utterance.key, kUtteranceOrderDraw};
    members.push_back(
        {random.next(), static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(group)});
  }
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::pair{a.group, a.order} < std::pair{b.group, b.order};
  });
  return members;
}

}  // namespace

std::vector<BatchPlan> plan_epoch(const BatchSource& source, const EpochKey& key) {
  const std::vector<Member> members = draw_members(source, key);
  const auto lengths = source.groups->lengths();
  std::vector<BatchPlan> plans;
  std::vector<std::uint32_t> waiting;  // for a minibatch; first those left over by the group before
  auto member = members.begin();
  for (std::size_t g = 0; g < lengths.size(); ++g) {
    const std::size_t moved_count = waiting.size();
    for (; member != members.end() && member->group == g; ++member) {
      waiting.push_back(member->utterance);
    }
    const auto size =
        static_cast<std::size_t>(std::max<std::int64_t>(source.batch_frames / lengths[g], 1));
    std::size_t begin = 0;
    while (begin < waiting.size()) {
      const std::size_t count = std::min(size, waiting.size() - begin);
      if (2 * count < size && g + 1 < lengths.size() && begin >= moved_count) break;
      const auto first = waiting.begin() + static_cast<std::ptrdiff_t>(begin);
      plans.push_back({lengths[g], {first, first + static_cast<std::ptrdiff_t>(count)}});
      begin += count;
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  KeyedRandom random{key.seed, key.epoch, kBatchOrderDraw};
  shuffle(std::span(plans), random);
  return plans;
}

std::vector<BatchPlan> cut_minibatches(std::span<const BatchPlan> plans,
                                       const MicrobatchRange& range) {
  std::vector<BatchPlan> parts;
  parts.reserve(plans.size() * static_cast<std::size_t>(range.end - range.begin));
  for (const BatchPlan& plan : plans) {
    const auto size = static_cast<std::int64_t>(plan.utterances.size());
    const auto cut = [&](std::int64_t index) {
      return plan.utterances.begin() + size * index / range.count;
    };
    for (std::int64_t i = range.begin; i < range.end; ++i) {
      BatchPlan part{plan.frame_count, {cut(i), cut(i + 1)}};
      part.share = static_cast<double>(part.utterances.size()) / static_cast<double>(size);
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

Minibatch make_minibatch(const BatchSource& source, const EpochKey& key, const BatchPlan& plan) {
  const std::int64_t dim = source.dataset->dim();
  const auto sequence_count = static_cast<std::int64_t>(plan.utterances.size());
  Minibatch batch;
  batch.share = plan.share;
  batch.shape = {sequence_count, plan.frame_count, dim};
  batch.features.resize(static_cast<std::size_t>(batch.shape.size()));
  const auto stride = static_cast<std::size_t>(plan.frame_count * dim);
  for (std::size_t b = 0; b < plan.utterances.size(); ++b) {
    const Utterance& utterance = source.dataset->utterances()[plan.utterances[b]];
    source.augmentation->apply(drawn_features(source, key, utterance).values(),
                               key_of(key, utterance),
                               std::span(batch.features).subspan(b * stride, stride));
    const std::span<const std::int32_t> labels = source.dataset->labels(utterance);
    batch.targets.push_back({{labels.begin(), labels.end()}});
    batch.source_frames += utterance.frame_count;
  }
  return batch;
}

MinibatchLoader::MinibatchLoader(const BatchSource& source, const EpochKey& key,
                                 std::vector<BatchPlan> plans, std::size_t first)
    : source_(source),
      key_(key),
      plans_(std::move(plans)),
      next_plan_(first),
      thread_([this](const std::stop_token& stop) { fill(stop); }) {}

void MinibatchLoader::fill(const std::stop_token& stop) {
  try {
    for (; next_plan_ < plans_.size() && !stop.stop_requested(); ++next_plan_) {
      Minibatch batch = make_minibatch(source_, key_, plans_[next_plan_]);
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return ready_.size() < kBatchesAhead; })) return;
      ready_.push_back(std::move(batch));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

std::optional<Minibatch> MinibatchLoader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return finished_ || !ready_.empty(); });
  if (ready_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return {};
  }
  std::optional<Minibatch> batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

}  // namespace harpy
