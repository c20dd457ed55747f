#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "acoustic/training/launched_ranks.hpp"
#include "tools/options/computing.hpp"

namespace harpy::tools {

/// The processes of one `harpy train`, seen by one of them: those that mpirun or srun has started
/// together, or this one alone.
class TrainRanks {
 public:
  /// Joins the others if the environment says that there are some. Then only the first one prints
  /// anything to standard error. Errors: std::runtime_error if they cannot be joined.
  TrainRanks();
  ~TrainRanks();

  /// Runs `work`, which must call end_preparation() when its set-up is done. An error before that,
  /// or one that all ranks have, is thrown at every rank and printed by rank 0; any other error is
  /// printed by the rank that has it and ends the whole job.
  void run(const std::function<void(TrainRanks&)>& work);
  /// Waits until all ranks are prepared. Errors: SharedError if one of them failed.
  void end_preparation();

  /// What carries values in host memory.
  Ranks& ranks() const;
  /// What carries values on the devices, if they are GPUs of several ranks; else null. Errors:
  /// SharedError if one of the ranks cannot; another error ends the whole job here, since the other
  /// ranks wait for this one.
  std::unique_ptr<Ranks> device_ranks(const Computing& computing) const;
  bool is_first() const { return ranks().rank() == 0; }
  /// The number that was asked for or, if it is 0, this process's part of the machine's cores.
  int threads(int asked) const;
  /// Of several GPUs each process of a machine takes its own, unless one is named.
  Computing computing(const ComputingOptions& options) const;

 private:
  /// Prints an error that this rank has, and ends the whole job.
  [[noreturn]] void end_job(const std::exception& error) const;

  std::unique_ptr<LaunchedRanks> launched_;  ///< null if this process is alone
  int errors_ = -1;                          ///< standard error as it was, if it is silenced
  bool is_prepared_ = false;                 ///< all ranks are
};

}  // namespace harpy::tools
