//! The resolver's only door to the world.
