"""Measures this package against its peers, on the machine that it is on."""
