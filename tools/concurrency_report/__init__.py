"""Runs the study and reads what `bench` writes; JSON is all that it knows of the C++ side."""
