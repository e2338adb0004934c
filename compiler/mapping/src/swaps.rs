//! All-pairs swaps: where every core is full of in-axons, nodes can only trade places.
