#pragma once

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// One step of a matrix M [rows, columns] towards M^T M = s^2 I (M M^T = s^2 I if it has more
/// columns than rows), where the scale s is M's own, so that M may grow and shrink:
/// P = M^T M, s^2 = trace(P P) / trace(P), M -= 4 speed / s^2 * M (P - s^2 I), with speed 1/8, or
/// less far from the goal, where 1/8 could overshoot. Converges quadratically near the goal.
/// Source: Povey et al., "Semi-orthogonal low-rank matrix factorization for deep neural networks"
/// (Interspeech 2018), section 2; the speeds are Kaldi's. Cost: 2 products of M's size.
void make_more_semi_orthogonal(Backend& backend, TensorView matrix);

}  // namespace harpy
