//! Small networks, exactly.
