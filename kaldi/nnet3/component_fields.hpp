#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kaldi/files/object_reader.hpp"

namespace harpy::kaldi {

/// The most values a frame of a network may have.
inline constexpr std::int64_t kLargestDim = 1 << 20;

/// Reads the fields of one component of a network. Errors name file, byte and component.
class ComponentFields {
 public:
  ComponentFields(ObjectReader& reader, std::string place)
      : reader_(reader), place_(std::move(place)) {}

  [[noreturn]] void refuse(const std::string& what) const {
    throw reader_.failure(place_ + ": " + what);
  }

  bool take(std::string_view field) { return reader_.take(field); }
  void expect(std::string_view field) { reader_.expect(field); }

  std::int64_t dim(std::string_view field) {
    expect(field);
    return dim();
  }
  std::int64_t dim() {
    const std::int64_t value = reader_.integer();
    if (value < 1 || value > kLargestDim) refuse("expected a size, got " + std::to_string(value));
    return value;
  }
  double number(std::string_view field) {
    expect(field);
    return number();
  }
  double number() { return reader_.number(); }
  std::vector<float> vector(std::string_view field) {
    expect(field);
    return reader_.vector<float>();
  }
  Matrix<float> matrix(std::string_view field) {
    expect(field);
    return reader_.matrix<float>();
  }
  std::vector<std::int32_t> integers(std::string_view field) {
    expect(field);
    return reader_.integers();
  }
  auto integer_pairs(std::string_view field) {
    expect(field);
    return reader_.integer_pairs();
  }
  bool boolean(std::string_view field) {
    expect(field);
    return boolean();
  }
  bool boolean() { return reader_.boolean(); }

  /// Passes over a field that may be absent, and that only training uses.
  void skip_number(std::string_view field) {
    if (take(field)) reader_.number();
  }
  void skip_boolean(std::string_view field) {
    if (take(field)) reader_.boolean();
  }
  void skip_vector(std::string_view field) {
    if (take(field)) reader_.vector<float>();
  }
  void skip_numbers(std::string_view field) {
    if (!take(field)) return;
    reader_.number();
    reader_.number();
  }
  void skip_integer(std::string_view field) {
    if (take(field)) reader_.integer();
  }
  void skip_integers(std::string_view field) {
    if (!take(field)) return;
    reader_.integer();
    reader_.integer();
  }

  /// What all components that learn begin with.
  void skip_training() {
    skip_number("<LearningRateFactor>");
    skip_boolean("<IsGradient>");
    skip_number("<MaxChange>");
    skip_number("<L2Regularize>");
    skip_number("<LearningRate>");
  }
  /// Options of the natural gradient, of which each type writes some.
  void skip_natural_gradient() {
    skip_boolean("<UseNaturalGradient>");
    skip_number("<NumSamplesHistory>");
    skip_number("<NumMinibatchesHistory>");
    skip_numbers("<AlphaInOut>");
    skip_number("<Alpha>");
    skip_integers("<RankInOut>");
  }

 private:
  ObjectReader& reader_;
  std::string place_;
};

}  // namespace harpy::kaldi
