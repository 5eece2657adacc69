package dev.tenon.kernel.x64;

import dev.tenon.error.InvalidPropertyException;
import dev.tenon.kernel.table.Tiers;

/** Prints the status of the assembled tier for values of system properties. */
final class TiersProgram {
    private TiersProgram() {}

    /**
     * Runs it.
     *
     * @param arguments properties without {@code tenon.}, and their values, such as {@code native=off}
     */
    public static void main(String[] arguments) {
        for (String argument : arguments) {
            int split = argument.indexOf('=');
            String property = "tenon." + argument.substring(0, split);
            System.setProperty(property, argument.substring(split + 1));
            try {
                Tiers.Status status = Tiers.detect().tiers().getFirst();
                System.out.println(
                        argument + " " + status.name() + (status.active() ? " on " : " off ") + status.detail());
            } catch (InvalidPropertyException e) {
                System.out.println(argument + " " + e.getClass().getSimpleName() + " " + e.getMessage());
            }
            System.clearProperty(property);
        }
    }
}
