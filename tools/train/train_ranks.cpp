#include "tools/train/train_ranks.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "acoustic/backend/device.hpp"
#include "acoustic/training/device_ranks.hpp"
#include "tools/options/launch_place.hpp"
#include "tools/terminal/messages.hpp"

namespace harpy::tools {
namespace {

/// Sends what this process prints as errors to nowhere; returns where it went before.
int silence_errors() {
  const int before = ::dup(STDERR_FILENO);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
  return before;
}

}  // namespace

TrainRanks::TrainRanks() {
  const LaunchPlace place = rank_place([](const char* name) { return std::getenv(name); });
  if (place.count < 2) return;
  if (place.index > 0) errors_ = silence_errors();
  launched_ = join_launched_ranks();
  const auto joined = static_cast<std::uint64_t>(launched_->count());
  if (joined != place.count) {
    throw std::runtime_error(std::string(place.system) + " has started " +
                             std::to_string(place.count) + " processes, but MPI knows of " +
                             std::to_string(joined) +
                             ": start them by mpirun, or by srun with --mpi=pmix");
  }
}

TrainRanks::~TrainRanks() {
  if (errors_ >= 0) ::close(errors_);
}

void TrainRanks::run(const std::function<void(TrainRanks&)>& work) {
  try {
    work(*this);
  } catch (const SharedError&) {
    throw;
  } catch (const std::exception& error) {
    if (!launched_) throw;
    if (!is_prepared_) carry_out_at_all(ranks(), [] { throw; });
    end_job(error);
  }
}

void TrainRanks::end_job(const std::exception& error) const {
  // What all ranks meet is told by the first one; the launcher ends the others while they wait
  // here.
  if (!is_first()) std::this_thread::sleep_for(std::chrono::seconds(5));
  if (errors_ >= 0) ::dup2(errors_, STDERR_FILENO);
  tell_error((is_first() ? "" : "rank " + std::to_string(ranks().rank()) + ": ") + error.what());
  launched_->abort();
  std::terminate();  // never reached, which compilers do not see through a virtual function
}

void TrainRanks::end_preparation() {
  carry_out_at_all(ranks(), [] {});
  is_prepared_ = true;
}

Ranks& TrainRanks::ranks() const {
  return launched_ ? static_cast<Ranks&>(*launched_) : only_rank();
}

std::unique_ptr<Ranks> TrainRanks::device_ranks(const Computing& computing) const {
  if (!launched_ || !computing.is_on_gpu()) return nullptr;
  try {
    return join_device_ranks(*launched_, computing.device);
  } catch (const SharedError&) {
    throw;
  } catch (const std::exception& error) {
    end_job(error);
  }
}

int TrainRanks::threads(int asked) const {
  if (asked > 0 || !launched_) return thread_count(asked);
  return std::max(1, thread_count(0) / static_cast<int>(launched_->machine_count()));
}

Computing TrainRanks::computing(const ComputingOptions& options) const {
  Computing computing = choose_computing(options);
  const bool is_named = options.device.find(':') != std::string::npos;
  if (launched_ && computing.is_on_gpu() && !is_named) {
    const auto gpu_count = static_cast<std::int64_t>(available_devices().size()) - 1;
    computing.device.index = static_cast<int>(launched_->machine_rank() % gpu_count);
  }
  return computing;
}

}  // namespace harpy::tools
