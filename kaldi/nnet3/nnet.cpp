#include "kaldi/nnet3/nnet.hpp"

#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "models/files/text_fields.hpp"

namespace harpy::kaldi {

namespace {

/// A line of the configuration: "component-node name=a component=b input=Append(c, d)".
class ConfigLine {
 public:
  ConfigLine(const ObjectReader& reader, std::string_view line) : reader_(reader), line_(line) {
    std::string_view rest = line;
    kind_ = take_word(rest);
    while (!(rest = trim(rest)).empty()) take_field(rest);
  }

  std::string_view kind() const { return kind_; }

  std::string text(std::string_view name) const {
    const auto found = fields_.find(name);
    if (found == fields_.end()) fail("no " + std::string(name));
    return found->second;
  }
  std::int64_t number(std::string_view name) const {
    const std::optional<std::int32_t> value = parse_int32(text(name));
    if (!value || *value < 0) fail(std::string(name) + " is no size");
    return *value;
  }
  Descriptor descriptor(std::string_view name) const {
    try {
      return parse_descriptor(text(name));
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw reader_.failure("the line \"" + std::string(line_.substr(0, 120)) +
                          "\" of the network: " + what);
  }

 private:
  /// A value goes on to the name of the next field, so that it may hold blanks.
  void take_field(std::string_view& rest) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) fail("expected NAME=VALUE");
    const std::string name(trim(rest.substr(0, equals)));
    rest.remove_prefix(equals + 1);
    std::size_t end = rest.find('=');
    if (end != std::string_view::npos) end = rest.find_last_of(kBlanks, end);
    fields_[name] = std::string(trim(rest.substr(0, end)));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  }

  const ObjectReader& reader_;
  std::string_view line_;
  std::string_view kind_;
  std::map<std::string, std::string, std::less<>> fields_;
};

NnetNode read_node(const ConfigLine& line) {
  using Kind = NnetNode::Kind;
  if (line.kind() == "input-node") return {.kind = Kind::kInput, .dim = line.number("dim")};
  if (line.kind() == "component-node") {
    return {.kind = Kind::kComponent,
            .component = line.text("component"),
            .input = line.descriptor("input")};
  }
  if (line.kind() == "dim-range-node") {
    return {.kind = Kind::kRange,
            .input = {.name = line.text("input-node")},
            .dim = line.number("dim"),
            .offset = line.number("dim-offset")};
  }
  if (line.kind() != "output-node") line.fail("a kind of node that is not known");
  return {.kind = Kind::kOutput, .input = line.descriptor("input")};
}

}  // namespace

const NnetNode& Nnet::node(const std::string& name) const {
  const auto found = nodes.find(name);
  if (found == nodes.end()) throw std::runtime_error("the network has no node \"" + name + "\"");
  return found->second;
}

Nnet read_nnet(ObjectReader& reader) {
  reader.expect("<Nnet3>");
  Nnet nnet;
  std::string_view line = reader.line();
  if (trim(line).empty()) line = reader.line();  // the first was what is left of that of <Nnet3>
  for (; !trim(line).empty(); line = reader.line()) {
    const ConfigLine config(reader, trim(line));
    if (!nnet.nodes.emplace(config.text("name"), read_node(config)).second) {
      config.fail("a name that is taken");
    }
  }
  reader.expect("<NumComponents>");
  const std::int32_t component_count = reader.count();
  for (std::int32_t i = 0; i < component_count; ++i) {
    reader.expect("<ComponentName>");
    const std::string name = reader.token();
    Component component = read_component(reader, name);
    if (!nnet.components.emplace(name, std::move(component)).second) {
      throw reader.failure("two components have the name " + name);
    }
  }
  reader.expect("</Nnet3>");
  return nnet;
}

}  // namespace harpy::kaldi
