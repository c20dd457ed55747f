#pragma once

#include <functional>

namespace harpy::tools {

/// The largest number from 1 to `most` for which a load holds; 0: it does not hold for one. Doubles
/// the number until it does not hold, then halves the distance until it is less than a sixteenth of
/// the number. `holds` is asked as seldom as that allows.
int find_stream_capacity(int most, const std::function<bool(int)>& holds);

}  // namespace harpy::tools
