#include "acoustic/backend/cpu/bfloat16_product.hpp"

#include <dnnl.hpp>
#include <memory>
#include <new>

#include "acoustic/backend/cpu/elementwise_kernels.hpp"
#include "acoustic/backend/cpu/product.hpp"
#include "acoustic/backend/cpu/single_threaded_scope.hpp"

namespace harpy::cpu {
namespace {

constexpr std::int64_t kWorthwhile = 1 << 21;  // multiplications

bool has_instructions() {
  static const bool kHas = [] {
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::avx512_core_bf16 || isa == dnnl::cpu_isa::avx512_core_amx;
  }();
  return kHas;
}

const dnnl::engine& engine() {
  static const dnnl::engine kCpu = [] {
    // A training has some hundred lengths of minibatches, each with a dozen products: what oneDNN
    // has compiled for one should still be there when it comes again.
    dnnl::set_primitive_cache_capacity(4096);
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return kCpu;
}

/// The calling thread's working memory for oneDNN; its contents are lost with the next call.
void* scratchpad(std::size_t size_bytes) {
  constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(void* block) const { ::operator delete(block, kAlignment); }
  };
  thread_local std::unique_ptr<void, Free> block;
  thread_local std::size_t capacity = 0;
  if (size_bytes > capacity) {
    block.reset(::operator new(size_bytes, kAlignment));
    capacity = size_bytes;
  }
  return block.get();
}

struct Bfloat16Factors {
  const std::uint16_t *a, *b;
};

dnnl::memory memory_of(const dnnl::memory::desc& shape, const std::uint16_t* values) {
  return {shape, engine(), const_cast<std::uint16_t*>(values)};  // NOLINT: oneDNN only reads it
}

void multiply_part(const Product& p, const Bfloat16Factors& factors, Range rows, Range columns) {
  using dnnl::memory;
  constexpr auto kFactor = memory::data_type::bf16;
  const std::int64_t row_count = rows.end - rows.begin;
  const std::int64_t column_count = columns.end - columns.begin;
  const memory::desc a_shape({row_count, p.inner}, kFactor,
                             p.transpose_a ? memory::dims{1, p.rows} : memory::dims{p.inner, 1});
  const memory::desc b_shape({p.inner, column_count}, kFactor,
                             p.transpose_b ? memory::dims{1, p.inner} : memory::dims{p.columns, 1});
  const memory::desc c_shape({row_count, column_count}, memory::data_type::f32,
                             memory::dims{p.columns, 1});
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (p.beta != 0.0F) {
    dnnl::post_ops operations;
    operations.append_sum(p.beta);
    attributes.set_post_ops(operations);
  }
  const SingleThreadedScope single_threaded;
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(a_shape, b_shape, c_shape),
                                                 attributes, engine());
  const memory::desc scratch = description.scratchpad_desc();
  thread_local dnnl::stream stream(engine());
  dnnl::matmul(description)
      .execute(
          stream,
          {{DNNL_ARG_SRC,
            memory_of(a_shape, factors.a + rows.begin * (p.transpose_a ? 1 : p.inner))},
           {DNNL_ARG_WEIGHTS,
            memory_of(b_shape, factors.b + columns.begin * (p.transpose_b ? p.inner : 1))},
           {DNNL_ARG_DST, memory(c_shape, engine(), p.c + rows.begin * p.columns + columns.begin)},
           {DNNL_ARG_SCRATCHPAD, memory(scratch, engine(), scratchpad(scratch.get_size()))}});
}

}  // namespace

bool suits_bfloat16(const Product& product) {
  return has_instructions() && product.rows * product.columns * product.inner >= kWorthwhile;
}

DeviceBuffer<std::uint16_t> rounded_to_bfloat16(ThreadTeam& team,
                                                const std::shared_ptr<DeviceMemory>& memory,
                                                ConstTensorView x) {
  DeviceBuffer<std::uint16_t> values(memory, static_cast<std::size_t>(x.size()));
  constexpr std::int64_t kBytesMoved = 6;  // for each value
  team.for_ranges(x.size(), kBytesMoved, [&](std::int64_t begin, std::int64_t end) {
    convert_to_bfloat16(x.data + begin, values.data() + begin, end - begin);
  });
  return values;
}

void multiply_bfloat16(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                       const Product& product) {
  const auto a = rounded_to_bfloat16(team, memory, {product.a, {product.rows, product.inner}});
  DeviceBuffer<std::uint16_t> b;
  if (product.rounded_b == nullptr) {
    b = rounded_to_bfloat16(team, memory, {product.b, {product.inner, product.columns}});
  }
  const Bfloat16Factors factors{a.data(), b.size() > 0 ? b.data() : product.rounded_b};
  for_parts(team, product, [&](Range rows, Range columns) {
    multiply_part(product, factors, rows, columns);
    finish_part(product, rows, columns);
  });
}

}  // namespace harpy::cpu
