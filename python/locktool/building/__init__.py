"""Core metadata of source trees and source distributions, made by their own build systems (PEP 517)."""
