#include "acoustic/backend/cpu/product.hpp"

#include <dnnl.h>

#include <stdexcept>
#include <string>

#include "acoustic/backend/cpu/elementwise_kernels.hpp"
#include "acoustic/backend/cpu/row_kernels.hpp"
#include "acoustic/backend/cpu/single_threaded_scope.hpp"

namespace harpy::cpu {
namespace {

void multiply_part(const Product& p, Range rows, Range columns) {
  const std::int64_t a_stride = p.transpose_a ? p.rows : p.inner;
  const std::int64_t b_stride = p.transpose_b ? p.inner : p.columns;
  const float* a = p.a + rows.begin * (p.transpose_a ? 1 : a_stride);
  const float* b = p.b + columns.begin * (p.transpose_b ? b_stride : 1);
  float* c = p.c + rows.begin * p.columns + columns.begin;
  const SingleThreadedScope single_threaded;
  const dnnl_status_t status = dnnl_sgemm(
      p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', rows.end - rows.begin,
      columns.end - columns.begin, p.inner, 1.0F, a, a_stride, b, b_stride, p.beta, c, p.columns);
  if (status != dnnl_success) {
    throw std::runtime_error("oneDNN: product failed with status " + std::to_string(status));
  }
  finish_part(p, rows, columns);
}

}  // namespace

void for_parts(ThreadTeam& team, const Product& product,
               const std::function<void(Range rows, Range columns)>& work) {
  constexpr std::int64_t kGranule = 16;  // rows or columns that a thread should not share
  const bool by_rows = product.rows >= product.columns;
  const std::int64_t extent = by_rows ? product.rows : product.columns;
  const std::int64_t granules = (extent + kGranule - 1) / kGranule;
  const std::int64_t operations_per_granule =
      2 * product.rows * product.columns * product.inner / granules;
  team.for_ranges(granules, operations_per_granule, [&](std::int64_t begin, std::int64_t end) {
    const Range range{begin * kGranule, std::min(end * kGranule, extent)};
    const Range rows = by_rows ? range : Range{0, product.rows};
    const Range columns = by_rows ? Range{0, product.columns} : range;
    work(rows, columns);
  });
}

void finish_part(const Product& product, Range rows, Range columns) {
  if (product.bias == nullptr && !product.has_relu) return;
  const std::int64_t count = columns.end - columns.begin;
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    float* const values = product.c + r * product.columns + columns.begin;
    if (product.bias != nullptr) add_bias(product.bias + columns.begin, values, 1, count);
    if (product.has_relu) clear_negative(values, count);
  }
}

void multiply(ThreadTeam& team, const Product& product) {
  for_parts(team, product,
            [&](Range rows, Range columns) { multiply_part(product, rows, columns); });
}

}  // namespace harpy::cpu
