#pragma once

#include <memory>

#include "acoustic/backend/backend.hpp"

namespace harpy::cpu {

/// A backend on the host: products by oneDNN, the rest by vectorised loops, both over
/// options.thread_count threads.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy::cpu
