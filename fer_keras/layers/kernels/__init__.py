"""The fast forms of the layers, each beside its plain reference."""
