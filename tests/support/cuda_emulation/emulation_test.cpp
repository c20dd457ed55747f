// Faults planted into small programs, each of which the emulation must find, and the same programs
// without the fault.
#include "tests/support/cuda_emulation/emulation.hpp"

#include <cuda_runtime.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <thread>
#include <vector>

namespace harpy::cuda_emulation {
namespace {

constexpr unsigned kThreads = 64;
constexpr std::size_t kValues = 64;
constexpr std::size_t kBytes = kValues * sizeof(int);

/// A stream, device memory and pinned memory for some numbers.
class CudaEmulation : public ::testing::Test {
 protected:
  CudaEmulation() {
    cudaSetDevice(0);
    cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking);
    const cudaMemPoolProps properties{
        cudaMemAllocationTypePinned, cudaMemHandleTypeNone, {cudaMemLocationTypeDevice, 0}};
    cudaMemPoolCreate(&pool_, &properties);
    on_device_ = allocate();
    void* pinned = nullptr;
    cudaHostAlloc(&pinned, kBytes, cudaHostAllocDefault);
    pinned_ = static_cast<int*>(pinned);
    std::iota(pinned_, pinned_ + kValues, 0);
  }
  ~CudaEmulation() override {
    mend_device();
    cudaFreeAsync(on_device_, stream_);
    cudaStreamDestroy(stream_);
    cudaFreeHost(pinned_);
    cudaMemPoolDestroy(pool_);
    take_fault();
    cudaGetLastError();
  }
  CudaEmulation(const CudaEmulation&) = delete;
  CudaEmulation& operator=(const CudaEmulation&) = delete;

  int* allocate() {
    void* data = nullptr;
    EXPECT_EQ(cudaMallocFromPoolAsync(&data, kBytes, pool_, stream_), cudaSuccess);
    return static_cast<int*>(data);
  }

  cudaError_t send() {
    return cudaMemcpyAsync(on_device_, pinned_, kBytes, cudaMemcpyHostToDevice, stream_);
  }

  std::vector<int> received() {
    std::vector<int> values(kValues);
    EXPECT_EQ(cudaMemcpyAsync(values.data(), on_device_, kBytes, cudaMemcpyDeviceToHost, stream_),
              cudaSuccess);
    return values;
  }

  template <typename Kernel, typename... Arguments>
  cudaError_t launch_one(Kernel kernel, Arguments... arguments) {
    const cudaLaunchConfig_t config{.gridDim = blocks_,
                                    .blockDim = kThreads,
                                    .dynamicSmemBytes = shared_bytes_,
                                    .stream = stream_};
    return cudaLaunchKernelEx(&config, kernel, arguments...);
  }

  /// Launches a kernel and waits for it.
  template <typename Kernel, typename... Arguments>
  cudaError_t run(Kernel kernel, Arguments... arguments) {
    const cudaError_t status = launch_one(kernel, arguments...);
    return status == cudaSuccess ? cudaStreamSynchronize(stream_) : status;
  }

  cudaStream_t stream_ = nullptr;
  cudaMemPool_t pool_ = nullptr;
  int* on_device_ = nullptr;
  int* pinned_ = nullptr;
  unsigned blocks_ = 1;
  std::size_t shared_bytes_ = 0;
};

std::vector<int> numbers_from(int first) {
  std::vector<int> values(kValues);
  std::iota(values.begin(), values.end(), first);
  return values;
}

__global__ void add_one(int* values) { ++values[threadIdx.x]; }

TEST_F(CudaEmulation, CarriesOutStepsInTheirOrder) {
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(launch_one(add_one, on_device_), cudaSuccess);
  EXPECT_EQ(launch_one(add_one, on_device_), cudaSuccess);
  EXPECT_EQ(received(), numbers_from(2));
}

TEST_F(CudaEmulation, ReadsPinnedMemoryAsLateAsItMay) {
  EXPECT_EQ(send(), cudaSuccess);
  pinned_[3] = 33;  // too early
  EXPECT_EQ(received()[3], 33);
}

TEST_F(CudaEmulation, HasReadPinnedMemoryOnceTheEventBehindTheCopyHasCome) {
  cudaEvent_t event = nullptr;
  EXPECT_EQ(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(event, stream_), cudaSuccess);
  EXPECT_EQ(launch_one(add_one, on_device_), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(event), cudaSuccess);
  pinned_[3] = 33;
  EXPECT_EQ(received(), numbers_from(1));
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
}

TEST_F(CudaEmulation, HasReadPageableMemoryAtOnce) {
  std::vector<int> values = numbers_from(5);
  EXPECT_EQ(cudaMemcpyAsync(on_device_, values.data(), kBytes, cudaMemcpyHostToDevice, stream_),
            cudaSuccess);
  values.assign(kValues, 0);
  EXPECT_EQ(received(), numbers_from(5));
}

TEST_F(CudaEmulation, WritesPinnedMemoryWhenItIsWaitedFor) {
  const std::vector<int> values = numbers_from(5);
  EXPECT_EQ(cudaMemcpyAsync(on_device_, values.data(), kBytes, cudaMemcpyHostToDevice, stream_),
            cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(pinned_, on_device_, kBytes, cudaMemcpyDeviceToHost, stream_),
            cudaSuccess);
  EXPECT_EQ(pinned_[0], 0);  // too early
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaSuccess);
  EXPECT_EQ(pinned_[0], 5);
}

TEST_F(CudaEmulation, LetsAnotherStreamSeeNothingThatIsNotWaitedFor) {
  EXPECT_EQ(send(), cudaSuccess);
  cudaStream_t other = nullptr;
  EXPECT_EQ(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), cudaSuccess);
  int value = 0;
  const auto look = [&] {
    return cudaMemcpyAsync(&value, on_device_ + 3, sizeof(int), cudaMemcpyDeviceToHost, other);
  };
  EXPECT_EQ(look(), cudaSuccess);
  EXPECT_NE(value, 3);
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaSuccess);
  EXPECT_EQ(look(), cudaSuccess);
  EXPECT_EQ(value, 3);
  EXPECT_EQ(cudaStreamDestroy(other), cudaSuccess);
}

__global__ void turn_around(int* values) {
  __shared__ int copies[kThreads];
  copies[threadIdx.x] = values[threadIdx.x];
  __syncthreads();
  values[threadIdx.x] = copies[kThreads - 1 - threadIdx.x];
}

TEST_F(CudaEmulation, ABarrierHoldsAllThreadsUp) {
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(launch_one(turn_around, on_device_), cudaSuccess);
  EXPECT_EQ(launch_one(turn_around, on_device_), cudaSuccess);
  EXPECT_EQ(launch_one(turn_around, on_device_), cudaSuccess);
  const std::vector<int> upwards = numbers_from(0);
  EXPECT_EQ(received(), std::vector<int>(upwards.rbegin(), upwards.rend()));
}

__global__ void leave_before_the_barrier(int* /*values*/) {
  if (threadIdx.x == 5) return;
  __syncthreads();
}

TEST_F(CudaEmulation, FindsABarrierThatAThreadNeverReaches) {
  EXPECT_EQ(run(leave_before_the_barrier, on_device_), cudaErrorLaunchFailure);
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("thread (5, 0, 0) of block (0, 0, 0) has ended"));
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorLaunchFailure);  // for good
}

__global__ void part_at_a_barrier(int* values) {
  if (values[threadIdx.x] < 10) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

TEST_F(CudaEmulation, FindsThreadsAtDifferentBarriers) {
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(run(part_at_a_barrier, on_device_), cudaErrorLaunchFailure);
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("thread (10, 0, 0)"));
}

constexpr unsigned kAllLanes = 0xFFFFFFFFU;

__global__ void add_up_warps(int* values) {
  int sum = values[threadIdx.x];
  for (unsigned distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_xor_sync(kAllLanes, sum, distance);
  }
  values[threadIdx.x] = sum;
}

TEST_F(CudaEmulation, ExchangesValuesWithinWarps) {
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(launch_one(add_up_warps, on_device_), cudaSuccess);
  std::vector<int> expected(32, 31 * 32 / 2);
  expected.resize(kValues, 31 * 32 / 2 + 32 * 32);
  EXPECT_EQ(received(), expected);
}

__global__ void exchange_without_a_lane(int* values) {
  if (threadIdx.x != 7) values[threadIdx.x] = __shfl_xor_sync(kAllLanes, 1, 1);
}

TEST_F(CudaEmulation, FindsALaneThatAnExchangeWaitsForInVain) {
  EXPECT_EQ(run(exchange_without_a_lane, on_device_), cudaErrorLaunchFailure);
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("thread (7, 0, 0)"));
}

__global__ void exchange_with_a_stranger(int* values) {
  if (threadIdx.x < 16) values[threadIdx.x] = __shfl_xor_sync(0xFFFFU, 1, 16);
}

TEST_F(CudaEmulation, FindsAnExchangeWithALaneThatTakesNoPart) {
  EXPECT_EQ(run(exchange_with_a_stranger, on_device_), cudaErrorLaunchFailure);
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("does not take part"));
}

__global__ void count_threads(int* values) {
  atomicAdd(values, 1);
  atomicMin(values + 1, -static_cast<int>(threadIdx.x));
}

TEST_F(CudaEmulation, AtomicOperationsLoseNothing) {
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(launch_one(count_threads, on_device_), cudaSuccess);
  const std::vector<int> values = received();
  EXPECT_EQ(values[0], static_cast<int>(kThreads));
  EXPECT_EQ(values[1], -static_cast<int>(kThreads - 1));
}

__global__ void use_shared_memory(int* values) {
  reinterpret_cast<int*>(dynamic_shared_memory())[threadIdx.x] = 1;
  values[threadIdx.x] = 1;
}

TEST_F(CudaEmulation, RefusesMoreSharedMemoryThanAKernelMayHave) {
  shared_bytes_ = std::size_t{48} << 10;
  EXPECT_EQ(run(use_shared_memory, on_device_), cudaSuccess);
  shared_bytes_ += 4;
  EXPECT_EQ(run(use_shared_memory, on_device_), cudaErrorInvalidValue);
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("49156 bytes of shared memory, of 49152"));
  const auto allow = [](std::size_t bytes) {
    return cudaFuncSetAttribute(use_shared_memory, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                static_cast<int>(bytes));
  };
  EXPECT_EQ(allow(shared_bytes_), cudaSuccess);
  EXPECT_EQ(run(use_shared_memory, on_device_), cudaSuccess);
  EXPECT_EQ(allow(kMostSharedBytes), cudaErrorInvalidValue);  // some of it is the kernel's own
}

TEST_F(CudaEmulation, RefusesLaunchesOfNoAndOfTooManyThreads) {
  for (const unsigned threads : {0U, 1025U}) {
    const cudaLaunchConfig_t config{
        .gridDim = 1, .blockDim = threads, .dynamicSmemBytes = 0, .stream = stream_};
    EXPECT_EQ(cudaLaunchKernelEx(&config, add_one, on_device_), cudaErrorInvalidConfiguration);
  }
}

TEST_F(CudaEmulation, ReplaysWhatItHasRecordedWithWhatStandsThereThen) {
  EXPECT_EQ(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  int* const temporary = allocate();
  EXPECT_EQ(cudaMemcpyAsync(temporary, on_device_, kBytes, cudaMemcpyDeviceToDevice, stream_),
            cudaSuccess);
  EXPECT_EQ(launch_one(add_one, temporary), cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(on_device_, temporary, kBytes, cudaMemcpyDeviceToDevice, stream_),
            cudaSuccess);
  EXPECT_EQ(cudaFreeAsync(temporary, stream_), cudaSuccess);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaSuccess);
  cudaGraphExec_t executable = nullptr;
  EXPECT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
  EXPECT_EQ(send(), cudaSuccess);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(cudaGraphLaunch(executable, stream_), cudaSuccess);
    EXPECT_EQ(received(), numbers_from(i));
  }
  EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
}

/// Calls that may not be made between the beginning and the end of a capture.
class CudaEmulationCapture : public CudaEmulation {
 protected:
  CudaEmulationCapture() {
    EXPECT_EQ(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  }
  /// Expects that the capture ends without a graph.
  void expect_spoilt(const std::string& fault) {
    EXPECT_THAT(take_fault(), ::testing::HasSubstr(fault));
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(graph, nullptr);
    EXPECT_EQ(run(add_one, on_device_), cudaSuccess);  // the stream goes on
  }
};

TEST_F(CudaEmulationCapture, FindsAWait) {
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorStreamCaptureUnsupported);
  expect_spoilt("a wait");
}

TEST_F(CudaEmulationCapture, FindsALaunchOutsideOfIt) {
  cudaStream_t other = nullptr;
  EXPECT_EQ(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), cudaSuccess);
  const cudaLaunchConfig_t config{
      .gridDim = 1, .blockDim = kThreads, .dynamicSmemBytes = 0, .stream = other};
  EXPECT_EQ(cudaLaunchKernelEx(&config, add_one, on_device_), cudaErrorStreamCaptureUnsupported);
  expect_spoilt("outside of the capture");
  EXPECT_EQ(cudaStreamDestroy(other), cudaSuccess);
}

TEST_F(CudaEmulationCapture, FindsMemoryFromOutsideThatAnyThreadFrees) {
  int* const data = on_device_;
  std::thread([&] {
    cudaSetDevice(0);
    EXPECT_EQ(cudaFreeAsync(data, stream_), cudaErrorInvalidValue);
  }).join();
  expect_spoilt("from outside");
}

TEST_F(CudaEmulationCapture, FindsHostMemoryThatIsAllocated) {
  void* data = nullptr;
  EXPECT_EQ(cudaHostAlloc(&data, 4, cudaHostAllocDefault), cudaErrorStreamCaptureUnsupported);
  expect_spoilt("host memory");
}

TEST_F(CudaEmulation, FailsAllocationsOnDemandAndWhenMemoryIsFull) {
  fail_allocation_after(1);
  int* const first = allocate();
  void* data = nullptr;
  EXPECT_EQ(cudaMallocFromPoolAsync(&data, kBytes, pool_, stream_), cudaErrorMemoryAllocation);
  int* const second = allocate();
  EXPECT_EQ(cudaMallocFromPoolAsync(&data, kMemoryBytes, pool_, stream_),
            cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaFreeAsync(first, stream_), cudaSuccess);
  EXPECT_EQ(cudaFreeAsync(second, stream_), cudaSuccess);
  EXPECT_EQ(cudaFreeAsync(second, stream_), cudaErrorInvalidValue);  // twice
}

TEST_F(CudaEmulation, ABrokenDeviceFailsEveryCallUntilItIsMended) {
  break_device(cudaErrorIllegalAddress);
  EXPECT_EQ(send(), cudaErrorIllegalAddress);
  EXPECT_EQ(launch_one(add_one, on_device_), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
  mend_device();
  EXPECT_EQ(send(), cudaSuccess);
  EXPECT_EQ(received(), numbers_from(0));
}

TEST_F(CudaEmulation, FindsAThreadThatHasChosenNoDevice) {
  std::thread([&] { EXPECT_EQ(send(), cudaErrorInvalidDevice); }).join();
  EXPECT_THAT(take_fault(), ::testing::HasSubstr("no device"));
}

TEST_F(CudaEmulation, RefusesCopiesBeyondTheDevicesMemory) {
  std::array<int, 1> value{};
  EXPECT_EQ(cudaMemcpyAsync(on_device_ + kValues, value.data(), sizeof(int), cudaMemcpyHostToDevice,
                            stream_),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemcpyAsync(value.data(), pinned_, sizeof(int), cudaMemcpyDeviceToHost, stream_),
            cudaErrorInvalidValue);
}

#ifdef __SANITIZE_ADDRESS__
// What AddressSanitizer finds of it.

using CudaEmulationDeathTest = CudaEmulation;

TEST_F(CudaEmulationDeathTest, FindsACopyFromHostMemoryThatIsFreedTooEarly) {
  EXPECT_DEATH(
      {
        void* early = nullptr;
        cudaHostAlloc(&early, kBytes, cudaHostAllocDefault);
        cudaMemcpyAsync(on_device_, early, kBytes, cudaMemcpyHostToDevice, stream_);
        cudaFreeHost(early);
        cudaStreamSynchronize(stream_);
      },
      "heap-use-after-free");
}

TEST_F(CudaEmulationDeathTest, FindsMemoryThatIsFreedBeforeAKernelOfAnotherStreamUsesIt) {
  EXPECT_DEATH(
      {
        launch_one(add_one, on_device_);
        cudaStream_t other = nullptr;
        cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
        cudaFreeAsync(on_device_, other);
        cudaStreamSynchronize(other);
        cudaStreamSynchronize(stream_);
      },
      "heap-use-after-free");
}

TEST_F(CudaEmulationDeathTest, FindsAKernelThatWritesBehindAnArray) {
  EXPECT_DEATH(run(add_one, on_device_ + 1), "heap-buffer-overflow");
}

TEST_F(CudaEmulationDeathTest, FindsAKernelThatWritesBehindItsSharedMemory) {
  shared_bytes_ = kBytes - 4;
  EXPECT_DEATH(run(use_shared_memory, on_device_), "use-after-poison");
}

TEST_F(CudaEmulationDeathTest, FindsAGraphsMemoryThatIsUsedOutsideOfIt) {
  EXPECT_EQ(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  int* const temporary = allocate();
  EXPECT_EQ(cudaFreeAsync(temporary, stream_), cudaSuccess);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaSuccess);
  EXPECT_DEATH(run(add_one, temporary), "use-after-poison");
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
}
#endif

#ifdef __SANITIZE_THREAD__
/// What ThreadSanitizer finds, of which it tells at once and by the code with which a program ends.
class CudaEmulationRaceDeathTest : public CudaEmulation {
 protected:
  template <typename Kernel>
  void expect_race(Kernel kernel) {
    EXPECT_EXIT(
        {
          run(kernel, on_device_);
          std::exit(0);
        },
        ::testing::ExitedWithCode(66), "data race");
  }
};

__global__ void count_threads_without_atomics(int* values) { ++values[0]; }

TEST_F(CudaEmulationRaceDeathTest, FindsASumThatThreadsRaceFor) {
  expect_race(count_threads_without_atomics);
}

__global__ void turn_around_without_a_barrier(int* values) {
  __shared__ int copies[kThreads];
  copies[threadIdx.x] = values[threadIdx.x];
  values[threadIdx.x] = copies[kThreads - 1 - threadIdx.x];
}

TEST_F(CudaEmulationRaceDeathTest, FindsABarrierThatIsMissing) {
  expect_race(turn_around_without_a_barrier);
}

__global__ void write_in_each_block(int* values) {
  values[threadIdx.x] = static_cast<int>(blockIdx.x);
}

TEST_F(CudaEmulationRaceDeathTest, FindsBlocksThatWriteToOnePlace) {
  blocks_ = 2;
  expect_race(write_in_each_block);
}
#endif

}  // namespace
}  // namespace harpy::cuda_emulation
