#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// The processes that train one network together, each on a device of its own and each with the
/// same weights, seen by one of them. Processes are numbered from 0: their ranks. All of them must
/// make the same calls in the same order, and each waits for the others in them. If one of them
/// dies, whatever started them must end the others. Threads: used by one at a time.
class Ranks {
 public:
  virtual ~Ranks() = default;

  /// Of this process.
  std::int64_t rank() const { return rank_; }
  std::int64_t count() const { return count_; }

  /// Tells all ranks the bytes of every rank, in the order of the ranks. Each has as many: `all`
  /// takes count() times the bytes of `mine`.
  virtual void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) = 0;
  /// Sends row i of `mine` to rank i; row i of `theirs` is what rank i has sent to this one. The
  /// rows lie on the device, with all earlier operations carried out. Shapes: [count(), n] both.
  virtual void exchange_rows(ConstTensorView mine, TensorView theirs) = 0;
  /// Tells all ranks the row of every rank, likewise. Shapes: mine [n], all [count(), n].
  virtual void gather_rows(ConstTensorView mine, TensorView all) = 0;

 protected:
  Ranks(std::int64_t rank, std::int64_t count) : rank_(rank), count_(count) {}

 private:
  std::int64_t rank_;
  std::int64_t count_;
};

/// An error that all ranks find at the same place, so that it is enough if one of them tells it.
class SharedError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value of every rank, in the order of the ranks.
template <typename T>
std::vector<T> gather(Ranks& ranks, const T& mine) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<T> all(static_cast<std::size_t>(ranks.count()));
  ranks.gather_bytes(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

/// Whether it is so at one rank or more; all ranks get the same answer.
bool is_any(Ranks& ranks, bool mine);

/// Carries out `step` at this rank and waits until all ranks have. If it fails at one of them, all
/// throw SharedError with what the first of these had to say; a single rank throws its own. Steps
/// may be within steps.
void carry_out_at_all(Ranks& ranks, const std::function<void()>& step);

/// The only process of a training. It has no state, so trainings may share it.
Ranks& only_rank();

/// Replaces `values` of every rank by their sum over all ranks, the same bits at each. Each element
/// is summed pairwise, ((r0 + r1) + (r2 + r3)) + ..., whatever carries the values, so the sum
/// follows from them and the number of ranks alone. Shapes: values [count, n], where each rank sums
/// up one row of all ranks; scratch as large. Cost: each rank sends and receives 2 (count - 1) n
/// values.
void sum_over_ranks(Backend& backend, Ranks& ranks, TensorView values, TensorView scratch);

}  // namespace harpy
