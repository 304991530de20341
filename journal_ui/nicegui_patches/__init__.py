"""Everything that depends on private parts of NiceGUI, each with its reason and its measured gain."""
