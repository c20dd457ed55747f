#pragma once

#include <memory>
#include <span>
#include <vector>

#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session.hpp"

namespace harpy {

/// Gives sessions their turns together: the samples of each, then block by block all that have one
/// through features, network and search, then the events of each turn's end. What fails ends its
/// session. Threads: used by one worker's.
class SessionBatch {
 public:
  /// A turn is up to `turn_s` of a session's samples.
  SessionBatch(RecognizerWorker& worker, double turn_s) : worker_(worker), turn_s_(turn_s) {}

  /// Errors: DeviceError if the device is lost; all the sessions have ended then.
  void work(std::span<const std::shared_ptr<Session>> sessions);

 private:
  void work_through(std::span<const std::shared_ptr<Session>> sessions);
  /// Whether there was a block to advance by.
  bool advance();
  void advance_together(const std::vector<Session*>& sessions);
  /// Whether the action succeeds; otherwise the session has ended. Errors: of a lost device.
  template <typename Action>
  static bool succeeds(Session& session, const Action& action);

  RecognizerWorker& worker_;
  double turn_s_;
  std::vector<Session*> working_;  ///< those that have not failed
  std::vector<float> samples_;
};

}  // namespace harpy
