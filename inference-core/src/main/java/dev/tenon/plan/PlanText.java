package dev.tenon.plan;

import java.util.Locale;

/** Prints plans for people. */
public final class PlanText {
    private PlanText() {}

    /**
     * A line a step, then the totals.
     *
     * @param program the program of the plan
     * @param plan the plan
     * @return several lines
     */
    public static String print(Program program, Plan plan) {
        StringBuilder text = new StringBuilder();
        text.append("inputs ").append(plan.key()).append('\n');
        int i = 0;
        for (Step step : plan.steps()) {
            text.append(String.format(Locale.ROOT, "%4d  %-36s %s%n", i++, step.kernelId(), step.node()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%d steps of %d nodes; arena %,d bytes (at least %,d live at once); constants %,d bytes; scratch %,d"
                        + " bytes%n",
                plan.steps().size(),
                program.graph().nodes().size(),
                plan.arenaBytes(),
                plan.lowerBoundBytes(),
                program.constantBytes(),
                plan.scratchBytes()));
        return text.toString();
    }
}
