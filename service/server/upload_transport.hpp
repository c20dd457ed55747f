#pragma once

#include <memory>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "service/protocols/upload_protocol.hpp"
#include "service/server/client_stream.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

using UploadParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

/// A request with a recording as its body, of which the head has been read.
struct UploadRequest {
  ClientStream stream;
  boost::beast::flat_buffer unread;  ///< what was read behind the head
  std::unique_ptr<UploadParser> parser;
  std::unique_ptr<UploadProtocol> protocol;
  std::string answer_fields;  ///< further header lines of the answer, each with its end
};

/// Takes over a connection for the length of a request: its body goes to a decoder
/// (UploadDecoder), the answer to the client. Then the connection goes on with the next request, or
/// is hung up. `slot` is kept until then. Threads: the I/O thread.
void start_upload(UploadRequest request, std::shared_ptr<ServerState> state,
                  std::shared_ptr<ConnectionSlot> slot);

}  // namespace harpy
