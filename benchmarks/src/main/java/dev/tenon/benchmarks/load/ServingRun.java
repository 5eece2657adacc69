package dev.tenon.benchmarks.load;

import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Measures the figures of a service, and prints each beside its bar: met or short. */
public final class ServingRun {
    /** The name of the suite. */
    public static final String NAME = "serving";

    /** How long figures are measured, and how often. */
    record Effort(double seconds, int runs, double overloadSeconds, int windows, int keys) {
        private static final Effort FULL = new Effort(5, 10, 600, 100_000, 100_000);
        private static final Effort QUICK = new Effort(0.3, 3, 3, 200, 20_000);
    }

    private static final Map<String, Function<Effort, List<Figure>>> GROUPS = groups();

    private ServingRun() {}

    private static Map<String, Function<Effort, List<Figure>>> groups() {
        Map<String, Function<Effort, List<Figure>>> groups = new LinkedHashMap<>();
        groups.put("saturated", SaturationFigures::measure);
        groups.put("latency", LatencyFigures::measure);
        groups.put("overload", OverloadFigures::measure);
        groups.put("fairness", FairnessFigures::measure);
        groups.put("canary", CanaryFigures::measure);
        groups.put("drift", DriftFigures::measure);
        return groups;
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "Figures of a service, beside their bars.")
                .spaced()
                .arguments("[" + String.join("|", GROUPS.keySet()) + "]...", "groups of figures, all if none is given")
                .flag("short runs, whose figures mean little", "--quick")
                .exit(1, "failure, or a bar is missed")
                .example("benchmarks/run " + NAME + " --quick");
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite, {@code --quick}, and names of groups, or none for all
     * @return whether all bars were met
     * @throws IllegalArgumentException if an argument is wrong
     */
    public static boolean run(PrintStream out, String... arguments) {
        Effort effort = Effort.FULL;
        List<String> groups = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--quick")) {
                effort = Effort.QUICK;
            } else if (GROUPS.containsKey(arguments[i])) {
                groups.add(arguments[i]);
            } else {
                throw new IllegalArgumentException(usage().synopsis());
            }
        }
        boolean met = true;
        out.printf(Locale.ROOT, "%-62s %-34s %-50s%n", "figure", "bar", "measured");
        for (String group : groups.isEmpty() ? GROUPS.keySet() : groups) {
            for (Figure f : GROUPS.get(group).apply(effort)) {
                out.printf(
                        Locale.ROOT,
                        "%-62s %-34s %-50s %s%n",
                        f.what(),
                        f.bar(),
                        f.measured(),
                        f.met() ? "met" : "SHORT");
                out.flush();
                met &= f.met();
            }
        }
        return met;
    }

    /** A figure that can't be measured. It counts as short. */
    static Figure missing(String what, String bar, String reason) {
        return new Figure(what, bar, "not measured: " + reason, false);
    }
}
