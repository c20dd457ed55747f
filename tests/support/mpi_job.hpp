#pragma once

#include <string>

namespace harpy::testing {

/// The beginning of a shell's command that starts processes of one job on this machine; what
/// follows is `-n COUNT PROGRAM ARGUMENTS`, perhaps several, with `:` between them.
inline constexpr const char* kMpirun = "mpirun --allow-run-as-root --oversubscribe --bind-to none ";

}  // namespace harpy::testing
