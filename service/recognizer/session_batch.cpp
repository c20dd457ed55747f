#include "service/recognizer/session_batch.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "acoustic/backend/device_error.hpp"

namespace harpy {

template <typename Action>
bool SessionBatch::succeeds(Session& session, const Action& action) {
  try {
    action();
    return true;
  } catch (const std::exception& error) {
    session.fail(error.what());
    if (is_device_lost(error)) throw;
    return false;
  }
}

void SessionBatch::work(std::span<const std::shared_ptr<Session>> sessions) {
  try {
    work_through(sessions);
  } catch (const std::exception& error) {
    for (const std::shared_ptr<Session>& session : sessions) session->fail(error.what());
    throw;
  }
}

void SessionBatch::work_through(std::span<const std::shared_ptr<Session>> sessions) {
  working_.clear();
  for (const std::shared_ptr<Session>& session : sessions) {
    const bool has_begun =
        succeeds(*session, [&] { session->begin_work(worker_, turn_s_, samples_); });
    if (has_begun) working_.push_back(session.get());
  }
  while (advance()) {
  }
  for (Session* const session : working_) {
    succeeds(*session, [&] { session->end_work(worker_); });
  }
}

bool SessionBatch::advance() {
  std::vector<Session*> advancing;
  std::copy_if(working_.begin(), working_.end(), std::back_inserter(advancing),
               [](const Session* session) { return session->has_block(); });
  if (advancing.empty()) return false;
  std::vector<Session*> failed;
  try {
    advance_together(advancing);
    for (Session* const session : advancing) {
      if (!succeeds(*session, [&] { session->settle_block(worker_); })) failed.push_back(session);
    }
  } catch (const std::exception& error) {
    if (is_device_lost(error)) throw;
    for (Session* const session : advancing) session->fail(error.what());
    failed = std::move(advancing);
  }
  std::erase_if(working_, [&](Session* session) {
    return std::find(failed.begin(), failed.end(), session) != failed.end();
  });
  return true;
}

void SessionBatch::advance_together(const std::vector<Session*>& sessions) {
  std::vector<DecodeStream*> streams;
  for (Session* const session : sessions) streams.push_back(&session->stream_);
  const std::span<const TensorView> outputs = DecodeStream::advance(worker_, streams);
  std::vector<SearchInput> batch;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const SearchInput input = streams[i]->begin_block(worker_, outputs[i]);
    if (input.log_likelihoods.rows() > 0) batch.push_back(input);
  }
  if (!batch.empty()) worker_.search->advance(batch);
}

}  // namespace harpy
