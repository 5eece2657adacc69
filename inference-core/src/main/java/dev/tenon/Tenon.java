package dev.tenon;

import dev.tenon.kernel.table.Tiers;
import java.util.List;

/** Tenon on this machine and JVM. */
public final class Tenon {
    /** Null until it is needed: in a constant, the exception of a wrong property would become an error. */
    private static Tiers detected;

    /** How often a tier was switched off since it was detected. */
    private static volatile int retired;

    private Tenon() {}

    /**
     * The tiers of kernels that are active on this machine. For a tier that is not active it gives the reason, and the
     * flag that activates it.
     *
     * @return several lines of text
     * @throws dev.tenon.error.InvalidPropertyException if a system property of Tenon has a value that is not allowed
     */
    public static String describe() {
        return tiers().describe();
    }

    /**
     * The names of the tiers that are active on this machine: some of {@code assembled}, {@code vector} and {@code scalar}, the
     * fastest first. A tier that fails while the JVM runs is switched off, and is not among them from then on.
     *
     * @return the names
     * @throws dev.tenon.error.InvalidPropertyException if a system property of Tenon has a value that is not allowed
     */
    public static List<String> activeTiers() {
        return tiers().tiers().stream()
                .filter(Tiers.Status::active)
                .map(Tiers.Status::name)
                .toList();
    }

    /** The tiers. The first call logs a warning if kernels are slow for lack of a flag. */
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

    /** How often a tier was switched off. Sessions that were made before are made again for the tiers that are left. */
    static int retired() {
        return retired;
    }

    /**
     * Switches off the tier with a class that can't be initialised.
     *
     * @param error the error of the JVM
     * @return the name of the tier; null if the class belongs to none that can be switched off
     */
    static synchronized String retireTierOf(LinkageError error) {
        String tier = Tiers.tierOf(error);
        if (tier == null) {
            return null;
        }
        Tiers left = tiers().without(tier, "a class of it could not be initialised: " + error);
        if (!left.equals(detected)) {
            detected = left;
            int before = retired;
            retired = before + 1;
            System.getLogger("dev.tenon").log(System.Logger.Level.WARNING, "the tier '" + tier + "' is off now", error);
        }
        return tier;
    }
}
