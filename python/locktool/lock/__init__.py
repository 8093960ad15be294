"""What a pylock.toml says, how it is read, built, written and compared. No network, no terminal."""
