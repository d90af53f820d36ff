"""Scenarios of the calling side of models/mc_migration: what their runs come to, in both readings of the notification.

Scenario, reading, (states, transitions, depth), each property with its status and the length of its shortest trace; and
each built-in check that is violated.
"""

CALLS: list[tuple[str, str, tuple[int, int, int], str]] = [
    (
        "calls",
        "confirmed",
        (15172, 41297, 40),
        "S3 PROVED, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13, "
        "check.deadlock VIOLATED 11",
    ),
    (
        "calls",
        "after",
        (18452, 49234, 39),
        "S3 PROVED, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED "
        "12, check.deadlock VIOLATED 10",
    ),
    (
        "calls_two_partners",
        "confirmed",
        (97056, 284622, 44),
        "S3 PROVED, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13, "
        "check.deadlock VIOLATED 11",
    ),
    (
        "calls_two_partners",
        "after",
        (129128, 387732, 42),
        "S3 PROVED, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 VIOLATED 24, R14 PROVED, S2 PROVED, S7 "
        "VIOLATED 12, check.deadlock VIOLATED 10",
    ),
    (
        "calls_loss",
        "confirmed",
        (259046, 755617, 45),
        "S3 PROVED, R7 VIOLATED 3, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 13, "
        "check.deadlock VIOLATED 3",
    ),
    (
        "calls_loss",
        "after",
        (336314, 1042178, 43),
        "S3 PROVED, R7 VIOLATED 3, R10 VIOLATED 7, R11 PROVED, R12 VIOLATED 24, R14 PROVED, S2 PROVED, S7 "
        "VIOLATED 12, check.deadlock VIOLATED 3",
    ),
    (
        "calls_duplication",
        "confirmed",
        (339844, 1098164, 47),
        "S3 PROVED, R7 VIOLATED 18, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 13, "
        "check.deadlock VIOLATED 7, check.reception VIOLATED 3",
    ),
    (
        "calls_duplication",
        "after",
        (393998, 1243361, 46),
        "S3 PROVED, R7 VIOLATED 17, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 12, "
        "check.deadlock VIOLATED 7, check.reception VIOLATED 3",
    ),
    (
        "caller_moves",
        "confirmed",
        (37764, 111014, 41),
        "R1 PROVED, R3 PROVED, R4 PROVED, R5 PROVED, R8 PROVED, R6 PROVED, S3 PROVED, R2 VIOLATED 7, R13 VIOLATED "
        "6, R7 PROVED, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 VIOLATED 13, S8 PROVED, "
        "check.deadlock VIOLATED 7",
    ),
    (
        "caller_moves",
        "after",
        (40052, 114998, 40),
        "R1 VIOLATED 20, R3 PROVED, R4 VIOLATED 14, R5 VIOLATED 27, R8 PROVED, R6 VIOLATED 28, S3 PROVED, R2 "
        "VIOLATED 7, R13 VIOLATED 6, R7 VIOLATED 27, R10 VIOLATED 7, R11 PROVED, R12 PROVED, R14 PROVED, S7 "
        "VIOLATED 12, S8 PROVED, check.deadlock VIOLATED 7",
    ),
    (
        "keys",
        "confirmed",
        (37570, 122842, 46),
        "R5 PROVED, S3 PROVED, R2 VIOLATED 14, R13 VIOLATED 13, R7 PROVED, S2 VIOLATED 16, check.deadlock VIOLATED 14",
    ),
    (
        "keys",
        "after",
        (48972, 157950, 45),
        "R5 VIOLATED 30, S3 PROVED, R2 VIOLATED 13, R13 VIOLATED 12, R7 VIOLATED 30, S2 VIOLATED 15, "
        "check.deadlock VIOLATED 13",
    ),
    (
        "keys_loss",
        "confirmed",
        (104290, 348481, 49),
        "R5 VIOLATED 3, S3 PROVED, R2 VIOLATED 3, R13 VIOLATED 2, R7 VIOLATED 3, S2 VIOLATED 16, check.deadlock "
        "VIOLATED 3",
    ),
    (
        "keys_loss",
        "after",
        (139660, 462899, 48),
        "R5 VIOLATED 3, S3 PROVED, R2 VIOLATED 3, R13 VIOLATED 2, R7 VIOLATED 3, S2 VIOLATED 15, check.deadlock "
        "VIOLATED 3",
    ),
    (
        "given_away",
        "confirmed",
        (11386, 32231, 40),
        "R5 PROVED, R8 PROVED, R2 VIOLATED 11, R13 VIOLATED 10, S1 VIOLATED 15, S2 PROVED, check.deadlock VIOLATED 11",
    ),
    (
        "given_away",
        "after",
        (14682, 41211, 39),
        "R5 VIOLATED 27, R8 PROVED, R2 VIOLATED 10, R13 VIOLATED 9, S1 VIOLATED 14, S2 PROVED, check.deadlock "
        "VIOLATED 10",
    ),
    (
        "mbb_calls",
        "confirmed",
        (23350, 54742, 45),
        "S3 PROVED, R7 VIOLATED 23, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED "
        "12, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_calls",
        "after",
        (35820, 92124, 43),
        "S3 PROVED, R7 VIOLATED 22, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED "
        "11, check.deadlock VIOLATED 10",
    ),
    (
        "mbb_calls_loss",
        "confirmed",
        (46132, 108175, 45),
        "S3 PROVED, R7 VIOLATED 3, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 12, "
        "check.deadlock VIOLATED 3, check.reception VIOLATED 8",
    ),
    (
        "mbb_calls_loss",
        "after",
        (80242, 209044, 43),
        "S3 PROVED, R7 VIOLATED 3, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S2 PROVED, S7 VIOLATED 11, "
        "check.deadlock VIOLATED 3, check.reception VIOLATED 6",
    ),
    (
        "mbb_caller_moves",
        "confirmed",
        (78864, 195660, 42),
        "R1 VIOLATED 16, R3 PROVED, R4 VIOLATED 10, R5 VIOLATED 16, R8 PROVED, R6 VIOLATED 19, S3 PROVED, R2 "
        "VIOLATED 11, R13 VIOLATED 10, R7 VIOLATED 23, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S7 "
        "VIOLATED 12, S8 PROVED, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_caller_moves",
        "after",
        (107368, 288731, 40),
        "R1 VIOLATED 15, R3 PROVED, R4 VIOLATED 9, R5 VIOLATED 15, R8 PROVED, R6 VIOLATED 18, S3 PROVED, R2 "
        "VIOLATED 10, R13 VIOLATED 9, R7 VIOLATED 22, R10 VIOLATED 6, R11 PROVED, R12 PROVED, R14 PROVED, S7 "
        "VIOLATED 11, S8 PROVED, check.deadlock VIOLATED 10",
    ),
    (
        "mbb_keys",
        "confirmed",
        (30480, 83162, 51),
        "R5 VIOLATED 16, S3 PROVED, R2 VIOLATED 14, R13 VIOLATED 13, R7 VIOLATED 26, S2 VIOLATED 15, "
        "check.deadlock VIOLATED 14",
    ),
    (
        "mbb_keys",
        "after",
        (53824, 162420, 49),
        "R5 VIOLATED 15, S3 PROVED, R2 VIOLATED 13, R13 VIOLATED 12, R7 VIOLATED 25, S2 VIOLATED 14, "
        "check.deadlock VIOLATED 13",
    ),
    (
        "mbb_in_call",
        "confirmed",
        (30062, 104490, 49),
        "K1 VIOLATED 3, K2 PROVED, K3 PROVED, K6 PROVED, R1 VIOLATED 23, R3 PROVED, R4 PROVED, R5 VIOLATED "
        "28, R8 PROVED, S3 PROVED, K4 PROVED, R2 VIOLATED 11, R15 PROVED, R13 VIOLATED 10, R7 VIOLATED 28, M3"
        " PROVED, P1 PROVED, P9 PROVED, M7 PROVED, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_in_call",
        "after",
        (42860, 146687, 48),
        "K1 VIOLATED 2, K2 VIOLATED 9, K3 VIOLATED 11, K6 VIOLATED 9, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED "
        "14, R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED "
        "9, R7 VIOLATED 27, M3 PROVED, P1 PROVED, P9 PROVED, M7 PROVED, check.deadlock VIOLATED 10",
    ),
    (
        "mbb_drops_call",
        "confirmed",
        (44896, 155112, 49),
        "K1 VIOLATED 3, K2 PROVED, K3 PROVED, K6 PROVED, R1 VIOLATED 23, R3 PROVED, R4 PROVED, R5 VIOLATED "
        "28, R8 PROVED, S3 PROVED, K4 PROVED, R2 VIOLATED 11, R15 PROVED, R13 VIOLATED 10, R7 VIOLATED 28, M3"
        " PROVED, P1 VIOLATED 9, P9 PROVED, M7 PROVED, check.deadlock VIOLATED 11",
    ),
    (
        "mbb_drops_call",
        "after",
        (63822, 217321, 48),
        "K1 VIOLATED 2, K2 VIOLATED 9, K3 VIOLATED 11, K6 VIOLATED 9, R1 VIOLATED 20, R3 PROVED, R4 VIOLATED "
        "14, R5 VIOLATED 27, R8 PROVED, S3 PROVED, K4 VIOLATED 12, R2 VIOLATED 10, R15 PROVED, R13 VIOLATED "
        "9, R7 VIOLATED 27, M3 PROVED, P1 VIOLATED 7, P9 PROVED, M7 PROVED, check.deadlock VIOLATED 10",
    ),
]
