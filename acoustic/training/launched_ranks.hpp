#pragma once

#include <cstdint>
#include <memory>

#include "acoustic/training/ranks.hpp"

namespace harpy {

/// Ranks whose values lie in host memory, as processes that a launcher (mpirun, srun) has started
/// together. Destroying it leaves them in order, which waits for all.
class LaunchedRanks : public Ranks {
 public:
  /// Of the processes on this machine, counted from 0.
  std::int64_t machine_rank() const { return machine_rank_; }
  /// How many there are on this machine.
  std::int64_t machine_count() const { return machine_count_; }

  /// Ends all processes of the job at once, with exit code 1.
  [[noreturn]] virtual void abort() = 0;

 protected:
  /// The place of a process among all, and among those of its machine.
  struct Place {
    std::int64_t rank = 0;
    std::int64_t count = 1;
  };
  LaunchedRanks(const Place& in_all, const Place& on_machine)
      : Ranks(in_all.rank, in_all.count),
        machine_rank_(on_machine.rank),
        machine_count_(on_machine.count) {}

 private:
  std::int64_t machine_rank_;
  std::int64_t machine_count_;
};

/// Joins the processes that were started together with this one, by MPI. Only once in a process;
/// all calls come from the thread that made this one. If one of the processes ends without leaving,
/// the launcher ends the others. Errors: std::runtime_error if this build has no MPI.
std::unique_ptr<LaunchedRanks> join_launched_ranks();

}  // namespace harpy
