"""The everyday questions of an operator, each with the number of gestures that its answer may cost."""
