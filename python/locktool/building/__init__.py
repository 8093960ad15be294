"""The building room: core metadata of source trees and source distributions, by their own build systems (PEP 517)."""
