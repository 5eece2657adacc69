package dev.tenon.testkit;

/**
 * Whether this run of the tests takes all the time that it needs: {@code ./mvnw verify -Pexhaustive}. Only then do grids
 * combine every size with every other, and properties draw for long. A usual run keeps the sizes around each tail of a
 * loop, each of them with some of the others.
 */
public final class Exhaustive {
    private static final boolean ON = Boolean.getBoolean("tenon.exhaustive");

    private Exhaustive() {}

    /** {@return whether it does} */
    public static boolean isOn() {
        return ON;
    }
}
