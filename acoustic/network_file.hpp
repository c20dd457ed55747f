#pragma once

#include <filesystem>
#include <span>

#include "acoustic/network.hpp"
#include "models/files/safetensors_header.hpp"

namespace harpy {

/// Writes tensors as float32 in the safetensors format: the length of a JSON header (8 bytes,
/// little-endian), the header (name -> type, shape, byte range; "__metadata__" -> text by name),
/// then the values. The file takes the place of an older one by rename, so that a reader sees one
/// or the other, whole. Errors: std::runtime_error naming the file. Source:
/// https://huggingface.co/docs/safetensors
void write_network_file(const std::filesystem::path& path, Backend& backend,
                        std::span<const NamedTensor> tensors, const FileMetadata& metadata = {});

/// Fills tensors from a safetensors file that holds exactly these names and shapes in float32 or
/// float16, and returns its metadata. On an error no tensor is changed. Errors: std::runtime_error
/// naming the file and, where there is one, the tensor: unreadable, truncated or malformed file;
/// missing, unexpected, overlapping or misshapen tensor.
FileMetadata read_network_file(const std::filesystem::path& path, Backend& backend,
                               std::span<const NamedTensor> tensors);

}  // namespace harpy
