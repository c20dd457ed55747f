#include "acoustic/training/ranks.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>

namespace harpy {
namespace {

class OnlyRank : public Ranks {
 public:
  OnlyRank() : Ranks(0, 1) {}

  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) override {
    std::ranges::copy(mine, all.begin());
  }
  /// Nobody asks for these: what one rank has is the sum already.
  void exchange_rows(ConstTensorView, TensorView) override {}
  void gather_rows(ConstTensorView, TensorView) override {}
};

}  // namespace

Ranks& only_rank() {
  static OnlyRank rank;
  return rank;
}

void carry_out_at_all(Ranks& ranks, const std::function<void()>& step) {
  if (ranks.count() == 1) return step();
  std::array<char, 1024> problem{};  // cut to this; empty: none
  try {
    step();
  } catch (const SharedError&) {
    throw;
  } catch (const std::exception& error) {
    const std::string what = *error.what() == '\0' ? "failed" : error.what();
    what.copy(problem.data(), problem.size() - 1);
  }
  const auto all = gather(ranks, problem);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    if (all[rank].front() == '\0') continue;
    throw SharedError((rank == 0 ? "" : "rank " + std::to_string(rank) + ": ") + all[rank].data());
  }
}

bool is_any(Ranks& ranks, bool mine) {
  const std::vector<char> all = gather(ranks, static_cast<char>(mine));
  return std::ranges::find(all, char{1}) != all.end();
}

void sum_over_ranks(Backend& backend, Ranks& ranks, TensorView values, TensorView scratch) {
  const std::int64_t count = ranks.count();
  if (count == 1) return;
  const auto row = [&scratch](std::int64_t index) { return slice_rows(scratch, index, 1); };
  backend.synchronize();
  ranks.exchange_rows(values, scratch);
  for (std::int64_t step = 1; step < count; step *= 2) {
    for (std::int64_t i = 0; i + step < count; i += 2 * step) {
      backend.add_scaled(1.0F, row(i + step), row(i));
    }
  }
  backend.synchronize();
  ranks.gather_rows(row(0), values);
}

}  // namespace harpy
