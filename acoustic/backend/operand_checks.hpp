#pragma once

#include <string>
#include <string_view>

#include "acoustic/backend/backend.hpp"

/// The checks that the public methods of Backend make of their operands. Every error is a
/// std::invalid_argument that names the operation, the operand, what was expected and what was got.
namespace harpy::operand_checks {

[[noreturn]] void refuse(std::string_view operation, std::string_view operand,
                         const std::string& expected, const std::string& got);

void require_shape(std::string_view operation, std::string_view operand, const Shape& expected,
                   const Shape& got);

/// Requires sequences of frames, [B, T, D].
void require_sequences(std::string_view operation, std::string_view operand, ConstTensorView x);

/// Requires a vector with one value for each column of x, which may have any rank.
void require_columns(std::string_view operation, std::string_view operand, ConstTensorView x,
                     ConstTensorView vector);

/// Requires that `wide` has the shape of the frames of `narrow` unfolded through the window.
void require_window(std::string_view operation, const TimeWindow& window, ConstTensorView narrow,
                    ConstTensorView wide);

/// Requires blocks x, and room for frames kept before and blocks together (Backend::push_frames).
void require_block(std::string_view operation, const FrameQueue& queue, ConstTensorView x,
                   ConstTensorView joined);

/// Requires that input, weight and output of a convolution fit together.
void require_convolution(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                         ConstTensorView weight, ConstTensorView y);

/// Requires that input and output of a pooling fit together.
void require_pooling(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                     ConstTensorView y);

void require_normalization(std::string_view operation, const Normalization& normalization,
                           ConstTensorView x);

}  // namespace harpy::operand_checks
