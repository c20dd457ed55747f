#pragma once

namespace harpy::testing {

/// How often the global operator new was called so far.
long allocation_count();

}  // namespace harpy::testing
