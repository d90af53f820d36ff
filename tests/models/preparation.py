"""What comes out where a migration is prepared: counts and verdicts of each scenario, in both readings of notify."""

# scenario, reading, (states, transitions, depth), each property with its status and the length of its shortest trace;
# and each built-in check that is violated
RUNS = [
    (
        "preparation_one_partner",
        "confirmed",
        (9520, 31645, 39),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, K5 PROVED, K7 PROVED, K8 PROVED, K9 PROVED, K10 PROVED, S4 "
        "PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 17, M3 PROVED, M4 PROVED, prepared_at_B "
        "PROVED 19, prepared_at_home PROVED 30",
    ),
    (
        "preparation_one_partner",
        "after",
        (12210, 42429, 38),
        "K1 VIOLATED 16, K2 VIOLATED 30, K3 VIOLATED 30, K6 VIOLATED 30, K5 VIOLATED 28, K7 PROVED, K8 PROVED, K9 "
        "PROVED, K10 PROVED, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 17, M3 PROVED, M4 "
        "PROVED, prepared_at_B PROVED 17, prepared_at_home PROVED 28",
    ),
    (
        "preparation_two_partners",
        "confirmed",
        (284139, 1109303, 49),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 36, K6 PROVED, K5 PROVED, K7 VIOLATED 36, K8 PROVED, K9 PROVED, K10 "
        "PROVED, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 18, M3 PROVED, M4 PROVED, "
        "prepared_at_B PROVED 19, prepared_at_home PROVED 30",
    ),
    (
        "preparation_two_partners",
        "after",
        (373299, 1518207, 47),
        "K1 VIOLATED 16, K2 VIOLATED 30, K3 VIOLATED 30, K6 VIOLATED 30, K5 VIOLATED 28, K7 VIOLATED 35, K8 "
        "PROVED, K9 PROVED, K10 PROVED, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 18, M3 "
        "PROVED, M4 PROVED, prepared_at_B PROVED 17, prepared_at_home PROVED 28",
    ),
    (
        "preparation_at_the_partner",
        "confirmed",
        (336075, 1344831, 49),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 36, K6 PROVED, K5 PROVED, K7 VIOLATED 36, K8 PROVED, K9 PROVED, K10 "
        "PROVED, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 18, M3 PROVED, M4 PROVED, "
        "prepared_at_B PROVED 19, prepared_at_home PROVED 30",
    ),
    (
        "preparation_at_the_partner",
        "after",
        (480915, 2059919, 47),
        "K1 VIOLATED 16, K2 VIOLATED 30, K3 VIOLATED 30, K6 VIOLATED 30, K5 VIOLATED 28, K7 VIOLATED 35, K8 "
        "PROVED, K9 PROVED, K10 PROVED, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 18, M3 "
        "PROVED, M4 PROVED, prepared_at_B PROVED 17, prepared_at_home PROVED 28",
    ),
    (
        "preparation_make_before_break",
        "confirmed",
        (11986, 37587, 42),
        "K1 VIOLATED 16, K2 VIOLATED 19, K3 VIOLATED 19, K6 VIOLATED 19, K5 PROVED, K7 VACUOUS, K8 PROVED, K9 "
        "PROVED, K10 VIOLATED 30, S4 PROVED, S5 PROVED, S6 VIOLATED 13, M1 VIOLATED 10, M2 VACUOUS, M3 PROVED, M4 "
        "PROVED, prepared_at_B PROVED 18, prepared_at_home PROVED 29",
    ),
    (
        "preparation_make_before_break",
        "after",
        (20012, 69331, 40),
        "K1 VIOLATED 15, K2 VIOLATED 18, K3 VIOLATED 18, K6 VIOLATED 18, K5 VIOLATED 27, K7 VACUOUS, K8 PROVED, "
        "K9 PROVED, K10 VIOLATED 29, S4 PROVED, S5 PROVED, S6 VIOLATED 13, M1 VIOLATED 10, M2 VACUOUS, M3 PROVED, "
        "M4 PROVED, prepared_at_B PROVED 16, prepared_at_home PROVED 27",
    ),
    (
        "preparation_on_a_journey",
        "confirmed",
        (208455, 743869, 44),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 12, K6 PROVED, K5 PROVED, K7 VIOLATED 12, K8 PROVED, K9 PROVED, K10 "
        "VIOLATED 23, S4 PROVED, S5 PROVED, S6 VIOLATED 11, M1 VIOLATED 7, M2 VIOLATED 14, M3 PROVED, M4 PROVED, "
        "prepared_at_B PROVED 16, prepared_at_home PROVED 23",
    ),
    (
        "preparation_on_a_journey",
        "after",
        (396411, 1605709, 42),
        "K1 VIOLATED 13, K2 VIOLATED 22, K3 VIOLATED 12, K6 VIOLATED 22, K5 VIOLATED 21, K7 VIOLATED 12, K8 "
        "PROVED, K9 PROVED, K10 VIOLATED 22, S4 PROVED, S5 PROVED, S6 VIOLATED 11, M1 VIOLATED 7, M2 VIOLATED 14, "
        "M3 PROVED, M4 PROVED, prepared_at_B PROVED 14, prepared_at_home PROVED 21",
    ),
    (
        "preparation_by_command",
        "confirmed",
        (23359, 67742, 41),
        "K1 PROVED, K2 PROVED, K3 PROVED, K6 PROVED, K5 PROVED, K8 PROVED, K9 PROVED, K10 PROVED, S4 PROVED, S5 "
        "PROVED, M1 PROVED, M2 PROVED, M3 PROVED, M4 PROVED, M5 VIOLATED 21, M6 VIOLATED 3, prepared_at_B PROVED "
        "18",
    ),
    (
        "preparation_by_command",
        "after",
        (27935, 83986, 39),
        "K1 VIOLATED 15, K2 VIOLATED 29, K3 VIOLATED 29, K6 VIOLATED 29, K5 VIOLATED 27, K8 PROVED, K9 PROVED, "
        "K10 PROVED, S4 PROVED, S5 PROVED, M1 PROVED, M2 PROVED, M3 PROVED, M4 PROVED, M5 VIOLATED 19, M6 "
        "VIOLATED 3, prepared_at_B PROVED 16",
    ),
    (
        "preparation_loss",
        "confirmed",
        (26426, 99982, 39),
        "K1 PROVED, K2 PROVED, K3 VIOLATED 16, K6 PROVED, K5 PROVED, K7 VIOLATED 16, K8 PROVED, K9 PROVED, K10 "
        "VIOLATED 31, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED 12, M3 PROVED, M4 "
        "VIOLATED 5, prepared_at_B PROVED 19, prepared_at_home PROVED 30, check.deadlock VIOLATED 10",
    ),
    (
        "preparation_loss",
        "after",
        (37932, 149024, 38),
        "K1 VIOLATED 16, K2 VIOLATED 19, K3 VIOLATED 16, K6 VIOLATED 30, K5 VIOLATED 28, K7 VIOLATED 16, K8 "
        "PROVED, K9 PROVED, K10 VIOLATED 30, S4 PROVED, S5 PROVED, S6 VIOLATED 14, M1 VIOLATED 10, M2 VIOLATED "
        "12, M3 PROVED, M4 VIOLATED 5, prepared_at_B PROVED 17, prepared_at_home PROVED 28, check.deadlock "
        "VIOLATED 10",
    ),
]
