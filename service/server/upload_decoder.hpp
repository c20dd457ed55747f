#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "frontend/audio/decoding_helper.hpp"
#include "frontend/audio/helper_process.hpp"
#include "service/protocols/upload_conversation.hpp"
#include "service/server/network.hpp"

namespace harpy {

/// Decodes one recording in a process of its own (decoding_helper.hpp) and, if only ffmpeg can, in
/// a second one around it. Nothing here waits or computes: bytes go through pipes as the process
/// takes and gives them.
///
/// The process is killed when it is no longer wanted. Threads: the I/O thread.
class UploadDecoder : public std::enable_shared_from_this<UploadDecoder> {
 public:
  /// Called between other calls of the I/O thread; none after stop.
  struct Calls {
    std::function<void()> has_taken;                  ///< of what was written, at least a part
    std::function<void(const HelperHeader&)> begins;  ///< such samples follow
    /// Whole frames of all channels.
    std::function<void(std::span<const float>)> gives;
    std::function<void(DecodingEnd, const std::string&)> ends;  ///< nothing follows
  };

  /// Starts the process: `program` is its path. Errors: std::system_error.
  static std::shared_ptr<UploadDecoder> start(std::shared_ptr<boost::asio::io_context> io,
                                              std::string program, DecodingRequest request,
                                              Calls calls);
  ~UploadDecoder();

  /// Further bytes of the recording, and its end.
  void write(std::string_view bytes);
  void end_input();
  /// Bytes that the process has not taken yet.
  std::size_t waiting_bytes() const { return waiting_.size() + writing_.size(); }

  /// Asks for samples: a call of `begins`, `gives` or `ends` follows.
  void read();

  /// Kills the process and calls nobody from now on.
  void stop();

 private:
  using Error = boost::system::error_code;
  using Pipe = boost::asio::posix::basic_stream_descriptor<Executor>;

  UploadDecoder(std::shared_ptr<boost::asio::io_context> io, std::string program,
                DecodingRequest request, Calls calls);
  void start_process();
  void write_next();
  void has_read(const Error& error, std::size_t size);
  void await_end();
  void has_ended();
  std::string complaint();
  void decode_with_ffmpeg();
  void end_with(HelperExit code, const std::string& reason);

  const std::shared_ptr<boost::asio::io_context> io_;
  const std::string program_;
  DecodingRequest request_;
  const Calls calls_;
  FileDescriptor spool_;
  pid_t process_ = 0;  ///< 0: has been waited for
  Pipe handle_;
  Pipe input_;
  Pipe output_;
  FileDescriptor errors_;
  std::string waiting_;
  std::string writing_;
  bool has_all_input_ = false;
  bool is_reading_ = false;
  std::optional<HelperHeader> header_;
  bool is_stopped_ = false;
  std::vector<std::byte> bytes_;
  std::vector<float> samples_;
  std::size_t held_bytes_ = 0;  ///< of bytes_: an incomplete frame
};

}  // namespace harpy
