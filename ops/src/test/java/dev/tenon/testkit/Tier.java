package dev.tenon.testkit;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;

/** The tier of kernels that this run tests. The build sets it by {@code -Dtenon.test.tier}. */
public final class Tier {
    private static volatile Capabilities detected;

    private Tier() {}

    /**
     * The name of the tier.
     *
     * @return {@code plain}, {@code vector}, or a later one
     */
    public static String name() {
        return System.getProperty("tenon.test.tier", "plain");
    }

    /**
     * The capabilities that select kernels in this run. On the vector tier, problems of every size get vector kernels.
     * Fails if the machine does not have the tier, because a missing tier would pass every test.
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
