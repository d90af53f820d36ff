"""Scenarios of the calling side of models/mc_migration: what their runs come to, in both readings of the notification.

Scenario, reading, (states, transitions, depth), each property with its status and the length of its shortest trace; and
each built-in check that is violated.
"""

CALLS: list[tuple[str, str, tuple[int, int, int], str]] = [
    (
        "calls",
        "confirmed",
        (16032, 43531, 40),
        "S3 PROVED, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13",
    ),
    (
        "calls",
        "after",
        (20456, 53762, 44),
        "S3 PROVED, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 12",
    ),
    (
        "calls_two_partners",
        "confirmed",
        (102864, 301283, 44),
        "S3 PROVED, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13",
    ),
    (
        "calls_two_partners",
        "after",
        (143128, 424073, 45),
        "S3 PROVED, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 VIOLATED 24, R14 PROVED, S2 PROVED, S7 VIOLATED 12",
    ),
    (
        "calls_loss",
        "confirmed",
        (316138, 911194, 49),
        "S3 PROVED, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13,"
        " check.deadlock VIOLATED 3",
    ),
    (
        "calls_loss",
        "after",
        (450186, 1346455, 49),
        "S3 PROVED, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 VIOLATED 24, R14 PROVED, S2 PROVED, S7 "
        "VIOLATED 12, check.deadlock VIOLATED 3",
    ),
    (
        "calls_duplication",
        "confirmed",
        (418246, 1353862, 47),
        "S3 PROVED, R7 VIOLATED 19, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 13, "
        "check.deadlock VIOLATED 7, check.reception VIOLATED 3",
    ),
    (
        "calls_duplication",
        "after",
        (513728, 1610521, 48),
        "S3 PROVED, R7 VIOLATED 18, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 12, "
        "check.deadlock VIOLATED 7, check.reception VIOLATED 3",
    ),
    (
        "caller_moves",
        "confirmed",
        (40232, 117778, 41),
        "R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, R6 PROVED, S3 PROVED, R2 VIOLATED 7, R13 "
        "VIOLATED 6, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 13, S8 "
        "PROVED, check.deadlock VIOLATED 7",
    ),
    (
        "caller_moves",
        "after",
        (45648, 128496, 44),
        "R1 VIOLATED 20, R3 PROVED, R4 VIOLATED 14, R5 VIOLATED 27, R8 PROVED, R6 VIOLATED 28, S3 PROVED, R2 "
        "VIOLATED 7, R13 VIOLATED 6, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 "
        "VIOLATED 12, S8 PROVED, check.deadlock VIOLATED 7",
    ),
    (
        "keys",
        "confirmed",
        (39462, 128827, 46),
        "R5 PROVED, S3 PROVED, R2 PROVED, R13 PROVED, R7 PROVED, S2 VIOLATED 16",
    ),
    (
        "keys",
        "after",
        (53612, 170974, 50),
        "R5 VIOLATED 30, S3 PROVED, R2 PROVED, R13 PROVED, R7 VIOLATED 30, S2 VIOLATED 15",
    ),
    (
        "keys_loss",
        "confirmed",
        (120716, 399311, 49),
        "R5 PROVED, S3 PROVED, R2 VIOLATED 3, R13 VIOLATED 2, R7 PROVED, S2 VIOLATED 16, check.deadlock VIOLATED 3",
    ),
    (
        "keys_loss",
        "after",
        (167800, 545168, 53),
        "R5 VIOLATED 10, S3 PROVED, R2 VIOLATED 3, R13 VIOLATED 2, R7 VIOLATED 30, S2 VIOLATED 15, "
        "check.deadlock VIOLATED 3",
    ),
    (
        "given_away",
        "confirmed",
        (13564, 37784, 40),
        "R5 PROVED, R8 PROVED, R2 PROVED, R13 PROVED, S1 VIOLATED 15, S2 PROVED",
    ),
    (
        "given_away",
        "after",
        (17938, 48977, 44),
        "R5 VIOLATED 27, R8 PROVED, R2 PROVED, R13 PROVED, S1 VIOLATED 14, S2 PROVED",
    ),
    (
        "mbb_calls",
        "confirmed",
        (25010, 58719, 45),
        "S3 PROVED, R7 VIOLATED 23, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 12",
    ),
    (
        "mbb_calls",
        "after",
        (38288, 98929, 43),
        "S3 PROVED, R7 VIOLATED 22, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 11",
    ),
    (
        "mbb_calls_loss",
        "confirmed",
        (52234, 121146, 45),
        "S3 PROVED, R7 VIOLATED 18, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 "
        "VIOLATED 12, check.deadlock VIOLATED 3, check.reception VIOLATED 8",
    ),
    (
        "mbb_calls_loss",
        "after",
        (91488, 234683, 43),
        "S3 PROVED, R7 VIOLATED 17, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 "
        "VIOLATED 11, check.deadlock VIOLATED 3, check.reception VIOLATED 6",
    ),
    (
        "mbb_caller_moves",
        "confirmed",
        (85154, 211418, 42),
        "R1 VIOLATED 16, R3 PROVED, R4 VIOLATED 10, R5 VIOLATED 16, R8 PROVED, R6 VIOLATED 19, S3 PROVED, R2 "
        "PROVED, R13 PROVED, R7 VIOLATED 23, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED "
        "12, S8 PROVED",
    ),
    (
        "mbb_caller_moves",
        "after",
        (116038, 313273, 40),
        "R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 VIOLATED 15, R8 PROVED, R6 VIOLATED 18, S3 PROVED, R2 "
        "PROVED, R13 PROVED, R7 VIOLATED 22, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED "
        "11, S8 PROVED",
    ),
    (
        "mbb_keys",
        "confirmed",
        (32206, 87884, 51),
        "R5 VIOLATED 16, S3 PROVED, R2 PROVED, R13 PROVED, R7 VIOLATED 26, S2 VIOLATED 15",
    ),
    (
        "mbb_keys",
        "after",
        (58834, 178366, 49),
        "R5 VIOLATED 15, S3 PROVED, R2 PROVED, R13 PROVED, R7 VIOLATED 25, S2 VIOLATED 14",
    ),
]
