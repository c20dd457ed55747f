#include "acoustic/training/compact_checkpoint.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/training/checked_file.hpp"
#include "acoustic/training/compact_values.hpp"

namespace harpy {
namespace {

// A compact checkpoint is the magic number, the progress, then of each average and value, one after
// the other, of each mean and of each square: name and contents. Lists are their length and their
// elements.
constexpr std::uint64_t kCompactMagic = 0x31504B434D434648ULL;  // "HFCMCKP1"

/// Tensors of at most so many values are written as they are.
constexpr std::size_t kExactValues = 1024;

class Writer {
 public:
  explicit Writer(const std::filesystem::path& path) : file_(path) {}

  template <typename Element>
  void list(const std::vector<Element>& elements) {
    const std::uint64_t count = elements.size();
    file_.write(&count, sizeof(count));
    file_.write(elements.data(), count * sizeof(Element));
  }
  void name(const std::string& text) { list(std::vector<char>(text.begin(), text.end())); }
  /// Writes numbers and returns them as they will be read.
  std::vector<float> bytes(std::vector<float> values) {
    if (values.size() <= kExactValues) {
      list(values);
      return values;
    }
    const ByteBlocks blocks = to_byte_blocks(values);
    list(blocks.scales);
    list(blocks.codes);
    return from_byte_blocks(blocks);
  }
  CheckedFileWriter& file() { return file_; }

 private:
  CheckedFileWriter file_;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path), file_(path) {}

  void check(bool good, const std::string& problem) const {
    if (!good) throw std::runtime_error(path_.string() + ": " + problem);
  }
  void raw(void* data, std::size_t size_bytes) { check(file_.read(data, size_bytes), "truncated"); }
  template <typename Element>
  std::vector<Element> list() {
    std::uint64_t count = 0;
    raw(&count, sizeof(count));
    check(count <= file_.left_bytes() / sizeof(Element), "truncated");
    std::vector<Element> elements(count);
    raw(elements.data(), count * sizeof(Element));
    return elements;
  }
  void name(const std::string& expected) {
    const std::vector<char> found = list<char>();
    check(std::string(found.begin(), found.end()) == expected,
          "belongs to another network: expected " + expected + ", found " +
              std::string(found.begin(), found.end()));
  }
  std::vector<float> bytes(std::size_t count) {
    std::vector<float> values;
    if (count <= kExactValues) {
      values = list<float>();
    } else {
      ByteBlocks blocks;
      blocks.scales = list<float>();
      blocks.codes = list<std::int8_t>();
      const std::size_t block = ByteBlocks::kBlockValues;
      check(blocks.scales.size() == (blocks.codes.size() + block - 1) / block, "damaged");
      values = from_byte_blocks(blocks);
    }
    check(values.size() == count, "belongs to another network: expected " + std::to_string(count) +
                                      " values, found " + std::to_string(values.size()));
    return values;
  }
  void finish() { check(file_.finish(), "damaged, or belongs to another network"); }
  std::uint64_t left_bytes() const { return file_.left_bytes(); }

 private:
  std::filesystem::path path_;
  CheckedFileReader file_;
};

std::size_t size_of(const NamedTensor& named) {
  return static_cast<std::size_t>(named.tensor->size());
}

/// Rows of a tensor seen as a matrix: all extents but the last.
std::size_t row_count_of(const NamedTensor& named) {
  return size_of(named) / static_cast<std::size_t>(named.tensor->shape().dim());
}

}  // namespace

void write_compact_checkpoint(const std::filesystem::path& path, Backend& backend,
                              const TrainingProgress& progress, const CompactTensors& tensors) {
  Writer writer(path);
  writer.file().write(&kCompactMagic, sizeof(kCompactMagic));
  writer.file().write(&progress, sizeof(progress));
  for (std::size_t i = 0; i < tensors.values.size(); ++i) {
    const NamedTensor& value = tensors.values[i];
    writer.name(value.name);
    const std::vector<float> average = writer.bytes(backend.to_host(*tensors.averages[i].tensor));
    std::vector<float> difference = backend.to_host(*value.tensor);
    if (difference.size() > kExactValues) {
      for (std::size_t n = 0; n < difference.size(); ++n) difference[n] -= average[n];
    }
    writer.bytes(std::move(difference));
  }
  for (const NamedTensor& mean : tensors.means) {
    writer.name(mean.name);
    writer.list(size_of(mean) <= kExactValues ? backend.to_host(*mean.tensor)
                                              : std::vector<float>());
  }
  for (const NamedTensor& square : tensors.squares) {
    writer.name(square.name);
    const std::vector<float> values = backend.to_host(*square.tensor);
    if (values.size() <= kExactValues) {
      writer.list(values);
    } else {
      const MarginalSums sums = to_marginal_sums(values, row_count_of(square));
      writer.list(sums.rows);
      writer.list(sums.columns);
    }
  }
  writer.file().commit();
}

TrainingProgress read_compact_checkpoint(const std::filesystem::path& path, Backend& backend,
                                         const CompactTensors& tensors) {
  Reader reader(path);
  reader.check(reader.left_bytes() > 0, "no such checkpoint");
  std::uint64_t magic = 0;
  reader.raw(&magic, sizeof(magic));
  reader.check(magic == kCompactMagic, "not a compact checkpoint");
  TrainingProgress progress;
  reader.raw(&progress, sizeof(progress));

  // Into host memory first, so that a damaged file changes nothing.
  std::vector<std::pair<Tensor*, std::vector<float>>> found;
  for (std::size_t i = 0; i < tensors.values.size(); ++i) {
    const NamedTensor& value = tensors.values[i];
    reader.name(value.name);
    std::vector<float> average = reader.bytes(size_of(value));
    std::vector<float> values = reader.bytes(size_of(value));
    if (values.size() > kExactValues) {
      for (std::size_t n = 0; n < values.size(); ++n) values[n] += average[n];
    }
    found.emplace_back(value.tensor, std::move(values));
    found.emplace_back(tensors.averages[i].tensor, std::move(average));
  }
  for (const NamedTensor& mean : tensors.means) {
    reader.name(mean.name);
    std::vector<float> values = reader.list<float>();
    if (size_of(mean) > kExactValues) values.resize(size_of(mean), 0.0F);
    reader.check(values.size() == size_of(mean),
                 "belongs to another network: other values of " + mean.name);
    found.emplace_back(mean.tensor, std::move(values));
  }
  for (const NamedTensor& square : tensors.squares) {
    reader.name(square.name);
    std::vector<float> values = reader.list<float>();
    if (size_of(square) > kExactValues) {
      const MarginalSums sums{std::move(values), reader.list<float>()};
      reader.check(sums.rows.size() == row_count_of(square) &&
                       sums.rows.size() * sums.columns.size() == size_of(square),
                   "belongs to another network: other sums of " + square.name);
      values = from_marginal_sums(sums);
    }
    reader.check(values.size() == size_of(square),
                 "belongs to another network: other values of " + square.name);
    found.emplace_back(square.tensor, std::move(values));
  }
  reader.finish();
  for (const auto& [tensor, values] : found) {
    backend.copy(backend.from_host(tensor->shape(), values), *tensor);
  }
  return progress;
}

}  // namespace harpy
