#include <stdexcept>

#include "service/server/grpc_server.hpp"

namespace harpy {

std::unique_ptr<GrpcServer> start_grpc_server(const GrpcLimits&,
                                              std::function<void(std::shared_ptr<GrpcCall>)>) {
  throw std::invalid_argument(
      "this build of Harpy speaks no gRPC: it was built without Debian's libgrpc++-dev, "
      "libprotobuf-dev and protobuf-compiler");
}

}  // namespace harpy
