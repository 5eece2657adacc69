package dev.tenon.testkit;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.Tiers;

/** The tier that this run tests. The build names it by {@code -Dtenon.test.tier}. */
public final class Tier {
    private static volatile Capabilities detected;

    private Tier() {}

    /**
     * The name of the tier.
     *
     * @return {@code plain}, {@code vector} or {@code assembled}
     */
    public static String name() {
        return System.getProperty("tenon.test.tier", "plain");
    }

    /**
     * The capabilities by which kernels are selected in this run. With vectors, problems of all sizes use them. Fails if
     * the tier is not available, because a tier that is silently missing would pass every test.
     *
     * @return the capabilities
     */
    public static Capabilities capabilities() {
        if (name().equals("plain")) {
            // Without the Vector API there may still be machine code.
            return Boolean.getBoolean("tenon.test.assembled")
                    ? Capabilities.SCALAR.withInstructions(
                            Tiers.detect().capabilities().instructions())
                    : Capabilities.SCALAR;
        }
        if (detected == null) {
            Tiers tiers = Tiers.detect();
            boolean missing = !tiers.capabilities().vector()
                    || name().equals("assembled")
                            && tiers.capabilities().instructions().isEmpty();
            if (missing) {
                throw new AssertionError("the tier '" + name() + "' is not there:\n" + tiers.describe());
            }
            detected = tiers.capabilities().withMinVectorNanos(0);
        }
        return detected;
    }
}
