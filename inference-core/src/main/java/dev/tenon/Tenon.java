package dev.tenon;

import dev.tenon.kernel.Tiers;

/** What Tenon is on this machine and JVM. */
public final class Tenon {
    private static final class Detected {
        private static final Tiers TIERS = detect();

        private static Tiers detect() {
            Tiers tiers = Tiers.detect();
            if (!tiers.warning().isEmpty()) {
                System.getLogger("dev.tenon").log(System.Logger.Level.WARNING, tiers.warning());
            }
            return tiers;
        }
    }

    private Tenon() {}

    /**
     * Which tiers of kernels are active, which are not, why, and the exact flag that would change it.
     *
     * @return several lines of text for people
     */
    public static String describe() {
        return tiers().describe();
    }

    static Tiers tiers() {
        return Detected.TIERS;
    }
}
