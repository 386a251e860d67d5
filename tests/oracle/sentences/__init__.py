"""Sentences written by hand: for each rule of Python its use, and the ways to break it."""

from .accepted import ACCEPTED
from .rejected import REJECTED
