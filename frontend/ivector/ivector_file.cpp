#include "frontend/ivector/ivector_file.hpp"

#include <stdexcept>

#include "models/files/section_file.hpp"

namespace harpy {
namespace {

constexpr SectionFormat kIvectorFormat{
    .magic = {'H', 'A', 'R', 'P', 'Y', 'I', 'V', 'X'}, .version = 3, .name = "i-vector file"};

struct IvectorHeader {
  std::int32_t feature_dim, projected_dim, gaussian_count, ivector_dim, left_frames, right_frames;
  double prior_offset, mean_count, max_count;
  std::int32_t period_frames, chosen_count;
  float least_posterior, posterior_scale;
  std::int32_t iterations, mean_frames, prior_frames;
  float silence_weight;
};
static_assert(sizeof(IvectorHeader) == 80);

constexpr SectionKind kIvectorHeader{1};

/// Calls `visit(kind, array)` for every array; the numbers are part of the format.
template <typename Parameters, typename Visitor>
void for_each_array(Parameters& parameters, const Visitor& visit) {
  visit(SectionKind{2}, parameters.mean_sums);
  visit(SectionKind{3}, parameters.projection);
  visit(SectionKind{4}, parameters.offset);
  visit(SectionKind{5}, parameters.constants);
  visit(SectionKind{6}, parameters.linear);
  visit(SectionKind{7}, parameters.square);
  visit(SectionKind{8}, parameters.weighted);
  visit(SectionKind{9}, parameters.quadratic);
}

}  // namespace

void write_ivector_file(const std::filesystem::path& path, const IvectorExtractor& extractor) {
  const IvectorParameters& p = extractor.parameters();
  const IvectorOptions& options = extractor.options();
  const IvectorHeader header{.feature_dim = p.feature_dim,
                             .projected_dim = p.projected_dim,
                             .gaussian_count = p.gaussian_count,
                             .ivector_dim = p.ivector_dim,
                             .left_frames = p.left_frames,
                             .right_frames = p.right_frames,
                             .prior_offset = p.prior_offset,
                             .mean_count = p.mean_count,
                             .max_count = options.max_count,
                             .period_frames = options.period_frames,
                             .chosen_count = options.gaussian_count,
                             .least_posterior = options.least_posterior,
                             .posterior_scale = options.posterior_scale,
                             .iterations = options.iterations,
                             .mean_frames = options.mean_frames,
                             .prior_frames = options.prior_frames,
                             .silence_weight = options.silence_weight};
  std::vector<Section> sections{section_of(kIvectorHeader, std::span(&header, 1))};
  for_each_array(
      p, [&](SectionKind kind, const auto& array) { sections.push_back(section_of(kind, array)); });
  write_section_file(path, kIvectorFormat, sections);
}

std::shared_ptr<const IvectorExtractor> read_ivector_file(const std::filesystem::path& path) {
  const SectionFile file(path, kIvectorFormat);
  const auto headers = file.section<IvectorHeader>(kIvectorHeader);
  if (headers.size() != 1) throw file.failure(kIvectorHeader, "has a wrong size");
  const IvectorHeader& header = headers[0];
  IvectorParameters parameters{.feature_dim = header.feature_dim,
                               .projected_dim = header.projected_dim,
                               .gaussian_count = header.gaussian_count,
                               .ivector_dim = header.ivector_dim,
                               .left_frames = header.left_frames,
                               .right_frames = header.right_frames,
                               .prior_offset = header.prior_offset,
                               .mean_count = header.mean_count};
  for_each_array(parameters, [&]<typename Value>(SectionKind kind, std::vector<Value>& array) {
    const auto values = file.section<Value>(kind);
    array.assign(values.begin(), values.end());
  });
  const IvectorOptions options{.period_frames = header.period_frames,
                               .gaussian_count = header.chosen_count,
                               .least_posterior = header.least_posterior,
                               .posterior_scale = header.posterior_scale,
                               .max_count = header.max_count,
                               .iterations = header.iterations,
                               .mean_frames = header.mean_frames,
                               .prior_frames = header.prior_frames,
                               .silence_weight = header.silence_weight};
  try {
    return std::make_shared<const IvectorExtractor>(std::move(parameters), options);
  } catch (const std::invalid_argument& error) {
    throw file.failure(kIvectorHeader, error.what());
  }
}

}  // namespace harpy
