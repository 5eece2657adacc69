package dev.tenon;

/** How closely the results of a session keep to the order of operations in the model. */
public enum NumericsMode {
    /**
     * Each result is within the accuracy contract of the operators that compute it: weights may be folded, and operators
     * that an exporter spelled out may be computed as one, rounded less often.
     */
    STANDARD,
    /** Only what keeps every bit is rewritten: sums and products stay in the order that the model gives them. */
    STRICT
}
