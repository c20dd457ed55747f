#include "tools/python/decoder_pool.hpp"

#include <atomic>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace harpy::tools {

DecoderPool::DecoderPool(Shared shared) : shared_(std::move(shared)) { give_back(borrow()); }

std::unique_ptr<ScoreDecoder> DecoderPool::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<ScoreDecoder> decoder = std::move(idle_.back());
      idle_.pop_back();
      return decoder;
    }
  }
  return std::make_unique<ScoreDecoder>(shared_.model, shared_.device, shared_.session,
                                        shared_.steering);
}

void DecoderPool::give_back(std::unique_ptr<ScoreDecoder> decoder) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(decoder));
}

std::vector<SessionEvent> DecoderPool::decode(std::vector<ScoreMatrix> utterances, int threads) {
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    try {
      arrange_scores(utterances[i], *shared_.model->package, shared_.layout);
    } catch (const std::invalid_argument& error) {
      if (utterances.size() == 1) throw;
      throw std::invalid_argument("utterance " + std::to_string(i) + ": " + error.what());
    }
  }
  std::vector<SessionEvent> events(utterances.size());
  std::atomic<std::size_t> next = 0;
  std::mutex failure_mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      std::unique_ptr<ScoreDecoder> decoder = borrow();
      decoder->run([&]() -> std::optional<ScoreDecoder::Utterance> {
        const std::size_t index = next++;
        if (index >= utterances.size()) return std::nullopt;
        return ScoreDecoder::Utterance{
            .scores = std::move(utterances[index]),
            .on_final = [&event = events[index]](const SessionEvent& told) { event = told; }};
      });
      give_back(std::move(decoder));
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int index = 1; index < threads; ++index) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
  return events;
}

}  // namespace harpy::tools
