#include "service/server/process_metrics.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>

#include "service/server/metric_families.hpp"

namespace harpy {

namespace {

/// Pages of memory: all that is mapped, and what is resident (proc(5), statm).
struct MemoryPages {
  double all = 0.0;
  double resident = 0.0;
};

std::optional<MemoryPages> memory_pages() {
  std::ifstream file("/proc/self/statm");
  MemoryPages pages;
  if (!(file >> pages.all >> pages.resident)) return std::nullopt;
  return pages;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

std::vector<prometheus::MetricFamily> process_metrics(std::chrono::system_clock::time_point began) {
  std::vector<prometheus::MetricFamily> families;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  families.push_back(counter_family("process_cpu_seconds_total",
                                    "CPU time of the whole program, in seconds.",
                                    seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime)));
  families.push_back(gauge_family("process_start_time_seconds",
                                  "When the program began, in seconds since 1970.",
                                  std::chrono::duration<double>(began.time_since_epoch()).count()));
  if (const std::optional<MemoryPages> pages = memory_pages()) {
    const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
    families.push_back(gauge_family("process_virtual_memory_bytes", "Memory that is mapped.",
                                    page_bytes * pages->all));
    families.push_back(gauge_family("process_resident_memory_bytes", "Memory that is in use.",
                                    page_bytes * pages->resident));
  }
  std::error_code error;
  const std::filesystem::directory_iterator open_files("/proc/self/fd", error);
  if (!error) {
    // The folder that is read is one of them.
    const auto count = std::distance(begin(open_files), end(open_files)) - 1;
    families.push_back(
        gauge_family("process_open_fds", "Open file descriptors.", static_cast<double>(count)));
  }
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0) {
    families.push_back(gauge_family("process_max_fds", "Most file descriptors that may be open.",
                                    static_cast<double>(most.rlim_cur)));
  }
  return families;
}

}  // namespace harpy
