"""`tools/regress`: whether one commit made another slower or larger, by paired runs of both."""
