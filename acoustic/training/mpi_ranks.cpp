#include <mpi.h>

#include <cstdlib>

#include "acoustic/training/launched_ranks.hpp"

namespace harpy {
namespace {

/// MPI itself ends the job if a call fails (MPI_ERRORS_ARE_FATAL, its default).
class MpiRanks : public LaunchedRanks {
 public:
  static std::unique_ptr<MpiRanks> join() {
    int level = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
    MPI_Comm machine = MPI_COMM_NULL;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    const Place on_machine = place_in(machine);
    MPI_Comm_free(&machine);
    return std::unique_ptr<MpiRanks>(new MpiRanks(place_in(MPI_COMM_WORLD), on_machine));
  }
  MpiRanks(const MpiRanks&) = delete;
  MpiRanks& operator=(const MpiRanks&) = delete;
  ~MpiRanks() override { MPI_Finalize(); }

  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) override {
    const int size_bytes = static_cast<int>(mine.size());
    MPI_Allgather(mine.data(), size_bytes, MPI_BYTE, all.data(), size_bytes, MPI_BYTE,
                  MPI_COMM_WORLD);
  }
  void exchange_rows(ConstTensorView mine, TensorView theirs) override {
    const int size = static_cast<int>(mine.dim());
    MPI_Alltoall(mine.data, size, MPI_FLOAT, theirs.data, size, MPI_FLOAT, MPI_COMM_WORLD);
  }
  void gather_rows(ConstTensorView mine, TensorView all) override {
    const int size = static_cast<int>(mine.size());
    MPI_Allgather(mine.data, size, MPI_FLOAT, all.data, size, MPI_FLOAT, MPI_COMM_WORLD);
  }
  [[noreturn]] void abort() override {
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    std::_Exit(EXIT_FAILURE);
  }

 private:
  MpiRanks(const Place& in_all, const Place& on_machine) : LaunchedRanks(in_all, on_machine) {}

  static Place place_in(MPI_Comm processes) {
    int rank = 0;
    int count = 1;
    MPI_Comm_rank(processes, &rank);
    MPI_Comm_size(processes, &count);
    return {rank, count};
  }
};

}  // namespace

std::unique_ptr<LaunchedRanks> join_launched_ranks() { return MpiRanks::join(); }

}  // namespace harpy
