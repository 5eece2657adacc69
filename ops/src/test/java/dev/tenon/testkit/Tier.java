package dev.tenon.testkit;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;

/** The tier that this run of the tests is about, as the build names it by {@code -Dtenon.test.tier}. */
public final class Tier {
    private static volatile Capabilities detected;

    private Tier() {}

    /**
     * Its name.
     *
     * @return {@code plain}, {@code vector}, or a later one
     */
    public static String name() {
        return System.getProperty("tenon.test.tier", "plain");
    }

    /**
     * What kernels are selected by in this run, vectors whatever the size of the problem. Fails if the tier is not there:
     * a tier that is silently missing would pass every test.
     *
     * @return the capabilities
     */
    public static Capabilities capabilities() {
        if (name().equals("plain")) {
            return Capabilities.SCALAR;
        }
        if (detected == null) {
            Tiers tiers = Tiers.detect();
            if (!tiers.capabilities().vector()) {
                throw new AssertionError("the tier '" + name() + "' is not there:\n" + tiers.describe());
            }
            detected = tiers.capabilities().withMinVectorNanos(0);
        }
        return detected;
    }
}
