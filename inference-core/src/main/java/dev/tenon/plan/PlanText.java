package dev.tenon.plan;

import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Prints plans as text. */
public final class PlanText {
    private PlanText() {}

    /**
     * The steps and the totals of a plan.
     *
     * @param plan the plan
     * @return a line for each step, then the totals
     */
    public static String print(Plan plan) {
        StringBuilder text = new StringBuilder();
        text.append("inputs ").append(plan.key()).append('\n');
        int i = 0;
        int unknown = 0;
        Cost sum = Cost.NONE;
        for (Step step : plan.steps()) {
            Cost cost = step.cost();
            text.append(String.format(
                    Locale.ROOT,
                    "%4d  %-36s %12s %10s  %s %s -> %s%n",
                    i++,
                    step.kernelId(),
                    cost == null ? "?" : quantity(cost.flops(), "FLOP"),
                    cost == null ? "?" : quantity(cost.bytes(), "B"),
                    step.node(),
                    types(step.types().inputs()),
                    types(step.types().outputs())));
            sum = cost == null ? sum : sum.plus(cost);
            unknown += cost == null ? 1 : 0;
        }
        text.append(String.format(
                Locale.ROOT,
                "%s and %s moved%s%n",
                quantity(sum.flops(), "FLOP"),
                quantity(sum.bytes(), "B"),
                unknown == 0 ? "" : ", without " + unknown + " steps whose shapes are only known during the call"));
        return text.append(totals(plan)).append('\n').append(refusals(plan)).toString();
    }

    /** A line for each reason against a better kernel, with the steps that it holds for. */
    private static String refusals(Plan plan) {
        Map<String, StringJoiner> steps = new LinkedHashMap<>();
        for (int i = 0; i < plan.steps().size(); i++) {
            for (String reason : plan.steps().get(i).refusals(plan.program().kernels())) {
                steps.computeIfAbsent(reason, none -> new StringJoiner(" ")).add(Integer.toString(i));
            }
        }
        StringBuilder text = new StringBuilder(steps.isEmpty() ? "" : "better kernels that were refused:\n");
        steps.forEach((reason, its) ->
                text.append("  ").append(reason).append("; steps ").append(its).append('\n'));
        return text.toString();
    }

    /**
     * The number of steps and their memory.
     *
     * @param plan the plan
     * @return one line without its end
     */
    public static String totals(Plan plan) {
        return String.format(
                Locale.ROOT,
                "%d steps of %d nodes; arena %,d bytes, %.1f %% above the largest live set of %,d; constants %,d bytes;"
                        + " scratch %,d bytes%s",
                plan.steps().size(),
                plan.program().graph().nodes().size(),
                plan.arenaBytes(),
                100 * plan.arenaExcess(),
                plan.memory().lowerBoundBytes(),
                plan.program().constantBytes(),
                plan.memory().scratchBytes(),
                plan.stateBytes() == 0
                        ? ""
                        : String.format(Locale.ROOT, "; states %,d bytes of the caller", plan.stateBytes()));
    }

    /**
     * The steps in a form by which plans are compared: the kernel of each step, its operator, and the locations of its
     * operands.
     *
     * @param plan the plan
     * @return a line for each step
     */
    public static String steps(Plan plan) {
        StringBuilder text = new StringBuilder();
        for (Step step : plan.steps()) {
            text.append(step.kernelId())
                    .append(' ')
                    .append(step.node().op().schema().name());
            switch (step) {
                case Step.KernelStep k -> {
                    for (KernelOperand operand : k.operands()) {
                        text.append(' ').append(operand(operand, plan));
                    }
                }
                case Step.DynamicStep d ->
                    text.append(' ').append(d.inputs()).append(" -> ").append(d.outputs());
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String operand(KernelOperand operand, Plan plan) {
        return switch (operand) {
            case null -> "_";
            case KernelOperand.ConstantOperand c -> "const:" + c.segment().byteSize();
            case KernelOperand.PackedOperand p -> "const:" + p.weights().byteSize(p.index());
            case KernelOperand.BufferOperand b
            when plan.buffers().get(b.buffer()).isState() -> "state" + b.buffer() + "+" + b.offset() + ":" + b.bytes();
            case KernelOperand.BufferOperand b ->
                (plan.buffers().get(b.buffer()).offset() + b.offset()) + ":" + b.bytes();
        };
    }

    private static String types(List<? extends ValueType> types) {
        return String.join(
                " ", types.stream().map(t -> t == null ? "-" : t.toString()).toList());
    }

    /**
     * A rounded count with its unit.
     *
     * @param count the count, at least 0
     * @param unit its unit
     * @return about three digits with a decimal prefix
     */
    public static String quantity(long count, String unit) {
        String prefixes = " kMGTPE";
        double scaled = count;
        int prefix = 0;
        while (scaled >= 999.5) {
            scaled /= 1000;
            prefix++;
        }
        String digits = prefix == 0 || scaled >= 99.95 ? "%.0f" : scaled >= 9.995 ? "%.1f" : "%.2f";
        return (String.format(Locale.ROOT, digits, scaled) + " " + prefixes.charAt(prefix)).trim()
                + (prefix == 0 ? " " : "")
                + unit;
    }
}
