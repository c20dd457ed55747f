// What the host does for sessions on a GPU, for each block of one session:
//   host_work_bench SESSIONS TURN_S PARTIALS(0|1) TURNS LAUNCH_US THREADS
// The sessions hear the default model's recordings of dev in turns of TURN_S seconds of audio, half
// of them at a time. The device is the emulated one: its kernels and products do nothing, and its
// lanes wait LAUNCH_US before they give prepared results of the real search. Everything else is the
// recogniser's own, with THREADS threads for the host's part. Processor time is told without that
// of the stand-ins and of pushing the audio: that of all threads, and that of the helpers among
// them, beside the two threads that take turns at the device.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "decoder/search/device/batch_beam_search.hpp"
#include "service/recognizer/load_meter.hpp"
#include "service/recognizer/worker_turn.hpp"
#include "tests/bench/measurement.hpp"
#include "tests/bench/prepared_lanes.hpp"
#include "tests/support/cuda_emulation/emulation.hpp"

namespace harpy::bench {
namespace {

/// Enough to be of different lengths, and few enough to be searched at once.
constexpr std::size_t kPreparedUtterances = 4;

struct HostLoad {
  std::size_t session_count = 512;
  double turn_s = 0.12;
  bool partials = true;
  std::size_t turn_count = 100;
  std::chrono::microseconds launch_time{1000};
  int thread_count = 1;
};

double process_s() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Lanes that compute nothing need no room.
token_passing::RoomSizes small_rooms() {
  token_passing::RoomSizes rooms;
  for (std::uint32_t i = 0; i < token_passing::kRoomCount; ++i) {
    rooms[static_cast<token_passing::Room>(i)] = 64;
  }
  rooms[token_passing::Room::kSlotBits] = 6;
  rooms[token_passing::Room::kOutput] = 1 << 20;
  return rooms;
}

/// Sessions that a worker works for, turn after turn.
class HostWork {
 public:
  HostWork(const SearchWorkload& work, const HostLoad& load)
      : load_(load),
        options_({.device = {DeviceKind::kCuda, 0}, .worker_count = load.thread_count}) {
    const auto loader = create_backend({.device = options_.device});
    model_ = ModelPackage::load(*loader, std::string(HARPY_SOURCE_DIR) + "/models/en-small");
    cuda_emulation::skip_kernels();
    options_.metrics = std::make_shared<RecognitionMetrics>();
    worker_ = std::make_shared<RecognizerWorker>(model_, options_);
    const std::int64_t block_frames = model_->acoustic_grid()->output_frames();
    auto runner = std::make_unique<PreparedLaneRunner>(
        *worker_->backend, prepare_utterances(work, block_frames), block_frames, load.launch_time);
    runner_ = runner.get();
    worker_->search = std::make_unique<token_passing::BatchBeamSearch>(
        std::make_shared<const DeviceGraph>(model_->decoding()->graph(),
                                            worker_->backend->memory()),
        model_->search_options(), std::move(runner),
        token_passing::BatchSearchOptions{.lane_count = 512, .first_rooms = small_rooms()});
    queue_ = std::make_shared<SessionQueue>();
    const auto steering = std::make_shared<SteeringMaker>(model_->decoding()->package);
    for (std::size_t i = 0; i < load.session_count; ++i) {
      jobs_[i % kHalves].push_back(std::make_shared<SessionJob>(
          model_, SessionSurroundings{.queue = queue_, .steering = steering}, options_,
          SessionOptions{.partials = load.partials}, [this](const SessionEvent& event) {
            ++event_count_;
            if (event.kind == EventKind::kError) throw std::runtime_error(event.error);
          }));
    }
    const auto rate_hz = model_->features()->sample_rate_hz();
    audio_.resize(static_cast<std::size_t>(load.turn_s * rate_hz));
    for (std::size_t i = 0; i < audio_.size(); ++i) {
      audio_[i] = static_cast<float>(i % 200) / 32768.0F;
    }
  }

  void run() {
    turns(10);
    worker_->host_threads.take_helpers_cpu_s();
    const double before_s = stand_ins_s();
    const double cpu_begin_s = process_s();
    const std::uint64_t block_begin = runner_->block_count();
    const Clock::time_point start = Clock::now();
    turns(load_.turn_count);
    const double wall_s = seconds_since(start);
    const double cpu_s = process_s() - cpu_begin_s - (stand_ins_s() - before_s);
    const auto blocks = static_cast<double>(runner_->block_count() - block_begin);
    std::printf("%zu sessions, turns of %.2f s, partials %d: %.2f us of the host a block\n",
                load_.session_count, load_.turn_s, load_.partials ? 1 : 0, 1e6 * cpu_s / blocks);
    std::printf("  %d threads: helpers %.2f us a block; %.0f blocks, %.3f s, %lu events\n",
                load_.thread_count, 1e6 * worker_->host_threads.take_helpers_cpu_s() / blocks,
                blocks, wall_s, static_cast<unsigned long>(event_count_.load()));
  }

 private:
  using Jobs = std::vector<std::shared_ptr<SessionJob>>;

  static constexpr std::size_t kHalves = 2;

  double stand_ins_s() const {
    return cuda_emulation::steps_cpu_s() + runner_->cpu_s() + push_cpu_s_;
  }

  void turns(std::size_t count) {
    std::vector<std::jthread> threads;
    for (const Jobs& half : jobs_) {
      threads.emplace_back([&] {
        WorkerTurns turns(worker_);
        for (std::size_t turn = 0; turn < count; ++turn) {
          const double begin_s = thread_cpu_s();
          for (const auto& job : half) job->inbox().push(audio_);
          push_cpu_s_ += thread_cpu_s() - begin_s;
          turns.work(half, load_.turn_s);
        }
      });
    }
  }

  HostLoad load_;
  RecognizerOptions options_;
  std::shared_ptr<const ModelPackage> model_;
  std::shared_ptr<RecognizerWorker> worker_;
  PreparedLaneRunner* runner_ = nullptr;
  std::shared_ptr<SessionQueue> queue_;
  std::array<Jobs, kHalves> jobs_;
  std::vector<float> audio_;
  std::atomic<std::uint64_t> event_count_ = 0;
  std::atomic<double> push_cpu_s_ = 0.0;
};

void run_bench(std::span<char* const> arguments) {
  if (arguments.size() != 6) {
    throw std::invalid_argument(
        "usage: host_work_bench SESSIONS TURN_S PARTIALS(0|1) TURNS LAUNCH_US THREADS");
  }
  const HostLoad load{.session_count = std::stoul(arguments[0]),
                      .turn_s = std::stod(arguments[1]),
                      .partials = std::stoi(arguments[2]) != 0,
                      .turn_count = std::stoul(arguments[3]),
                      .launch_time = std::chrono::microseconds(std::stol(arguments[4])),
                      .thread_count = std::stoi(arguments[5])};
  if (!has_model_workload()) throw std::runtime_error("no default model with its graph, or no dev");
  SearchWorkload work = model_workload();
  work.scores.resize(std::min(work.scores.size(), kPreparedUtterances));
  HostWork(work, load).run();
}

}  // namespace
}  // namespace harpy::bench

int main(int argument_count, char** arguments) {
  try {
    harpy::bench::run_bench(std::span(arguments + 1, arguments + argument_count));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "host_work_bench: error: %s\n", error.what());
    return 1;
  }
  return 0;
}
