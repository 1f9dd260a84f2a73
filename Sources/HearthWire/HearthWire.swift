// HearthWire
