// How long a graph takes to load, beside what its bytes alone take: read(2) into memory and XXH3.
// HARPY_GRAPH names the file; without it, the default model's. The page cache is warm.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include "decoder/graph/graph_file.hpp"

namespace harpy {
namespace {

std::filesystem::path graph_path() {
  if (const char* path = std::getenv("HARPY_GRAPH")) return path;
  return std::filesystem::path(HARPY_SOURCE_DIR) / "models/en-small/graph.harpy";
}

/// Ends the benchmark if there is no graph.
bool has_graph(benchmark::State& state) {
  if (std::filesystem::exists(graph_path())) return true;
  state.SkipWithError((graph_path().string() + " is not there").c_str());
  return false;
}

void report_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(std::filesystem::file_size(graph_path())));
}

void read_whole(int file, std::byte* bytes, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t count = read(file, bytes + done, size - done);
    if (count <= 0) throw std::runtime_error(graph_path().string() + ": cannot be read");
    done += static_cast<std::size_t>(count);
  }
}

void ReferenceReadAndXxh3(benchmark::State& state) {
  if (!has_graph(state)) return;
  const std::size_t size = std::filesystem::file_size(graph_path());
  for (auto _ : state) {
    const std::unique_ptr<std::byte[]> bytes(new std::byte[size]);
    const int file = open(graph_path().c_str(), O_RDONLY | O_CLOEXEC);
    read_whole(file, bytes.get(), size);
    close(file);
    benchmark::DoNotOptimize(XXH3_64bits(bytes.get(), size));
  }
  report_bytes(state);
}
BENCHMARK(ReferenceReadAndXxh3)->Unit(benchmark::kMillisecond)->UseRealTime();

void MapGraph(benchmark::State& state) {
  if (!has_graph(state)) return;
  for (auto _ : state) benchmark::DoNotOptimize(DecodingGraph::map(graph_path()));
  report_bytes(state);
}
BENCHMARK(MapGraph)->Unit(benchmark::kMillisecond)->UseRealTime();

void MapGraphPackage(benchmark::State& state) {
  if (!has_graph(state)) return;
  for (auto _ : state) benchmark::DoNotOptimize(map_graph_package(graph_path()));
  report_bytes(state);
}
BENCHMARK(MapGraphPackage)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace harpy
