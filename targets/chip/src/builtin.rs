//! The chip files that ship with Spikeloom.

/// Name and text of every shipped chip file, in order of name.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    &[
        ("ample", include_str!("../../chips/ample.ron")),
        ("loihi1", include_str!("../../chips/loihi1.ron")),
        ("ranc", include_str!("../../chips/ranc.ron")),
        ("tiny", include_str!("../../chips/tiny.ron")),
    ]
}
