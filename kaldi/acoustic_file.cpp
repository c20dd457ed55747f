#include "kaldi/acoustic_file.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kaldi/nnet3/nnet.hpp"

namespace harpy::kaldi {

namespace {

EvaluatedNnet evaluate_of_file(const std::filesystem::path& path, const Nnet& nnet,
                               const std::vector<double>& log_priors) {
  try {
    return evaluate(nnet, log_priors);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

}  // namespace

AcousticFile read_acoustic_file(const std::filesystem::path& path) {
  ObjectReader reader(path);
  TransitionModel transitions = read_transition_model(reader);
  const Nnet nnet = read_nnet(reader);
  reader.expect("<LeftContext>");
  reader.integer();
  reader.expect("<RightContext>");
  reader.integer();
  reader.expect("<Priors>");
  std::vector<double> log_priors = reader.vector<double>();
  for (double& prior : log_priors) {
    if (!(prior > 0.0)) throw reader.failure("a prior that is not above 0");
    prior = std::log(prior);
  }
  EvaluatedNnet evaluated = evaluate_of_file(path, nnet, log_priors);
  const std::int64_t output_count = evaluated.steps.at(evaluated.output).dim;
  if (output_count < transitions.pdf_count) {
    throw std::runtime_error(path.string() + ": the network has " + std::to_string(output_count) +
                             " outputs, the transition model " +
                             std::to_string(transitions.pdf_count) + " pdfs");
  }
  return {std::move(transitions), std::move(evaluated)};
}

EvaluatedNnet read_network_file(const std::filesystem::path& path) {
  ObjectReader reader(path);
  return evaluate_of_file(path, read_nnet(reader), {});
}

}  // namespace harpy::kaldi
