#pragma once

#include "acoustic/backend/phase.hpp"
#include "decoder/path_sums/forward_backward_task.hpp"

/// The devices' form of ForwardBackward: a bulk-synchronous program (acoustic/backend/phase.hpp)
/// for the threads of a block, or any other team. Each sum is computed by one thread in the order
/// of an index, so that neither the number nor the order of threads changes a bit; threads find
/// only the largest exponent of a frame together, and that is an integer.
namespace harpy::forward_backward {

/// Turns exponents into unsigned numbers in descending order, so that an access policy's `min`
/// finds the largest exponent.
constexpr std::uint32_t exponent_key(std::int32_t exponent) {
  return static_cast<std::uint32_t>(-kZeroExponent - exponent);
}
constexpr std::int32_t exponent_of_key(std::uint32_t key) {
  return -kZeroExponent - static_cast<std::int32_t>(key);
}
inline constexpr std::uint32_t kNoExponentKey = exponent_key(kZeroExponent);

/// The shift that is subtracted from the exponents of the sums after a frame: the largest exponent
/// before it.
constexpr std::int32_t shift_of(const ForwardBackwardTask& task, std::int32_t frame) {
  const std::int32_t largest = exponent_of_key(task.memory.largest[frame]);
  return largest > kZeroExponent ? largest : 0;
}

constexpr ScaledFloat* forward_sums(const ForwardBackwardTask& task, std::int32_t frame) {
  return task.memory.forward + std::int64_t{frame} * task.graph.state_count;
}
constexpr ScaledFloat* backward_sums(const ForwardBackwardTask& task, std::int32_t frame) {
  return task.memory.backward + (frame & 1) * std::int64_t{task.graph.state_count};
}
constexpr ScaledFloat* scores_of(const ForwardBackwardTask& task, std::int32_t frame) {
  return task.memory.scores + (frame & 1) * std::int64_t{task.graph.pdf_count};
}

/// The term value * weight * score of a sum, its mantissa in [1, 8) or 0.
constexpr void add_term(const ScaledFloat& value, const ScaledFloat& weight,
                        const ScaledFloat& score, ScaledSum& sum) {
  sum.add(value.mantissa * weight.mantissa * score.mantissa,
          value.exponent + weight.exponent + score.exponent);
}
inline constexpr ScaledFloat kOne{1.0F, 0};

/// sum of values[arc.state] * weight * score over emitting arcs.
constexpr void add_emitting(const ArcIndex& index, std::int32_t state, const ScaledFloat* values,
                            const ScaledFloat* scores, ScaledSum& sum) {
  for (std::uint32_t a = index.begin[state]; a < index.epsilon[state]; ++a) {
    const SummationGraph::Arc& arc = index.arcs[a];
    add_term(values[arc.state], arc.weight, scores[arc.input - 1], sum);
  }
}

/// sum of values[arc.state] * weight over epsilon arcs.
constexpr void add_epsilon(const ArcIndex& index, std::int32_t state, const ScaledFloat* values,
                           ScaledSum& sum) {
  for (std::uint32_t a = index.epsilon[state]; a < index.begin[state + 1]; ++a) {
    const SummationGraph::Arc& arc = index.arcs[a];
    add_term(values[arc.state], arc.weight, kOne, sum);
  }
}

/// Turns the log-likelihoods of a frame into numbers, for the pdfs that the graph has. A thread
/// owns groups.
template <typename Thread>
constexpr void exponentiate(const ForwardBackwardTask& task, std::int32_t frame, Thread thread) {
  const float* row = task.log_likelihoods + std::int64_t{frame} * task.graph.pdf_count;
  ScaledFloat* scores = scores_of(task, frame);
  for (auto g = static_cast<std::int32_t>(thread.index); g < task.graph.group_count;
       g += static_cast<std::int32_t>(thread.count)) {
    const std::int32_t pdf = task.graph.group_pdf[g];
    scores[pdf] = exp_scaled(row[pdf]);
  }
}

/// Clears what all threads contribute to: the largest exponents and the result. A thread owns
/// frames.
struct Prepare {
  const ForwardBackwardTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (auto f = static_cast<std::int32_t>(thread.index); f <= task.frame_count;
         f += static_cast<std::int32_t>(thread.count)) {
      task.memory.largest[f] = kNoExponentKey;
    }
    if (thread.index == 0) *task.result = {};
  }
};

/// Marks the result if a score is NaN or too large. A thread owns scores; all may write the mark.
template <typename Access>
struct CheckScores {
  const ForwardBackwardTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::int64_t count = std::int64_t{task.frame_count} * task.graph.pdf_count;
    for (auto i = static_cast<std::int64_t>(thread.index); i < count; i += thread.count) {
      if (!(task.log_likelihoods[i] <= kLogLimit)) {
        Access::store(task.result->invalid, std::uint32_t{1});
      }
    }
  }
};

/// Forward sums of the states of a level before a frame, whose scores the lowest level prepares. A
/// thread owns states; all take part in the minimum.
template <typename Access>
struct ForwardLevel {
  const ForwardBackwardTask& task;
  std::int32_t frame, level;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    ScaledFloat* sums = forward_sums(task, frame);
    std::uint32_t largest = kNoExponentKey;
    const std::int32_t end = task.graph.level_begin[level + 1];
    for (std::int32_t s = task.graph.level_begin[level] + static_cast<std::int32_t>(thread.index);
         s < end; s += static_cast<std::int32_t>(thread.count)) {
      sums[s] = sum_of(s, sums);
      const std::uint32_t key = exponent_key(sums[s].exponent);
      largest = key < largest ? key : largest;
    }
    if (largest < kNoExponentKey) Access::min(task.memory.largest[frame], largest);
    if (level == 0 && frame < task.frame_count) exponentiate(task, frame, thread);
  }

 private:
  constexpr ScaledFloat sum_of(std::int32_t state, const ScaledFloat* sums) const {
    ScaledSum emitted;
    std::int32_t shift = 0;
    if (frame > 0) {
      add_emitting(task.graph.in, state, forward_sums(task, frame - 1), scores_of(task, frame - 1),
                   emitted);
      shift = shift_of(task, frame - 1);
    } else if (state == task.graph.start) {
      emitted.add(1.0F, 0);
    }
    ScaledSum sum;
    const ScaledFloat shifted = emitted.value(shift);
    sum.add(shifted.mantissa, shifted.exponent);
    add_epsilon(task.graph.in, state, sums, sum);
    return sum.value();
  }
};

/// Parts of P over chunks of states. A thread owns chunks.
struct SumFinals {
  const ForwardBackwardTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const ScaledFloat* sums = forward_sums(task, task.frame_count);
    const std::int32_t chunks = chunk_count(task.graph.state_count, kChunkStates);
    for (auto c = static_cast<std::int32_t>(thread.index); c < chunks;
         c += static_cast<std::int32_t>(thread.count)) {
      ScaledSum sum;
      for (std::int32_t s = c * kChunkStates;
           s < (c + 1) * kChunkStates && s < task.graph.state_count; ++s) {
        add_term(sums[s], task.graph.final_weights[s], kOne, sum);
      }
      task.memory.total_parts[c] = sum.value();
    }
  }
};

/// Finds P: total_parts[0] gets it with the shifts of all frames subtracted from its exponent, the
/// result gets it without them.
struct FindTotal {
  const ForwardBackwardTask& task;

  constexpr void operator()() const {
    ScaledSum sum;
    const std::int32_t chunks = chunk_count(task.graph.state_count, kChunkStates);
    for (std::int32_t c = 0; c < chunks; ++c) {
      sum.add(task.memory.total_parts[c].mantissa, task.memory.total_parts[c].exponent);
    }
    const ScaledFloat total = sum.value();
    std::int64_t exponent = total.exponent;
    for (std::int32_t f = 0; f < task.frame_count; ++f) exponent += shift_of(task, f);
    task.memory.total_parts[0] = total;
    task.result->exponent = exponent;
    task.result->mantissa = total.mantissa;
  }
};

/// Backward sums of the states of a level before a frame; behind the last frame they are the final
/// weights. A thread owns states.
struct BackwardLevel {
  const ForwardBackwardTask& task;
  std::int32_t frame, level;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    ScaledFloat* sums = backward_sums(task, frame);
    const std::int32_t end = task.graph.level_begin[level + 1];
    for (std::int32_t s = task.graph.level_begin[level] + static_cast<std::int32_t>(thread.index);
         s < end; s += static_cast<std::int32_t>(thread.count)) {
      sums[s] = sum_of(s, sums);
    }
  }

 private:
  constexpr ScaledFloat sum_of(std::int32_t state, const ScaledFloat* sums) const {
    ScaledSum sum;
    if (frame < task.frame_count) {
      ScaledSum emitted;
      add_emitting(task.graph.out, state, backward_sums(task, frame + 1), scores_of(task, frame),
                   emitted);
      const ScaledFloat shifted = emitted.value(shift_of(task, frame));
      sum.add(shifted.mantissa, shifted.exponent);
    } else {
      const ScaledFloat& weight = task.graph.final_weights[state];
      sum.add(weight.mantissa, weight.exponent);
    }
    add_epsilon(task.graph.out, state, sums, sum);
    return sum.value();
  }
};

/// How much the arcs of each piece are used in a frame, as shares in P. A thread owns pieces. The
/// same phase prepares the scores of the frame before.
struct SumPieces {
  const ForwardBackwardTask& task;
  std::int32_t frame;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for (auto q = static_cast<std::int32_t>(thread.index); q < task.graph.piece_count;
         q += static_cast<std::int32_t>(thread.count)) {
      task.memory.piece_sums[q] = sum_of(q);
    }
    if (frame > 0) exponentiate(task, frame - 1, thread);
  }

 private:
  constexpr float sum_of(std::int32_t piece) const {
    const ScaledFloat* before = forward_sums(task, frame);
    const ScaledFloat* after = backward_sums(task, frame + 1);
    const ScaledFloat* scores = scores_of(task, frame);
    const ScaledFloat score = scores[task.graph.piece_pdf[piece]];
    const std::int32_t taken_off = shift_of(task, frame) + task.memory.total_parts[0].exponent;
    float sum = 0.0F;
    for (std::uint32_t a = task.graph.piece_arc_begin[piece];
         a < task.graph.piece_arc_begin[piece + 1]; ++a) {
      const OccupationArc& arc = task.graph.occupation_arcs[a];
      const ScaledFloat& from = before[arc.source];
      const ScaledFloat& to = after[arc.target];
      const std::int32_t exponent =
          from.exponent + arc.weight.exponent + score.exponent + to.exponent - taken_off;
      // A share is at most 1 but for rounding.
      sum += from.mantissa * arc.weight.mantissa * score.mantissa * to.mantissa *
             power_of_two(exponent < kShareLimit ? exponent : kShareLimit);
    }
    return sum;
  }
  static constexpr std::int32_t kShareLimit = 100;
};

/// Occupations of the groups, and their sums over chunks. A thread owns chunks.
struct SumGroups {
  const ForwardBackwardTask& task;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::int32_t chunks = chunk_count(task.graph.group_count, kChunkGroups);
    for (auto c = static_cast<std::int32_t>(thread.index); c < chunks;
         c += static_cast<std::int32_t>(thread.count)) {
      float chunk_sum = 0.0F;
      for (std::int32_t g = c * kChunkGroups;
           g < (c + 1) * kChunkGroups && g < task.graph.group_count; ++g) {
        float sum = 0.0F;
        for (std::int32_t q = task.graph.group_piece_begin[g];
             q < task.graph.group_piece_begin[g + 1]; ++q) {
          sum += task.memory.piece_sums[q];
        }
        task.memory.group_sums[g] = sum;
        chunk_sum += sum;
      }
      task.memory.chunk_sums[c] = chunk_sum;
    }
  }
};

/// Adds the occupations of a frame, divided by their sum, to the gradient. A thread owns groups.
struct AddPosteriors {
  const ForwardBackwardTask& task;
  std::int32_t frame;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    float sum = 0.0F;
    const std::int32_t chunks = chunk_count(task.graph.group_count, kChunkGroups);
    for (std::int32_t c = 0; c < chunks; ++c) sum += task.memory.chunk_sums[c];
    const float scale = sum > 0.0F ? 1.0F / sum : 0.0F;
    float* row = task.gradient + std::int64_t{frame} * task.graph.pdf_count;
    for (auto g = static_cast<std::int32_t>(thread.index); g < task.graph.group_count;
         g += static_cast<std::int32_t>(thread.count)) {
      row[task.graph.group_pdf[g]] += task.factor * (task.memory.group_sums[g] * scale);
    }
  }
};

/// Sums over the paths of one utterance and adds its posteriors to its gradient. All threads of the
/// executor call it together.
template <typename Access, typename Executor>
constexpr void sum_over_paths(const Executor& executor, const ForwardBackwardTask& task) {
  executor.run(Prepare{task});
  executor.run(CheckScores<Access>{task});
  if (task.result->invalid != 0) return;
  const std::int32_t levels = task.graph.level_count;
  for (std::int32_t frame = 0; frame <= task.frame_count; ++frame) {
    for (std::int32_t level = 0; level < levels; ++level) {
      executor.run(ForwardLevel<Access>{task, frame, level});
    }
  }
  executor.run(SumFinals{task});
  executor.alone(FindTotal{task});
  if (task.result->mantissa == 0.0F) return;
  for (std::int32_t level = levels; level-- > 0;) {
    executor.run(BackwardLevel{task, task.frame_count, level});
  }
  for (std::int32_t frame = task.frame_count; frame-- > 0;) {
    for (std::int32_t level = levels; level-- > 0;) {
      executor.run(BackwardLevel{task, frame, level});
    }
    executor.run(SumPieces{task, frame});
    executor.run(SumGroups{task});
    executor.run(AddPosteriors{task, frame});
  }
}

}  // namespace harpy::forward_backward
