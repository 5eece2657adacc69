package dev.tenon.compression.factorize;

/**
 * How small the factors are made.
 *
 * @param kind the kind
 * @param amount the share of energy, the rank, or the share of parameters
 */
record Target(Kind kind, double amount) {
    /** Kinds of targets. */
    enum Kind {
        ENERGY,
        RANK,
        BUDGET
    }
}
