package dev.tenon;

import dev.tenon.exec.StepRecorder;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.op.cost.Cost;
import dev.tenon.plan.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How long the steps of a number of calls took, as {@link Inspection#profile} measures them.
 *
 * @param calls the number of calls that were measured
 * @param minNanos the shortest call from inputs to outputs, in nanoseconds
 * @param medianNanos the median of the calls, in nanoseconds
 * @param graphs the graphs that ran: first that of the session, then bodies of control operators. A body has an entry
 *     for each set of input shapes
 */
public record Profile(int calls, long minNanos, long medianNanos, List<GraphTimes> graphs) {
    private static final double NANOS_A_MILLISECOND = 1e6;

    /**
     * The steps of one graph.
     *
     * @param graph the graph that ran
     * @param owner the control operator whose body the graph is, empty for the graph of the session
     * @param runs how often it ran in all calls together
     * @param steps its steps in order
     */
    public record GraphTimes(Graph graph, Optional<Node> owner, int runs, List<StepTime> steps) {
        /** Copies the list. */
        public GraphTimes {
            steps = List.copyOf(steps);
        }
    }

    /**
     * How long a step took.
     *
     * @param step the step
     * @param minNanos the shortest run, in nanoseconds; the time of a control operator includes its bodies
     * @param medianNanos the median of the runs, in nanoseconds
     */
    public record StepTime(StepInfo step, long minNanos, long medianNanos) {}

    /** Copies the list. */
    public Profile {
        graphs = List.copyOf(graphs);
    }

    static Profile of(long[] sortedCalls, StepRecorder recorder) {
        List<GraphTimes> graphs = new ArrayList<>();
        for (StepRecorder.PlanTimes times : recorder.plans()) {
            List<StepTime> steps = new ArrayList<>();
            int runs = times.runs();
            for (int i = 0; i < times.plan().steps().size(); i++) {
                Step step = times.plan().steps().get(i);
                long[] sorted = times.sorted(i);
                steps.add(new StepTime(StepInfo.of(step, times.plan()), sorted[0], sorted[sorted.length / 2]));
            }
            graphs.add(new GraphTimes(times.graph(), Optional.ofNullable(times.owner()), runs, steps));
        }
        return new Profile(sortedCalls.length, sortedCalls[0], sortedCalls[sortedCalls.length / 2], graphs);
    }

    /**
     * The profile as text. It lists the steps of each graph, the longest first, with their share of the graph's time
     * and their speed.
     *
     * @return several lines
     */
    public String print() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%d calls, shortest %.3f ms, median %.3f ms%n",
                calls,
                minNanos / NANOS_A_MILLISECOND,
                medianNanos / NANOS_A_MILLISECOND));
        for (GraphTimes graph : graphs) {
            graph.owner()
                    .ifPresent(owner -> text.append(String.format(
                            Locale.ROOT, "%s of %s, %d runs%n", graph.graph().name(), owner, graph.runs())));
            long sum = Math.max(
                    1, graph.steps().stream().mapToLong(StepTime::medianNanos).sum());
            List<StepTime> longest = new ArrayList<>(graph.steps());
            longest.sort(Comparator.comparingLong(StepTime::medianNanos).reversed());
            for (StepTime s : longest) {
                text.append(String.format(
                        Locale.ROOT,
                        "%9.4f ms %5.1f %% %9s GFLOP/s  %-36s %s%n",
                        s.medianNanos() / NANOS_A_MILLISECOND,
                        100.0 * s.medianNanos() / sum,
                        speed(s),
                        s.step().kernel(),
                        s.step().node()));
            }
        }
        return text.toString();
    }

    private static String speed(StepTime s) {
        Optional<Cost> cost = s.step().cost();
        return cost.isEmpty() || s.medianNanos() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f", (double) cost.get().flops() / s.medianNanos());
    }
}
