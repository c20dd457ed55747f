#include "decoder/search/device/batch_beam_search.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/search/make_beam_search.hpp"

namespace harpy::token_passing {

namespace {

/// Arcs that a lane delivers of a block of speech, mostly.
constexpr std::size_t kUsualOutput = 256;

/// One stream of a batch, its scores, and how many of its frames are done.
struct Work {
  DeviceStream* stream = nullptr;
  const float* log_likelihoods = nullptr;
  bool is_on_device = false;
  std::int64_t frame_count = 0;
  std::int64_t frames_done = 0;

  std::int64_t block_frames() const {
    return std::min(kMostBlockFrames, frame_count - frames_done);
  }
  bool is_last_block() const { return frames_done + block_frames() == frame_count; }
};

}  // namespace

/// The lanes of a search with what they share: tasks, scores that come from the host, and output.
class BatchBeamSearch::Lanes {
 public:
  Lanes(std::shared_ptr<const DeviceGraph> graph, const BeamSearchOptions& options,
        std::unique_ptr<LaneRunner> runner, const BatchSearchOptions& batch_options)
      : graph_(std::move(graph)),
        options_(options),
        runner_(std::move(runner)),
        batch_options_(batch_options) {}

  /// Carries out all work, as many streams at once as there are lanes.
  void search(std::vector<Work>& works);

  const LaneRunner& runner() const { return *runner_; }
  Statistics statistics() const;
  /// What lanes, streams and their output begin with.
  RoomSizes first_rooms() const;

 private:
  /// What the tasks of a launch share. It lies before them in the device's memory.
  struct alignas(LaneTask) TaskHeader {
    std::uint32_t output_count = 0;
  };

  void ensure_lanes(std::size_t count);
  /// Puts a block of each lane's work into its task. Lanes without work are left out.
  std::vector<std::size_t> prepare(const std::vector<Work*>& works);
  /// Runs the lanes' tasks to their ends, making room as often as they need.
  void run(std::vector<std::size_t> lanes, const std::vector<DeviceStream*>& streams);
  void launch(const std::vector<std::size_t>& lanes);
  void enlarge(std::size_t lane, DeviceStream& stream);
  void accept_output(const std::vector<std::size_t>& lanes,
                     const std::vector<DeviceStream*>& streams);
  void reset();

  std::shared_ptr<const DeviceGraph> graph_;
  BeamSearchOptions options_;
  std::unique_ptr<LaneRunner> runner_;
  BatchSearchOptions batch_options_;
  std::vector<DeviceLane> lanes_;
  DeviceBuffer<std::byte> tasks_;  ///< a TaskHeader, then a task for each lane
  DeviceBuffer<float> scores_;     ///< [lanes, kMostBlockFrames, pdfs]
  DeviceBuffer<std::uint32_t> output_;
  HostBuffer<std::byte> host_tasks_;
  std::vector<float> host_scores_;
  HostBuffer<std::uint32_t> host_output_;
  std::size_t received_count_ = 0;  ///< arcs of the last launch's output that host_output_ holds
  Statistics statistics_;
};

RoomSizes BatchBeamSearch::Lanes::first_rooms() const {
  RoomSizes rooms = usual_rooms(graph_->host()->view(), options_);
  rooms[Room::kOutput] = static_cast<std::uint32_t>(1024 * batch_options_.lane_count);
  for (std::uint32_t i = 0; i < kRoomCount; ++i) {
    const auto room = static_cast<Room>(i);
    if (batch_options_.first_rooms[room] != 0) rooms[room] = batch_options_.first_rooms[room];
  }
  return rooms;
}

void BatchBeamSearch::Lanes::ensure_lanes(std::size_t count) {
  if (lanes_.size() >= count) return;
  const auto& memory = runner_->memory();
  const RoomSizes rooms = first_rooms();
  if (output_.size() == 0) output_ = {memory, rooms[Room::kOutput]};
  while (lanes_.size() < count) lanes_.emplace_back(memory, graph_->view(), options_, rooms);
  host_output_ = {memory, output_.size()};
  tasks_ = {memory, sizeof(TaskHeader) + count * sizeof(LaneTask)};
  host_tasks_ = {memory, tasks_.size()};
  scores_ = {memory, count * static_cast<std::size_t>(kMostBlockFrames) *
                         static_cast<std::size_t>(graph_->host()->view().pdf_count)};
}

void BatchBeamSearch::Lanes::reset() {
  try {
    runner_->memory()->wait();       // for copies from and to what ends now
  } catch (const std::exception&) {  // The error that led here tells more.
  }
  lanes_.clear();
  tasks_ = {};
  scores_ = {};
  output_ = {};
  host_tasks_ = {};
  host_output_ = {};
}

void BatchBeamSearch::Lanes::search(std::vector<Work>& works) {
  const std::size_t lane_count =
      std::min<std::size_t>(works.size(), std::max(1U, batch_options_.lane_count));
  try {
    ensure_lanes(lane_count);
    std::vector<Work*> running(lane_count);
    std::vector<DeviceStream*> streams(lane_count);
    auto next = works.begin();
    for (;;) {
      for (std::size_t lane = 0; lane < lane_count; ++lane) {
        if (running[lane] == nullptr && next != works.end()) running[lane] = &*next++;
        streams[lane] = running[lane] == nullptr ? nullptr : running[lane]->stream;
      }
      const std::vector<std::size_t> busy = prepare(running);
      if (busy.empty()) return;
      run(busy, streams);
      for (const std::size_t lane : busy) {
        Work& work = *running[lane];
        if (work.is_last_block()) running[lane] = nullptr;
        work.frames_done += work.block_frames();
        if (running[lane] == nullptr) work.stream->leave(lanes_[lane].task, work.frame_count);
      }
    }
  } catch (...) {
    reset();
    throw;
  }
}

std::vector<std::size_t> BatchBeamSearch::Lanes::prepare(const std::vector<Work*>& works) {
  std::vector<std::size_t> busy;
  host_scores_.clear();
  const auto pdf_count = static_cast<std::int64_t>(graph_->host()->view().pdf_count);
  for (std::size_t lane = 0; lane < works.size(); ++lane) {
    if (works[lane] == nullptr) continue;
    busy.push_back(lane);
    const Work& work = *works[lane];
    LaneTask& task = lanes_[lane].task;
    const std::int64_t block_frames = work.block_frames();
    const float* const values = work.log_likelihoods + work.frames_done * pdf_count;
    if (work.is_on_device) {
      task.block.log_likelihoods = values;
    } else {
      task.block.log_likelihoods = scores_.data() + host_scores_.size();
      host_scores_.insert(host_scores_.end(), values, values + block_frames * pdf_count);
    }
    const bool is_loading = work.frames_done == 0;
    if (is_loading) work.stream->enter(task);
    task.block.frame_count = static_cast<std::uint32_t>(block_frames);
    task.block.starts_stream = is_loading && work.stream->frame_count() == 0;
    task.block.frames_done = 0;
    task.stage = is_loading ? LaneStage::kLoad : LaneStage::kSearch;
    task.arena.settled_count = 0;
    task.stores = work.is_last_block();
    task.traces = task.stores;
  }
  if (!host_scores_.empty()) scores_.copy_from_host(host_scores_);
  return busy;
}

void BatchBeamSearch::Lanes::run(std::vector<std::size_t> lanes,
                                 const std::vector<DeviceStream*>& streams) {
  statistics_.block_count += lanes.size();
  for (bool is_first_launch = true;; is_first_launch = false) {
    std::vector<LaneStage> stages(lanes.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) stages[i] = lanes_[lanes[i]].task.stage;
    launch(lanes);
    std::vector<std::size_t> delivered;
    std::vector<std::size_t> unfinished;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const LaneStage stage = lanes_[lanes[i]].task.stage;
      if (stages[i] <= LaneStage::kDeliver && stage > LaneStage::kDeliver) {
        delivered.push_back(lanes[i]);
      }
      if (stage != LaneStage::kDone) unfinished.push_back(lanes[i]);
    }
    accept_output(delivered, streams);
    if (unfinished.empty()) return;
    if (is_first_launch) statistics_.stopped_block_count += unfinished.size();
    for (const std::size_t lane : unfinished) enlarge(lane, *streams[lane]);
    lanes = std::move(unfinished);
  }
}

void BatchBeamSearch::Lanes::launch(const std::vector<std::size_t>& lanes) {
  auto* const header = reinterpret_cast<TaskHeader*>(tasks_.data());
  const TaskHeader empty;
  std::memcpy(host_tasks_.data(), &empty, sizeof empty);
  const auto host_task = [&](std::size_t i) {
    return host_tasks_.data() + sizeof(TaskHeader) + i * sizeof(LaneTask);
  };
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    LaneTask& task = lanes_[lanes[i]].task;
    task.output = output_.data();
    task.output_count = &header->output_count;
    task.arena.capacity[Room::kOutput] = static_cast<std::uint32_t>(output_.size());
    task.arena.near_frame_count = 0;
    task.arena.retried_frame_count = 0;
    std::memcpy(host_task(i), &task, sizeof task);
  }
  DeviceMemory& memory = *runner_->memory();
  const std::size_t size = sizeof(TaskHeader) + lanes.size() * sizeof(LaneTask);
  memory.send(tasks_.data(), host_tasks_.data(), size);
  runner_->run(reinterpret_cast<LaneTask*>(tasks_.data() + sizeof(TaskHeader)),
               static_cast<std::uint32_t>(lanes.size()));
  memory.receive(host_tasks_.data(), tasks_.data(), size);
  // As many arcs as lanes mostly deliver come with the tasks, so that there is one wait.
  received_count_ = std::min(host_output_.size(), lanes.size() * kUsualOutput);
  memory.receive(host_output_.data(), output_.data(), received_count_ * sizeof(std::uint32_t));
  memory.wait();
  ++statistics_.launch_count;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    LaneTask& task = lanes_[lanes[i]].task;
    std::memcpy(&task, host_task(i), sizeof task);
    statistics_.near_frame_count += task.arena.near_frame_count;
    statistics_.retried_frame_count += task.arena.retried_frame_count;
  }
}

void BatchBeamSearch::Lanes::accept_output(const std::vector<std::size_t>& lanes,
                                           const std::vector<DeviceStream*>& streams) {
  std::size_t end = 0;
  for (const std::size_t lane : lanes) {
    const LaneTask& task = lanes_[lane].task;
    end = std::max<std::size_t>(end, task.output_begin + delivered_count(task));
  }
  if (end > host_output_.size()) {
    host_output_ = {runner_->memory(), output_.size()};
    received_count_ = 0;
  }
  if (end > received_count_) {
    DeviceMemory& memory = *runner_->memory();
    memory.receive(host_output_.data() + received_count_, output_.data() + received_count_,
                   (end - received_count_) * sizeof(std::uint32_t));
    memory.wait();
  }
  for (const std::size_t lane : lanes) {
    streams[lane]->accept_arcs(lanes_[lane].task, {host_output_.data(), end});
  }
}

void BatchBeamSearch::Lanes::enlarge(std::size_t lane, DeviceStream& stream) {
  LaneTask& task = lanes_[lane].task;
  const RoomSizes needs = task.arena.needs;
  for (std::uint32_t i = 0; i < kRoomCount; ++i) {
    const auto room = static_cast<Room>(i);
    statistics_.enlarged_counts[room] += needs[room] != 0 ? 1 : 0;
  }
  lanes_[lane].make_room(needs);
  stream.make_room(task);
  if (needs[Room::kOutput] > output_.size()) {
    output_ = {runner_->memory(), std::max<std::size_t>(needs[Room::kOutput], 2 * output_.size())};
  }
}

BatchBeamSearch::Statistics BatchBeamSearch::Lanes::statistics() const {
  Statistics statistics = statistics_;
  for (const DeviceLane& lane : lanes_) statistics.lane_bytes += lane.size_bytes();
  return statistics;
}

BatchBeamSearch::BatchBeamSearch(std::shared_ptr<const DeviceGraph> graph,
                                 const BeamSearchOptions& options,
                                 std::unique_ptr<LaneRunner> runner,
                                 const BatchSearchOptions& batch_options)
    : graph_(std::move(graph)), options_(options) {
  check_options(options);
  lanes_ = std::make_unique<Lanes>(graph_, options, std::move(runner), batch_options);
}

BatchBeamSearch::~BatchBeamSearch() = default;

template <typename Resting, typename Stream>
Resting& BatchBeamSearch::checked(Stream& stream) const {
  auto* const resting = dynamic_cast<Resting*>(&stream);
  if (resting == nullptr || &resting->search_graph() != graph_.get()) {
    throw std::invalid_argument(
        "BeamSearch: expected a stream that a search of this device over this graph opened");
  }
  return *resting;
}

std::unique_ptr<SearchStream> BatchBeamSearch::open(const StreamSteering& steering) {
  const StreamSteering host = checked_steering(steering, *graph_->host());
  const auto& memory = lanes_->runner().memory();
  DeviceSteering device{.graph = graph_};
  if (host.graph) device.graph = stream_graphs_.copy_of(host.graph, memory);
  if (host.phrases) device.phrases = stream_phrases_.copy_of(host.phrases, memory);
  if (host.added_words) device.added_words = stream_words_.copy_of(host.added_words, memory);
  return std::make_unique<DeviceStream>(graph_, std::move(device),
                                        host.keep_lattice.value_or(options_.keep_lattice),
                                        lanes_->first_rooms());
}

void BatchBeamSearch::advance(std::span<const SearchInput> batch) {
  check_batch(batch, *graph_->host());
  std::vector<Work> works;
  bool is_on_device = false;
  for (const SearchInput& input : batch) {
    auto& stream = checked<DeviceStream>(*input.stream);
    const float* const values = input.log_likelihoods.data;
    if (input.log_likelihoods.rows() == 0) continue;
    if (works.empty()) is_on_device = lanes_->runner().can_read(values);
    works.push_back({&stream, values, is_on_device, input.log_likelihoods.rows()});
  }
  if (!works.empty()) lanes_->search(works);
}

std::span<const PathStep> BatchBeamSearch::decided_steps(SearchStream& stream) {
  return checked<DeviceStream>(stream).decided_steps();
}

BestPath BatchBeamSearch::best_end(SearchStream& stream, bool final) {
  return checked<DeviceStream>(stream).best_end(final);
}

Lattice BatchBeamSearch::lattice(const SearchStream& stream) const {
  const auto& resting = checked<const DeviceStream>(stream);
  check_keeps_lattice(resting.keeps_lattice());
  return resting.lattice(options_.lattice_beam);
}

BatchBeamSearch::Statistics BatchBeamSearch::statistics() const { return lanes_->statistics(); }

}  // namespace harpy::token_passing

namespace harpy {

std::unique_ptr<BeamSearch> make_device_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                    const BeamSearchOptions& options,
                                                    Backend& backend, LaneForm form) {
  auto runner = token_passing::make_lane_runner(backend, form);
  // More lanes than the device carries out at once: it begins a waiting one as soon as another has
  // ended, so that a batch takes as long as its lanes do on average, not as their slowest each
  // time.
  constexpr std::uint32_t kLanesWaiting = 3;  // for each that is carried out
  const std::uint32_t lane_count = (1 + kLanesWaiting) * runner->lane_count();
  auto device_graph = std::make_shared<const DeviceGraph>(std::move(graph), runner->memory());
  return std::make_unique<token_passing::BatchBeamSearch>(
      std::move(device_graph), options, std::move(runner),
      token_passing::BatchSearchOptions{.lane_count = lane_count});
}

}  // namespace harpy
