#include "decoder/grammar/jsgf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "tests/decoder/grammar/sentence_cost.hpp"

namespace harpy {
namespace {

using testing::sentence_cost;

WordGrammar read(const std::string& rules) {
  return read_jsgf("#JSGF V1.0 UTF-8 en;\ngrammar test;\n" + rules);
}

/// The probability of a sentence in a grammar with these rules, 0 if it is impossible.
double probability(const std::string& rules, const std::string& sentence) {
  return std::exp(-static_cast<double>(sentence_cost(read(rules), sentence)));
}

TEST(Jsgf, EveryChoiceHasAProbability) {
  EXPECT_NEAR(probability("public <a> = turn it on;", "turn it on"), 1.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = yes | no;", "no"), 0.5, 1e-6);
  EXPECT_NEAR(probability("public <a> = /3/ yes | /1/ no;", "yes"), 0.75, 1e-6);
  EXPECT_NEAR(probability("public <a> = /0/ yes | /1/ no;", "yes"), 0.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = [please] go;", "go"), 0.5, 1e-6);
  EXPECT_NEAR(probability("public <a> = [please] go;", "please go"), 0.5, 1e-6);
  EXPECT_NEAR(probability("public <a> = go*;", ""), 0.5, 1e-6);
  EXPECT_NEAR(probability("public <a> = go*;", "go go"), 0.125, 1e-6);
  EXPECT_NEAR(probability("public <a> = go+;", ""), 0.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = go+;", "go go"), 0.25, 1e-6);
  EXPECT_NEAR(probability("public <a> = (yes | no)+;", "yes no"), 0.5 * 0.5 * 0.5 * 0.5, 1e-6);
  EXPECT_NEAR(probability("public <a> = x; public <b> = y;", "y"), 0.5, 1e-6);
}

TEST(Jsgf, RulesReferToRules) {
  const std::string rules =
      "public <order> = turn <what> (on | off);\n<what> = the <thing>;\n<thing> = light | fan;";
  EXPECT_NEAR(probability(rules, "turn the fan off"), 0.25, 1e-6);
  EXPECT_NEAR(probability(rules, "turn the off"), 0.0, 1e-6);
}

TEST(Jsgf, ReadsTheRestOfTheFormat) {
  EXPECT_NEAR(probability("public <a> = \"New York\" {city};", "New York"), 1.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = a \"[unk]\" b;", "a [unk] b"), 1.0, 1e-6);
  EXPECT_NEAR(probability("// words | of = nothing;\n/* nor\nthis */ public < a > = x;", "x"), 1.0,
              1e-6);
  EXPECT_NEAR(probability("public <a> = x <NULL>;", "x"), 1.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = x | y <VOID>;", "y"), 0.0, 1e-6);
  EXPECT_NEAR(probability("public <a> = [[x]*]* y;", "y"), 0.5 + 0.5 * 0.25, 0.2);
}

std::string fault_of(const std::string& rules) {
  try {
    read(rules);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(Jsgf, FaultsNameTheLineOrTheRule) {
  const auto has = [](const char* text) { return ::testing::HasSubstr(text); };
  EXPECT_THAT(fault_of("public <a> = x <b>;\n<b> = y <c>;\n<c> = <a> | z;"),
              has("the rule <a> contains itself"));
  EXPECT_THAT(fault_of("public <a> = x <a>;"), has("the rule <a> contains itself"));
  EXPECT_THAT(fault_of("public <a> = <b>;"), has("there is no rule <b>"));
  EXPECT_THAT(fault_of("<a> = x;"), has("no rule is public"));
  EXPECT_THAT(fault_of("public <a> = <NULL>;"), has("no words"));
  EXPECT_THAT(fault_of("public <a> = x"), has("line 3: expected ; at the end of the rule <a>"));
  EXPECT_THAT(fault_of("public <a> = (x;"), has("line 3: expected ), got ;"));
  EXPECT_THAT(fault_of("public <a> = ;"), has("expected a word"));
  EXPECT_THAT(fault_of("public <a> = /x/ y;"), has("expected a weight"));
  EXPECT_THAT(fault_of("public <a> = /1/ x | y;"), has("a weight for each"));
  EXPECT_THAT(fault_of("public <a> = /0/ x;"), has("one above 0"));
  EXPECT_THAT(fault_of("public <a> = \"x;"), has("does not end"));
  EXPECT_THAT(fault_of("import <other.rule>;\n"), has("imports"));
  EXPECT_THAT(fault_of("public <a> = x; public <a> = y;"), has("<a> is there already"));
  EXPECT_THROW(read_jsgf("<a> = x;"), std::invalid_argument);
  EXPECT_THROW(read_jsgf(""), std::invalid_argument);
  EXPECT_THAT(fault_of("public <a> = " + std::string(1000, '(') + "x;"), has("groups"));
}

TEST(Jsgf, AGrammarThatGrowsWithoutBoundsIsRefused) {
  std::string rules = "public <r0> = <r1> <r1>;\n";
  for (int i = 1; i < 40; ++i) {
    const std::string next = "<r" + std::to_string(i + 1) + ">";
    rules += "<r" + std::to_string(i) + "> = " + next + " " + next + ";\n";
  }
  EXPECT_THAT(fault_of(rules + "<r40> = x;"), ::testing::HasSubstr("200000"));
  std::string optionals = "public <a> =";
  for (int i = 0; i < 2000; ++i) optionals += " [x]";
  EXPECT_THAT(fault_of(optionals + ";"), ::testing::HasSubstr("200000"));
}

}  // namespace
}  // namespace harpy
