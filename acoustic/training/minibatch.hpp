#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "acoustic/backend/loss.hpp"
#include "acoustic/training/augmentation.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/length_groups.hpp"

namespace harpy {

/// The utterances of one minibatch and the frame count they are all brought to.
struct BatchPlan {
  std::int64_t frame_count = 0;
  std::vector<std::uint32_t> utterances;  ///< indices in the dataset
  double share = 1.0;                     ///< of the utterances of its minibatch, if it is a part
};

/// Names one pass over the data and holds all that its random draws follow from.
struct EpochKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
};

/// What the epochs of a training are made from: the data, and how it is varied and cut into
/// minibatches.
struct BatchSource {
  const Dataset* dataset = nullptr;
  const Augmentation* augmentation = nullptr;
  const LengthGroups* groups = nullptr;
  /// About so many input frames form a minibatch. With more of them gradients are smoother and
  /// matrix products faster, but there are fewer steps.
  std::int64_t batch_frames = 16000;
  /// Part of the utterances whose distorted copies are taken, if the dataset has such.
  double distortion_probability = 0.0;
};

/// Draws the minibatches of an epoch. If the dataset has its recordings distorted or at other
/// speeds, one copy is drawn for each utterance. Each utterance goes to the length group nearest to
/// its frames divided by its tempo, and is in exactly one minibatch. What a group leaves over, if
/// less than half a minibatch, moves to the next longer group once. The plan follows from the key
/// and the set of utterances, not from their order in the dataset. Memory: 4 bytes an utterance,
/// and up to 28 more while it is made. Errors: std::invalid_argument for 2^32 utterances or more.
std::vector<BatchPlan> plan_epoch(const BatchSource& source, const EpochKey& key);

/// Which microbatches of each minibatch a process computes.
struct MicrobatchRange {
  std::int64_t count = 1;  ///< that a minibatch is cut into
  std::int64_t begin = 0;  ///< the first one of this process
  std::int64_t end = 1;    ///< behind its last one
};

/// The microbatches of a range of each minibatch, one behind the other. Microbatch i of `count` has
/// the utterances from n i / count on to n (i + 1) / count of the minibatch's n, which may be none.
std::vector<BatchPlan> cut_minibatches(std::span<const BatchPlan> plans,
                                       const MicrobatchRange& range);

/// Sequences of equal length with their targets.
struct Minibatch {
  std::vector<float> features;  ///< [sequences, frames, dim]
  Shape shape;
  std::vector<LossTarget> targets;
  std::int64_t source_frames = 0;  ///< before any change of speed: how much speech it holds
  double share = 1.0;              ///< see BatchPlan
};

/// Fills one minibatch, or a part of one.
Minibatch make_minibatch(const BatchSource& source, const EpochKey& key, const BatchPlan& plan);

/// Fills the minibatches of an epoch in a thread of its own, one ahead of the caller.
/// Threads: next() by one thread.
class MinibatchLoader {
 public:
  /// Begins with plan `first`. What `source` points to must outlive the loader.
  MinibatchLoader(const BatchSource& source, const EpochKey& key, std::vector<BatchPlan> plans,
                  std::size_t first);

  /// The next minibatch; none at the end of the epoch. Rethrows what filling it threw.
  std::optional<Minibatch> next();

 private:
  void fill(const std::stop_token& stop);

  BatchSource source_;
  EpochKey key_;
  std::vector<BatchPlan> plans_;
  std::size_t next_plan_;

  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::deque<Minibatch> ready_;
  bool finished_ = false;
  std::exception_ptr failure_;

  std::jthread thread_;  // last: it stops before the rest goes
};

}  // namespace harpy
