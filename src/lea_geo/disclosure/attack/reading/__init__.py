"""Reads each kind of file that a release may hold, as somebody would who has nothing but the files."""
