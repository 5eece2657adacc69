package dev.tenon;

import dev.tenon.kernel.table.Tiers;

/** What Tenon is on this machine and JVM. */
public final class Tenon {
    /** What was detected, null before: a constant would turn a property's exception into an error. */
    private static Tiers detected;

    private Tenon() {}

    /**
     * Which tiers of kernels are active, which are not, why, and the exact flag that would change it.
     *
     * @return several lines of text for people
     * @throws dev.tenon.error.InvalidPropertyException if a property of Tenon has a value that is none of those it takes
     */
    public static String describe() {
        return tiers().describe();
    }

    static synchronized Tiers tiers() {
        if (detected == null) {
            Tiers tiers = Tiers.detect();
            if (!tiers.warning().isEmpty()) {
                System.getLogger("dev.tenon").log(System.Logger.Level.WARNING, tiers.warning());
            }
            detected = tiers;
        }
        return detected;
    }
}
