// Prints what is said in a recording: hear MODEL RECORDING. The model is a package of Harpy's or a
// folder of Vosk's.
#include <iostream>
#include <memory>
#include <stdexcept>

#include "frontend/audio/audio_file.hpp"
#include "kaldi/package_cache.hpp"
#include "service/recognizer/event_queue.hpp"
#include "service/recognizer/recognizer.hpp"

int main(int argc, char** argv) try {
  if (argc != 3) throw std::invalid_argument("usage: hear MODEL RECORDING");
  const auto backend = harpy::create_backend({});
  harpy::Recognizer recognizer(
      harpy::ModelPackage::load(*backend, harpy::kaldi::package_of(argv[1])), {});
  harpy::AudioFile recording(argv[2]);
  harpy::MonoReader samples(recording);

  // Events come on a thread of the recognizer's; the queue keeps them for this one.
  const auto events = std::make_shared<harpy::EventQueue>();
  const auto take_event = [&] {
    const harpy::SessionEvent event = events->take();
    if (event.kind == harpy::EventKind::kError) throw std::runtime_error(event.error);
    if (event.kind == harpy::EventKind::kFinal) std::cout << event.text() << "\n";
    return event.kind;
  };
  const auto session =
      recognizer.open({.sample_rate_hz = static_cast<double>(recording.sample_rate_hz())},
                      [events](const harpy::SessionEvent& event) { events->put(event); });
  for (auto piece = samples.read(8000); !piece.empty(); piece = samples.read(8000)) {
    while (session->push(piece) == harpy::PushResult::kFull) {
      while (take_event() != harpy::EventKind::kRoom) continue;
    }
  }
  session->finish();
  while (take_event() != harpy::EventKind::kEnd) continue;
} catch (const std::exception& error) {
  std::cerr << "hear: " << error.what() << "\n";
  return 1;
}
