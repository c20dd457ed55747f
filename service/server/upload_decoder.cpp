#include "service/server/upload_decoder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include <boost/asio/write.hpp>

#include "frontend/audio/limited_process.hpp"
#include "models/files/escaped_text.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

constexpr std::size_t kDecodedBytes = std::size_t{64} << 10;
constexpr std::size_t kMostComplaintBytes = 1000;

/// Why a process ended that did not end by itself.
std::string killed(int status) {
  if (WTERMSIG(status) == SIGXCPU) return "decoding the recording takes too much processor time";
  return "decoding the recording was ended by signal " + std::to_string(WTERMSIG(status));
}

}  // namespace

std::shared_ptr<UploadDecoder> UploadDecoder::start(std::shared_ptr<net::io_context> io,
                                                    std::string program, DecodingRequest request,
                                                    Calls calls) {
  std::shared_ptr<UploadDecoder> decoder(
      new UploadDecoder(std::move(io), std::move(program), std::move(request), std::move(calls)));
  decoder->start_process();
  return decoder;
}

UploadDecoder::UploadDecoder(std::shared_ptr<net::io_context> io, std::string program,
                             DecodingRequest request, Calls calls)
    : io_(std::move(io)),
      program_(std::move(program)),
      request_(std::move(request)),
      calls_(std::move(calls)),
      spool_(open_nameless_file()),
      handle_(*io_),
      input_(*io_),
      output_(*io_) {}

UploadDecoder::~UploadDecoder() {
  if (process_ > 0) kill(process_, SIGKILL);
}

void UploadDecoder::start_process() {
  std::vector<std::string> command = helper_arguments(request_);
  command.insert(command.begin(), program_);
  HelperProcess helper = start_helper(command, spool_);
  process_ = helper.id;
  handle_.assign(helper.handle.release());
  input_.assign(helper.input.release());
  output_.assign(helper.output.release());
  errors_ = std::move(helper.errors);
  is_reading_ = false;  // of a process before it, all was read
  read();
}

void UploadDecoder::write(std::string_view bytes) {
  waiting_ += bytes;
  write_next();
}

void UploadDecoder::end_input() {
  has_all_input_ = true;
  write_next();
}

void UploadDecoder::write_next() {
  if (!writing_.empty() || !input_.is_open()) return;
  if (waiting_.empty()) {
    Error ignored;
    if (has_all_input_) input_.close(ignored);
    return;
  }
  std::swap(writing_, waiting_);
  net::async_write(input_, net::buffer(writing_),
                   [self = shared_from_this()](const Error& error, std::size_t) {
                     self->writing_.clear();
                     Error ignored;
                     // Why the process takes no more is told when it has ended.
                     if (error) self->input_.close(ignored);
                     self->write_next();
                     if (!self->is_stopped_) self->calls_.has_taken();
                   });
}

void UploadDecoder::read() {
  if (std::exchange(is_reading_, true)) return;
  bytes_.resize(held_bytes_ + kDecodedBytes);
  output_.async_read_some(net::buffer(bytes_) + held_bytes_,
                          [self = shared_from_this()](const Error& error, std::size_t size) {
                            if (!self->is_stopped_) self->has_read(error, size);
                          });
}

void UploadDecoder::has_read(const Error& error, std::size_t size) {
  if (error) return await_end();
  std::span<const std::byte> bytes = std::span(bytes_).first(held_bytes_ + size);
  if (!header_ && bytes.size() >= sizeof(HelperHeader)) {
    header_.emplace();
    std::memcpy(&*header_, bytes.data(), sizeof(HelperHeader));
    bytes = bytes.subspan(sizeof(HelperHeader));
    calls_.begins(*header_);  // may ask for samples, which is done below
    if (is_stopped_) return;
  }
  const auto channels = static_cast<std::size_t>(header_ ? header_->channel_count : 1);
  const std::size_t frames = header_ ? bytes.size() / (channels * sizeof(float)) : 0;
  const std::size_t count = frames * channels;
  samples_.resize(count);
  if (count > 0) std::memcpy(samples_.data(), bytes.data(), count * sizeof(float));
  const std::span<const std::byte> rest = bytes.subspan(count * sizeof(float));
  std::copy(rest.begin(), rest.end(), bytes_.begin());
  held_bytes_ = rest.size();
  is_reading_ = false;
  if (count == 0) return read();
  calls_.gives(samples_);
}

/// The output is at its end, so the process ends, too.
void UploadDecoder::await_end() {
  handle_.async_wait(Pipe::wait_read, [self = shared_from_this()](const Error&) {
    if (self->process_ > 0) self->has_ended();
  });
}

void UploadDecoder::has_ended() {
  int status = 0;
  waitpid(std::exchange(process_, 0), &status, WNOHANG);
  if (is_stopped_) return;
  if (!WIFEXITED(status)) return end_with(HelperExit::kWrongUsage, killed(status));
  end_with(static_cast<HelperExit>(WEXITSTATUS(status)), complaint());
}

/// What the process has said. It has ended, so that nothing is waited for.
std::string UploadDecoder::complaint() {
  std::string text(kMostComplaintBytes, '\0');
  const ssize_t got = ::read(errors_.number(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (text.ends_with('\n')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ';');
  return escape_for_line(text);
}

void UploadDecoder::end_with(HelperExit code, const std::string& reason) {
  switch (code) {
    case HelperExit::kDecoded:
      return calls_.ends(DecodingEnd::kDone, reason);
    case HelperExit::kBadAudio:
      return calls_.ends(DecodingEnd::kBadAudio, reason);
    case HelperExit::kOnlyFfmpeg:
      if (!find_program("ffmpeg")) return calls_.ends(DecodingEnd::kBadAudio, reason);
      return decode_with_ffmpeg();
    case HelperExit::kNoRoom:
    case HelperExit::kNoSandbox:
    case HelperExit::kWrongUsage:
      break;
  }
  calls_.ends(DecodingEnd::kFailed, reason.empty() ? "decoding the recording failed" : reason);
}

void UploadDecoder::decode_with_ffmpeg() {
  request_.with_ffmpeg = true;
  Error ignored;
  for (Pipe* const pipe : {&handle_, &input_, &output_}) pipe->close(ignored);
  try {
    start_process();
    end_input();
  } catch (const std::exception& error) {
    calls_.ends(DecodingEnd::kFailed, error.what());
  }
}

/// The process is waited for by a handler, which keeps this object until then.
void UploadDecoder::stop() {
  is_stopped_ = true;
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  Error ignored;
  input_.close(ignored);
  output_.close(ignored);
  await_end();
}

}  // namespace harpy
