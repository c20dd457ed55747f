#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "service/recognizer/atomic_histogram.hpp"

namespace harpy {

/// An HTTP request that is being answered, as metrics tell it apart from others: by few names, so
/// that clients cannot make more of them.
struct CountedRequest {
  std::string_view method = "other";
  std::string_view route = "other";
  std::chrono::steady_clock::time_point began{};
};

/// What a server has done so far, for its status and metrics. The names under which something is
/// counted live as long as the program. Threads: the I/O thread alone.
struct ServerCounts {
  using Name = std::string_view;

  std::uint64_t sessions = 0;
  std::map<Name, int> active_sessions = {};                              ///< by protocol
  std::map<std::pair<Name, Name>, std::uint64_t> ended_sessions = {};    ///< by protocol, outcome
  std::map<Name, std::uint64_t> refused_sessions = {};                   ///< by reason
  std::map<Name, std::uint64_t> refused_connections = {};                ///< by reason
  std::map<std::tuple<Name, Name, int>, AtomicHistogram> requests = {};  ///< by method, route, code
  std::uint64_t received_bytes = 0;                                      ///< in sessions
  std::uint64_t left_out_log_lines = 0;

  /// A request has been answered with a status of HTTP.
  void answered(const CountedRequest& request, int code) {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - request.began;
    requests.try_emplace({request.method, request.route, code}, kDurationBounds_s)
        .first->second.add(time.count());
  }
};

}  // namespace harpy
