#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "frontend/audio/audio_file.hpp"
#include "kaldi/package_cache.hpp"
#include "service/recognizer/model_package.hpp"
#include "tools/python/audio_session.hpp"
#include "tools/python/bindings.hpp"

namespace harpy::tools {

namespace py = pybind11;

namespace {

using Unlocked = py::call_guard<py::gil_scoped_release>;

/// A model and the device that it was loaded for.
struct DeviceModel {
  std::shared_ptr<const ModelPackage> package;
  Device device;
};

std::unique_ptr<DeviceModel> load_model(const std::filesystem::path& path,
                                        const std::string& device, std::optional<float> beam,
                                        std::optional<std::int32_t> max_active) {
  auto model = std::make_unique<DeviceModel>();
  model->device = parse_device(device);
  const auto backend = create_backend({.device = model->device});
  model->package = ModelPackage::load(*backend, kaldi::package_of(path),
                                      {.beam = beam, .max_active = max_active});
  return model;
}

std::shared_ptr<Recognizer> make_recognizer(const DeviceModel& model, int workers) {
  if (workers == 0 && model.device.kind == DeviceKind::kCpu) {
    workers = static_cast<int>(std::thread::hardware_concurrency());
  }
  return std::make_shared<Recognizer>(
      model.package,
      RecognizerOptions{.device = model.device, .worker_count = std::max(workers, 1)});
}

std::unique_ptr<AudioSession> open_session(const std::shared_ptr<Recognizer>& recognizer,
                                           double sample_rate, const py::kwargs& options) {
  SessionOptions session{.sample_rate_hz = sample_rate};
  set_session_options(session, options);
  return std::make_unique<AudioSession>(recognizer, session);
}

std::vector<SessionEvent> transcribe(const std::shared_ptr<Recognizer>& recognizer,
                                     const py::object& audio, double sample_rate,
                                     const py::kwargs& options) {
  SessionOptions session{.sample_rate_hz = sample_rate, .partials = false};
  set_session_options(session, options);
  if (py::isinstance<py::array>(audio)) {
    const SamplesArgument samples(audio);
    std::span<const float> rest = samples.samples();
    const py::gil_scoped_release released;
    AudioSession opened(recognizer, session);
    return recognize_whole(
        opened, [&] { return std::exchange(rest, {}); }, check_signals);
  }
  const auto path = audio.cast<std::filesystem::path>();
  const py::gil_scoped_release released;
  AudioFile file(path);
  MonoReader reader(file);
  session.sample_rate_hz = file.sample_rate_hz();
  AudioSession opened(recognizer, session);
  return recognize_whole(
      opened, [&] { return reader.read(); }, check_signals);
}

SessionEvent next_event(AudioSession& session) {
  std::optional<SessionEvent> event;
  {
    const py::gil_scoped_release released;
    event = session.next(check_signals);
  }
  if (!event) throw py::stop_iteration();
  return *std::move(event);
}

void push_samples(AudioSession& session, const py::object& value) {
  const SamplesArgument argument(value);
  const py::gil_scoped_release released;
  session.push(argument.samples(), check_signals);
}

constexpr const char* kOptionsText =
    "\n\nOptions, by keyword: partials, endpoints, speech_starts, rescoring, confidences,\n"
    "alternatives, lattice, phones, written (what is told); start_max, end_silence, end_max (when\n"
    "utterances end, in seconds); phrase_list, grammar, hot_phrases, new_words, new_word_cost\n"
    "(docs/steering.md). Raises TypeError for an option that there is not, and ValueError for a\n"
    "value that is out of range.";

void bind_model(py::module_& module) {
  py::class_<DeviceModel>(module, "Model",
                          "A model, which any number of recognizers and threads may share.")
      .def(py::init(&load_model), py::arg("path"), py::kw_only(), py::arg("device") = "cpu",
           py::arg("beam") = py::none(), py::arg("max_active") = py::none(), Unlocked(),
           "Loads a model package, or a folder of Vosk's or Kaldi's, which is converted once.\n\n"
           "device is cpu, cuda, cuda:N or auto. beam and max_active replace the model's own. "
           "Raises\n"
           "RuntimeError naming the file that is missing or wrong.")
      .def_property_readonly(
          "name", [](const DeviceModel& self) { return self.package->description().name; },
          "The model's name.")
      .def_property_readonly(
          "language", [](const DeviceModel& self) { return self.package->description().language; },
          "The language, such as \"en\".")
      .def_property_readonly(
          "sample_rate",
          [](const DeviceModel& self) { return self.package->features()->sample_rate_hz(); },
          "The rate in Hz that audio of other rates is changed to.")
      .def(
          "knows",
          [](const DeviceModel& self, const std::string& word) {
            return self.package->graph().words.find(word).has_value();
          },
          py::arg("word"), "Whether a word is in the model's vocabulary.");
}

void bind_session(py::module_& module) {
  py::class_<AudioSession>(
      module, "Session",
      "One stream of audio. Iterating over it gives its events until the last one; `async for`\n"
      "does so in asyncio. One thread may push while another iterates.")
      .def(
          "push", &push_samples, py::arg("samples"),
          "Takes samples: an array of one dimension of float32 in [-1, 1], read where it lies, or\n"
          "of int16. Waits while too much audio is pending. Raises TypeError for other arrays.")
      .def("finish", &AudioSession::finish, Unlocked(),
           "Says that no more samples follow: the last events come, and iterations end.")
      .def("cancel", &AudioSession::cancel, Unlocked(),
           "Forgets what is pending; no events follow.")
      .def("poll", &AudioSession::poll, Unlocked(),
           "The next event, or None if there is none yet. Raises as iterating does.")
      .def_property_readonly("ended", &AudioSession::has_ended,
                             "Whether the last event has been taken.")
      .def("fileno", &AudioSession::descriptor,
           "A file descriptor that can be read when poll may have an event.")
      .def("__iter__", [](const py::object& self) { return self; })
      .def(
          "__next__", &next_event,
          "The next event, for which it waits. Raises RuntimeError if recognition has failed, and\n"
          "ValueError if the session's options were refused.")
      .def(
          "__aiter__",
          [](const py::object& self) {
            return py::module_::import("harpy.events").attr("events_of")(self);
          },
          "The events, for asyncio.");
}

}  // namespace

void bind_recognizer(py::module_& module) {
  bind_model(module);
  bind_session(module);
  py::class_<Recognizer, std::shared_ptr<Recognizer>>(
      module, "Recognizer", "The threads that recognise with a model, which its sessions share.")
      .def(py::init(&make_recognizer), py::arg("model"), py::arg("workers") = 0, Unlocked(),
           "workers: how many threads recognise; 0: one a core. Make it after forking, not before.")
      .def("open", &open_session, py::arg("sample_rate") = 16000.0,
           (std::string("Opens a session for samples of a rate of 4,000 to 192,000 Hz.") +
            kOptionsText)
               .c_str())
      .def("transcribe", &transcribe, py::arg("audio"), py::arg("sample_rate") = 16000.0,
           (std::string("Recognises a whole recording: the path of an audio file, or an array of\n"
                        "samples as Session.push takes it, of the given rate. Returns the finals\n"
                        "with words.") +
            kOptionsText)
               .c_str());
}

}  // namespace harpy::tools
