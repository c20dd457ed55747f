#include "acoustic/training/checkpoint.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "acoustic/training/checked_file.hpp"

namespace harpy {
namespace {

// A checkpoint is the magic number, the progress, then for each tensor a TensorHeader, its name and
// its values.
constexpr std::uint64_t kCheckpointMagic = 0x3254504B43504648ULL;  // "HFPCKPT2"
// Version 1 is the same without the best epoch.
constexpr std::uint64_t kCheckpointMagic1 = 0x3154504B43504648ULL;
constexpr std::size_t kProgressBytes1 = offsetof(TrainingProgress, best_epoch);

struct TensorHeader {
  std::uint64_t name_bytes = 0;
  std::uint64_t value_count = 0;
};
static_assert(std::is_trivially_copyable_v<TrainingProgress>);

}  // namespace

void write_checkpoint(const std::filesystem::path& path, Backend& backend,
                      const TrainingProgress& progress, std::span<const NamedTensor> tensors) {
  CheckedFileWriter writer(path);
  writer.write(&kCheckpointMagic, sizeof(kCheckpointMagic));
  writer.write(&progress, sizeof(progress));
  for (const NamedTensor& named : tensors) {
    const std::vector<float> values = backend.to_host(*named.tensor);
    const TensorHeader header{named.name.size(), values.size()};
    writer.write(&header, sizeof(header));
    writer.write(named.name.data(), named.name.size());
    writer.write(values.data(), values.size() * sizeof(float));
  }
  writer.commit();
}

TrainingProgress read_checkpoint(const std::filesystem::path& path, Backend& backend,
                                 std::span<const NamedTensor> tensors) {
  const auto check = [&](bool good, const std::string& problem) {
    if (!good) throw std::runtime_error(path.string() + ": " + problem);
  };
  CheckedFileReader reader(path);
  check(reader.left_bytes() > 0, "no such checkpoint");
  std::uint64_t magic = 0;
  check(reader.read(&magic, sizeof(magic)) &&
            (magic == kCheckpointMagic || magic == kCheckpointMagic1),
        "not a checkpoint");
  TrainingProgress progress;
  check(reader.read(&progress, magic == kCheckpointMagic ? sizeof(progress) : kProgressBytes1),
        "truncated");

  // Into host memory first, so that a damaged file changes nothing.
  std::vector<std::vector<float>> values;
  for (const NamedTensor& named : tensors) {
    TensorHeader header;
    check(reader.read(&header, sizeof(header)), "truncated");
    check(header.name_bytes == named.name.size() &&
              header.value_count == static_cast<std::uint64_t>(named.tensor->size()),
          "belongs to another network: expected " + named.name + " " +
              to_string(named.tensor->shape()));
    std::string name(named.name.size(), '\0');
    values.emplace_back(header.value_count);
    check(reader.read(name.data(), name.size()) &&
              reader.read(values.back().data(), values.back().size() * sizeof(float)),
          "truncated");
    check(name == named.name,
          "belongs to another network: expected " + named.name + ", found " + name);
  }
  check(reader.finish(), "damaged, or belongs to another network");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Tensor& tensor = *tensors[i].tensor;
    backend.copy(backend.from_host(tensor.shape(), values[i]), tensor);
  }
  return progress;
}

}  // namespace harpy
