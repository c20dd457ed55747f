#include <stdexcept>

#include "tools/work/redis_work.hpp"

namespace harpy::tools {

void work_on_redis(const RedisWorkOptions& /*options*/, const LineAnswerer& /*answer*/,
                   const std::function<bool()>& /*should_stop*/) {
  throw std::runtime_error("--redis: this program was built without hiredis (libhiredis-dev)");
}

}  // namespace harpy::tools
