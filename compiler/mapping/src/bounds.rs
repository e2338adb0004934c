//! Lower bounds for cores and traffic.
