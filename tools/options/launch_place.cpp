#include "tools/options/launch_place.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "models/files/text_fields.hpp"

namespace harpy::tools {
namespace {

/// How a batch system tells a process its place.
struct PlaceVariables {
  const char* system;
  const char* index;
  const char* count;
  const char* first = nullptr;      ///< the least index, if it is not 0
  const char* last = nullptr;       ///< the largest one, which tells whether some are left out
  const char* step = nullptr;       ///< from one index to the next, if it is not 1
  const char* only_with = nullptr;  ///< without this variable the others say nothing
};

/// Tasks of jobs, of which a process can belong to one.
constexpr std::array kTasks{
    PlaceVariables{.system = "a Slurm array job",
                   .index = "SLURM_ARRAY_TASK_ID",
                   .count = "SLURM_ARRAY_TASK_COUNT",
                   .first = "SLURM_ARRAY_TASK_MIN",
                   .last = "SLURM_ARRAY_TASK_MAX",
                   .step = "SLURM_ARRAY_TASK_STEP"},
    PlaceVariables{.system = "a Kubernetes Indexed Job",
                   .index = "JOB_COMPLETION_INDEX",
                   .count = "JOB_COMPLETIONS"},
};

/// Launchers of processes within a task; mpirun's and PMI's go before srun's, which may have
/// started mpirun itself. Slurm's variables stand in batch scripts too, where no step has a
/// number.
constexpr std::array kRanks{
    PlaceVariables{
        .system = "Open MPI", .index = "OMPI_COMM_WORLD_RANK", .count = "OMPI_COMM_WORLD_SIZE"},
    PlaceVariables{.system = "PMI", .index = "PMI_RANK", .count = "PMI_SIZE"},
    PlaceVariables{.system = "a Slurm step",
                   .index = "SLURM_PROCID",
                   .count = "SLURM_NTASKS",
                   .only_with = "SLURM_STEP_ID"},
};

constexpr const char* kPmixRank = "PMIX_RANK";

std::optional<std::uint64_t> number_of(const EnvironmentLookup& lookup, const char* name) {
  const char* text = name == nullptr ? nullptr : lookup(name);
  if (text == nullptr) return {};
  const std::optional<std::uint64_t> number = parse_uint64(text);
  if (!number) {
    throw std::runtime_error(std::string(name) + " is \"" + text + "\", not a number");
  }
  return number;
}

[[noreturn]] void refuse_place(const PlaceVariables& variables, const std::string& why) {
  throw std::runtime_error(std::string("this is a process of ") + variables.system + ", but " +
                           why);
}

std::optional<LaunchPlace> place_of(const EnvironmentLookup& lookup,
                                    const PlaceVariables& variables) {
  if (variables.only_with != nullptr && lookup(variables.only_with) == nullptr) return {};
  const std::optional<std::uint64_t> index = number_of(lookup, variables.index);
  if (!index) return {};
  const std::optional<std::uint64_t> count = number_of(lookup, variables.count);
  if (!count) refuse_place(variables, std::string(variables.count) + " does not say of how many");
  const std::uint64_t first = number_of(lookup, variables.first).value_or(0);
  const std::uint64_t step = number_of(lookup, variables.step).value_or(1);
  const std::optional<std::uint64_t> last = number_of(lookup, variables.last);
  if (step == 0 || *index < first || (*index - first) % step != 0 ||
      (*index - first) / step >= *count ||
      (last && (*last < first || (*last - first) / step + 1 != *count))) {
    refuse_place(variables, "index " + std::to_string(*index) + " from " + std::to_string(first) +
                                " on in steps of " + std::to_string(step) + " is none of " +
                                std::to_string(*count) + " without gaps");
  }
  return LaunchPlace{variables.system, (*index - first) / step, *count};
}

}  // namespace

LaunchPlace task_place(const EnvironmentLookup& lookup) {
  std::optional<LaunchPlace> found;
  for (const PlaceVariables& variables : kTasks) {
    const std::optional<LaunchPlace> place = place_of(lookup, variables);
    if (place && found) refuse_place(variables, std::string("also one of ") + found->system);
    if (place) found = place;
  }
  return found.value_or(LaunchPlace{});
}

LaunchPlace rank_place(const EnvironmentLookup& lookup) {
  std::optional<LaunchPlace> found;
  for (const PlaceVariables& variables : kRanks) {
    found = place_of(lookup, variables);
    if (found) break;
  }
  const std::optional<std::uint64_t> pmix_rank = number_of(lookup, kPmixRank);
  if (pmix_rank && !found) {
    throw std::runtime_error(std::string(kPmixRank) + " is " + std::to_string(*pmix_rank) +
                             ", but nothing says of how many");
  }
  if (pmix_rank && *pmix_rank != found->index) {
    throw std::runtime_error(std::string(kPmixRank) + " is " + std::to_string(*pmix_rank) +
                             ", but the rank of " + found->system + " is " +
                             std::to_string(found->index));
  }
  return found.value_or(LaunchPlace{});
}

}  // namespace harpy::tools
