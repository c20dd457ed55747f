// The files that bring the server to Kubernetes and into an image: their own schemas find nothing
// wrong, and what they say of the program is true.
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/serve_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class DeploymentFiles : public ServeFixture {
 protected:
  static std::string operations_text(const std::string& name) {
    std::ifstream stream(source_dir() / "tools/operations" / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// What a script says of a file with that text.
  std::string verdict(const std::string& script, const std::string& text) const {
    std::ofstream(file("text")) << text;
    EXPECT_TRUE(runs_node(script, "'" + file("text").string() + "'"));
    std::ifstream stream(file("replies"));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }
};

TEST_F(DeploymentFiles, ManifestsAreWhatKubernetesTakes) {
  if (!has_npm_packages("kubernetes-models@4 yaml@2")) {
    GTEST_SKIP() << "needs npm and its packages kubernetes-models and yaml";
  }
  const std::string script = "kubernetes_validator.mjs";
  const std::string serve = operations_text("kubernetes/serve.yaml");
  EXPECT_EQ(verdict(script, serve),
            "Deployment: ok\nService: ok\nPodDisruptionBudget: ok\nHorizontalPodAutoscaler: ok\n");
  EXPECT_EQ(verdict(script, operations_text("kubernetes/archive.yaml")), "Job: ok\n");
  EXPECT_THAT(verdict(script, replaced(serve, "containerPort:", "containerPorts:")),
              HasSubstr("Deployment: data/spec/template/spec/containers/0/ports/0 must have "
                        "required property containerPort"));
  EXPECT_THAT(verdict(script, replaced(serve, "periodSeconds:", "periodSecond:")),
              HasSubstr("Deployment: unknown fields "
                        ".spec.template.spec.containers.0.startupProbe.periodSecond\n"));
  EXPECT_THAT(verdict(script, replaced(serve, "minReplicas: 3", "minReplicas: three")),
              EndsWith("HorizontalPodAutoscaler: data/spec/minReplicas must be integer\n"));
}

/// The number behind a text; fails if it does not stand there.
int number_behind(const std::string& text, const std::string& words) {
  std::smatch match;
  EXPECT_TRUE(std::regex_search(text, match, std::regex(words + "\"?([0-9]+)"))) << words;
  return match.empty() ? 0 : std::stoi(match[1]);
}

TEST_F(DeploymentFiles, APodHasTheTimeThatItsServerMayTakeToEnd) {
  const std::string text = operations_text("kubernetes/serve.yaml");
  EXPECT_EQ(number_behind(text, "terminationGracePeriodSeconds: "),
            number_behind(text, "command: \\[sleep, ") + number_behind(text, "--drain-timeout=") +
                number_behind(text, "--finish-timeout=") + 10);
}

/// Expects that every option in a text is one of a command.
void expect_options_of(const std::string& command, const std::string& text) {
  static const std::regex kOption("--[a-z][a-z-]+");
  const std::string help = run_harpy({command, "--help"}).output;
  std::sregex_iterator option(text.begin(), text.end(), kOption);
  EXPECT_NE(option, std::sregex_iterator());
  for (; option != std::sregex_iterator(); ++option) {
    EXPECT_THAT(help, ::testing::ContainsRegex(option->str() + "[ ,]")) << command;
  }
}

TEST_F(DeploymentFiles, ManifestsAndImageNameOptionsThatTheProgramHas) {
  const auto between = [](const std::string& text, const char* first, const char* last) {
    const std::size_t begin = text.find(first);
    EXPECT_NE(begin, std::string::npos);
    return text.substr(begin, text.find(last, begin) - begin);
  };
  expect_options_of("serve",
                    between(operations_text("kubernetes/serve.yaml"), "args:", "securityContext:"));
  expect_options_of("transcribe",
                    between(operations_text("kubernetes/archive.yaml"), "args:", "env:"));
  expect_options_of("serve", between(operations_text("Dockerfile"), "CMD", "]"));
}

TEST_F(DeploymentFiles, TheDockerfileHasNoFaults) {
  if (!has_npm_packages("dockerfile-utils dockerfile-ast")) {
    GTEST_SKIP() << "needs npm and its packages dockerfile-utils and dockerfile-ast";
  }
  const std::string script = "dockerfile_validator.mjs";
  const std::string text = operations_text("Dockerfile");
  EXPECT_EQ(verdict(script, text),
            "FROM\nWORKDIR\nCOPY\nRUN\nRUN\nRUN\n"
            "FROM\nRUN\nUSER\nEXPOSE\nSTOPSIGNAL\nENTRYPOINT\nCMD\n");
  EXPECT_THAT(verdict(script, replaced(text, "EXPOSE 2700", "EXPOSE speech")), HasSubstr("line "));
}

}  // namespace
}  // namespace harpy::testing
