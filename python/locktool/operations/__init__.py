"""The use cases of locktool. Each takes options, returns an outcome record and prints nothing."""
