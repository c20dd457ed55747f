#include "kaldi/transition_model.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace harpy::kaldi {

namespace {

/// A state of a topology: where its transitions lead.
using TopologyState = std::vector<std::int32_t>;
using TopologyEntry = std::vector<TopologyState>;

struct HmmTopology {
  std::vector<std::int32_t> entry_of_phone;  ///< -1: no such phone
  std::vector<TopologyEntry> entries;
};

constexpr std::int32_t kMostPhones = 1 << 20;

TopologyEntry read_binary_entry(ObjectReader& reader, bool has_self_loop_classes) {
  TopologyEntry entry;
  const std::int32_t state_count = reader.count();
  for (std::int32_t state = 0; state < state_count; ++state) {
    reader.integer();  // the class of the forward pdf
    if (has_self_loop_classes) reader.integer();
    TopologyState& targets = entry.emplace_back();
    const std::int32_t transition_count = reader.count();
    for (std::int32_t i = 0; i < transition_count; ++i) {
      targets.push_back(reader.integer());
      reader.number();
    }
  }
  return entry;
}

HmmTopology read_binary_topology(ObjectReader& reader) {
  HmmTopology topology;
  reader.integers();  // the phones
  topology.entry_of_phone = reader.integers();
  std::int32_t entry_count = reader.integer();
  const bool has_self_loop_classes = entry_count == -1;
  if (has_self_loop_classes) entry_count = reader.count();
  for (std::int32_t i = 0; i < entry_count; ++i) {
    topology.entries.push_back(read_binary_entry(reader, has_self_loop_classes));
  }
  return topology;
}

TopologyEntry read_text_entry(ObjectReader& reader) {
  TopologyEntry entry;
  while (reader.take("<State>")) {
    reader.integer();
    TopologyState& targets = entry.emplace_back();
    while (!reader.take("</State>")) {
      if (reader.take("<Transition>")) {
        targets.push_back(reader.integer());
        reader.number();
      } else if (reader.take("<PdfClass>") || reader.take("<ForwardPdfClass>") ||
                 reader.take("<SelfLoopPdfClass>")) {
        reader.integer();
      } else {
        reader.expect("<Transition>");
      }
    }
  }
  reader.expect("</TopologyEntry>");
  return entry;
}

HmmTopology read_text_topology(ObjectReader& reader) {
  HmmTopology topology;
  while (reader.take("<TopologyEntry>")) {
    reader.expect("<ForPhones>");
    while (!reader.take("</ForPhones>")) {
      const std::int32_t phone = reader.count();
      if (phone > kMostPhones) throw reader.failure("phone " + std::to_string(phone));
      const auto index = static_cast<std::size_t>(phone);
      if (index >= topology.entry_of_phone.size()) topology.entry_of_phone.resize(index + 1, -1);
      topology.entry_of_phone[index] = static_cast<std::int32_t>(topology.entries.size());
    }
    topology.entries.push_back(read_text_entry(reader));
  }
  return topology;
}

/// The state of the topology that an entry of the table of transition states names.
const TopologyState& find_state(const ObjectReader& reader, const HmmTopology& topology,
                                std::int32_t phone, std::int32_t state) {
  if (phone > 0 && static_cast<std::size_t>(phone) < topology.entry_of_phone.size()) {
    const std::int32_t entry = topology.entry_of_phone[static_cast<std::size_t>(phone)];
    if (entry >= 0 && static_cast<std::size_t>(entry) < topology.entries.size()) {
      const TopologyEntry& states = topology.entries[static_cast<std::size_t>(entry)];
      if (state >= 0 && static_cast<std::size_t>(state) < states.size()) {
        return states[static_cast<std::size_t>(state)];
      }
    }
  }
  throw reader.failure("phone " + std::to_string(phone) + " has no state " + std::to_string(state));
}

}  // namespace

TransitionModel read_transition_model(ObjectReader& reader) {
  reader.expect("<TransitionModel>");
  reader.expect("<Topology>");
  const HmmTopology topology =
      reader.is_binary() ? read_binary_topology(reader) : read_text_topology(reader);
  reader.expect("</Topology>");
  const bool has_self_loop_pdfs = reader.take("<Tuples>");
  if (!has_self_loop_pdfs) reader.expect("<Triples>");
  TransitionModel model;
  const std::int32_t state_count = reader.count();
  for (std::int32_t i = 0; i < state_count; ++i) {
    const std::int32_t phone = reader.integer();
    const std::int32_t state = reader.integer();
    const std::int32_t forward_pdf = reader.count();
    const std::int32_t self_loop_pdf = has_self_loop_pdfs ? reader.count() : forward_pdf;
    model.pdf_count = std::max({model.pdf_count, forward_pdf + 1, self_loop_pdf + 1});
    const TopologyState& targets = find_state(reader, topology, phone, state);
    if (model.transitions.size() + targets.size() > reader.bytes_left()) {
      throw reader.failure("more transitions than the file has probabilities");
    }
    const auto loop = std::ranges::find(targets, state);
    const std::int32_t self_loop = loop == targets.end()
                                       ? 0
                                       : static_cast<std::int32_t>(model.transitions.size()) +
                                             static_cast<std::int32_t>(loop - targets.begin()) + 1;
    for (const std::int32_t target : targets) {
      const bool is_self_loop = target == state;
      model.transitions.push_back({.phone = phone,
                                   .pdf = is_self_loop ? self_loop_pdf : forward_pdf,
                                   .is_self_loop = is_self_loop,
                                   .begins_phone = state == 0 && !is_self_loop,
                                   .self_loop = self_loop});
    }
  }
  reader.expect(has_self_loop_pdfs ? "</Tuples>" : "</Triples>");
  reader.expect("<LogProbs>");
  const std::vector<float> log_probabilities = reader.vector<float>();
  if (log_probabilities.size() != model.transitions.size() + 1) {
    throw reader.failure(std::to_string(log_probabilities.size()) + " probabilities for " +
                         std::to_string(model.transitions.size()) + " transitions");
  }
  reader.expect("</LogProbs>");
  reader.expect("</TransitionModel>");
  return model;
}

}  // namespace harpy::kaldi
