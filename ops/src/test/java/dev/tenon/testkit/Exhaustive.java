package dev.tenon.testkit;

/**
 * Whether this is the exhaustive run of the tests, {@code ./mvnw verify -Pexhaustive}. Tests tagged {@code exhaustive} run in
 * it only; other tests ask here whether to go through all of their cases or through some.
 */
public final class Exhaustive {
    private Exhaustive() {}

    /**
     * Whether all cases are wanted.
     *
     * @return false in a plain {@code ./mvnw verify}
     */
    public static boolean isOn() {
        return Boolean.getBoolean("tenon.exhaustive");
    }

    /**
     * The distance from one case to the next, for a loop over many similar cases.
     *
     * @param distance the distance in a plain {@code ./mvnw verify}, at least 1
     * @return that distance, or 1 if all cases are wanted
     */
    public static int step(int distance) {
        return isOn() ? 1 : distance;
    }

    /**
     * Whether a test that does the same on every tier should do all of it: on the first tier, or if all cases are wanted.
     *
     * @return false if another tier has shown the same
     */
    public static boolean isFirstTier() {
        return isOn() || Tier.name().equals("plain");
    }

    /**
     * Whether a test that scalar loops make slow should do all of it: on the vector tier, or if all cases are wanted.
     *
     * @return false if scalar loops would do the work that the vector tier has shown
     */
    public static boolean isFastTier() {
        return isOn() || !Tier.name().equals("plain");
    }
}
