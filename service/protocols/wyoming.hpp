#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"

namespace harpy {

/// An event of the Wyoming protocol: a line of JSON, further JSON and bytes behind it.
struct WyomingEvent {
  std::string type;
  boost::json::object data = {};  ///< of the line and of what follows it, merged
  std::vector<std::byte> payload = {};
};

/// How long an event may be; a client says the lengths itself.
struct WyomingLimits {
  std::size_t max_line_bytes = std::size_t{64} << 10;
  std::size_t max_data_bytes = std::size_t{64} << 10;
  std::size_t max_payload_bytes = std::size_t{1} << 20;
};

/// Reads events from a stream of bytes that may be cut anywhere.
class WyomingReader {
 public:
  explicit WyomingReader(const WyomingLimits& limits) : limits_(limits) {}

  void add(std::span<const std::byte> bytes);

  /// The next event, once it is whole. Errors: std::runtime_error for what is no event, or one over
  /// the limits.
  std::optional<WyomingEvent> next();

 private:
  /// Takes the first bytes of what has come; they are all there.
  std::string take(std::size_t count);
  std::size_t waiting_bytes() const { return bytes_.size() - begin_; }
  void read_line(std::string_view line);
  void read_data(std::string_view text);

  WyomingLimits limits_;
  std::string bytes_;
  std::size_t begin_ = 0;              ///< of those that are not read yet
  std::optional<WyomingEvent> event_;  ///< whose line is read
  std::size_t data_bytes_ = 0;         ///< that follow the line
  std::size_t payload_bytes_ = 0;
};

/// How the audio of an event is coded. Errors: std::runtime_error naming the field and what was
/// expected: 16-bit samples, 1 to 8 channels, 4,000 to 192,000 Hz.
PcmFormat wyoming_format(const WyomingEvent& event);

// The events that the server sends, as bytes.
std::string wyoming_info(const ServedModel& model);
std::string wyoming_event(std::string_view type, const boost::json::object& data);
std::string wyoming_error(std::string_view text, std::string_view code);

}  // namespace harpy
