#include "kaldi/transition_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kaldi/tiny_kaldi_model.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

class TransitionModels : public ::testing::Test {
 protected:
  kaldi::TransitionModel read(const KaldiWriter& writer) const {
    const std::filesystem::path path = directory_.path() / "model";
    writer.write(path);
    kaldi::ObjectReader reader(path);
    return kaldi::read_transition_model(reader);
  }

  const TemporaryDirectory directory_;
};

TEST_F(TransitionModels, TellWhatTransitionIdsStandForInBothForms) {
  for (const bool is_binary : {true, false}) {
    KaldiWriter writer(is_binary);
    add_transition_model(writer);
    const kaldi::TransitionModel model = read(writer);
    EXPECT_EQ(model.pdf_count, 6);
    ASSERT_EQ(model.transitions.size(), 6U);
    for (std::int32_t phone = 1; phone <= 3; ++phone) {
      const kaldi::Transition& loop = model.transitions[static_cast<std::size_t>(2 * phone - 2)];
      EXPECT_EQ(loop.phone, phone);
      EXPECT_EQ(loop.pdf, 2 * phone - 1);
      EXPECT_TRUE(loop.is_self_loop);
      EXPECT_FALSE(loop.begins_phone);
      const kaldi::Transition& on = model.transitions[static_cast<std::size_t>(2 * phone - 1)];
      EXPECT_EQ(on.phone, phone);
      EXPECT_EQ(on.pdf, 2 * phone - 2);
      EXPECT_FALSE(on.is_self_loop);
      EXPECT_TRUE(on.begins_phone);
      EXPECT_EQ(on.self_loop, 2 * phone - 1);
      EXPECT_EQ(loop.self_loop, 2 * phone - 1);
    }
  }
}

// The old form: loops have the pdf of their state; three states a phone.
TEST_F(TransitionModels, OfThreeStatesInTheOldFormAreRead) {
  KaldiWriter writer(true);
  writer.token("<TransitionModel>").token("<Topology>").integers({1}).integers({-1, 0}).integer(1);
  writer.integer(4);
  for (std::int32_t state = 0; state < 3; ++state) {
    writer.integer(state).integer(2).integer(state).number(0.5F).integer(state + 1).number(0.5F);
  }
  writer.integer(-1).integer(0).token("</Topology>").token("<Triples>").integer(3);
  for (std::int32_t state = 0; state < 3; ++state) writer.integer(1).integer(state).integer(state);
  writer.token("</Triples>").token("<LogProbs>").vector(std::vector<float>(7));
  writer.token("</LogProbs>").token("</TransitionModel>");
  const kaldi::TransitionModel model = read(writer);
  ASSERT_EQ(model.transitions.size(), 6U);
  EXPECT_EQ(model.pdf_count, 3);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(model.transitions[i].pdf, static_cast<std::int32_t>(i / 2));
    EXPECT_EQ(model.transitions[i].is_self_loop, i % 2 == 0);
    EXPECT_EQ(model.transitions[i].begins_phone, i == 1);
  }
}

TEST_F(TransitionModels, WithStatesThatAreNotThereAreRefused) {
  KaldiWriter writer(false);
  writer.line("<TransitionModel> <Topology> <TopologyEntry> <ForPhones> 1 </ForPhones>");
  writer.line("<State> 0 <PdfClass> 0 <Transition> 1 1.0 </State> <State> 1 </State>");
  writer.line("</TopologyEntry> </Topology> <Triples> 1 1 5 0 </Triples>");
  EXPECT_THAT([&] { read(writer); }, ::testing::ThrowsMessage<std::runtime_error>(
                                         ::testing::HasSubstr("phone 1 has no state 5")));
}

}  // namespace
}  // namespace harpy::testing
