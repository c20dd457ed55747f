#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/options/launch_place.hpp"
#include "tools/transcribe/recordings.hpp"

namespace harpy::tools {

/// One of several parts of a list of recordings, each of which another process transcribes.
struct Shard {
  std::size_t number = 1;  ///< from 1
  std::size_t count = 1;   ///< of all shards

  bool operator==(const Shard&) const = default;
};

/// Reads "I/N" with 1 <= I <= N. Errors: std::invalid_argument with what was expected and what
/// came.
Shard parse_shard(const std::string& text);

/// The shard of a process that a batch system has started as one of many: by its place in a Slurm
/// array job or a Kubernetes Indexed Job, and its rank among the processes of `srun` or `mpirun`
/// (docs/scale.md has the table of variables). Where both are there, each task of the array is
/// divided among its ranks. Errors: std::runtime_error if the variables name no shard, contradict
/// each other, or are no numbers.
Shard shard_of_environment(const EnvironmentLookup& lookup);

/// For each recording the shard that transcribes it, from 1 to `shard_count`.
///
/// The recordings are given out from the longest to the shortest, each to the shard that has the
/// fewest seconds so far (Graham's LPT rule, 1969: the largest shard has at most 4/3 of what the
/// best split would give it). A recording counts for at least a second, since opening it costs
/// time too; one whose length only reading tells counts as the mean of the others. Ties are
/// decided by id and stretch, so that the order of the list has no influence.
std::vector<std::size_t> assign_shards(const std::vector<Recording>& recordings,
                                       std::size_t shard_count);

}  // namespace harpy::tools
