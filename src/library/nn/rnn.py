"""Sequences of different lengths, side by side."""

import torch


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Sequences as one tensor, the shorter ones filled up."""
    sequences = list(sequences)
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    longest, rest = max([len(each) for each in sequences]), sequences[0].shape[1:]
    padded = torch.full((len(sequences), longest, *rest), padding_value, dtype=sequences[0].dtype)
    rows = []
    for each in sequences:
        if each.shape[1:] != rest:
            raise RuntimeError(f"The size of tensor a ({longest}) must match the size of tensor b ({len(each)})")
        room = padded[0, :longest - len(each)]
        rows.append(torch.cat([each, room] if padding_side == "right" else [room, each]))
    return torch.stack(rows, 0 if batch_first else 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The sequences that `pad_sequence` put side by side."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [row[:int(length)] for row, length in zip(padded_sequences, lengths)]
