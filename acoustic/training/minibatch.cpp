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

/// An utterance waiting in a length group.
struct Member {
  std::uint64_t order = 0;  ///< random, decides who shares a minibatch
  std::uint32_t utterance = 0;
  bool moved = false;  ///< left over by the group before
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

std::vector<std::vector<Member>> assign_groups(const BatchSource& source, const EpochKey& key) {
  const Dataset& dataset = *source.dataset;
  const auto utterances = dataset.utterances();
  if (utterances.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument("plan_epoch: expected fewer than 2^32 utterances, got " +
                                std::to_string(utterances.size()));
  }
  std::vector<std::vector<Member>> groups(source.groups->lengths().size());
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const Utterance& utterance = utterances[i];
    const double tempo = source.augmentation->tempo(key_of(key, utterance));
    const auto frames = static_cast<double>(drawn_features(source, key, utterance).size()) /
                        static_cast<double>(dataset.dim());
    const std::size_t group = source.groups->nearest(frames / tempo, utterance.minimum_frame_count);
    KeyedRandom random{key.seed, key.epoch, utterance.key, kUtteranceOrderDraw};
    groups[group].push_back({random.next(), static_cast<std::uint32_t>(i), false});
  }
  return groups;
}

}  // namespace

std::vector<BatchPlan> plan_epoch(const BatchSource& source, const EpochKey& key) {
  std::vector<std::vector<Member>> groups = assign_groups(source, key);
  std::vector<BatchPlan> plans;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::vector<Member>& members = groups[g];
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      return std::pair{!a.moved, a.order} < std::pair{!b.moved, b.order};
    });
    const std::int64_t length = source.groups->lengths()[g];
    const auto size =
        static_cast<std::size_t>(std::max<std::int64_t>(source.batch_frames / length, 1));
    for (std::size_t begin = 0; begin < members.size(); begin += size) {
      const std::size_t count = std::min(size, members.size() - begin);
      const bool movable = 2 * count < size && g + 1 < groups.size() && !members[begin].moved;
      if (movable) {
        for (std::size_t i = begin; i < begin + count; ++i) {
          members[i].moved = true;
          groups[g + 1].push_back(members[i]);
        }
        continue;
      }
      BatchPlan plan{length, {}};
      plan.utterances.reserve(count);
      for (std::size_t i = begin; i < begin + count; ++i) {
        plan.utterances.push_back(members[i].utterance);
      }
      plans.push_back(std::move(plan));
    }
    members = {};
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
