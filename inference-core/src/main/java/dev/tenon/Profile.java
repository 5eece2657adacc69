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

/**
 * How long the steps of some calls took, as {@link Session#profile} measures them.
 *
 * @param calls the number of calls that were measured
 * @param minNanos the shortest call, nanoseconds, from inputs to outputs
 * @param medianNanos the median of the calls, nanoseconds
 * @param graphs what was run: the session's graph first, then bodies of control operators as they came, one entry for
 *     each set of shapes that a body ran with
 */
public record Profile(int calls, long minNanos, long medianNanos, List<GraphTimes> graphs) {
    private static final double NANOS_A_MILLISECOND = 1e6;

    /**
     * The steps of one graph.
     *
     * @param graph the graph that was run
     * @param owner the control operator whose body it is, or null for the session's graph
     * @param runs how often it was run in all calls together
     * @param steps its steps in order
     */
    public record GraphTimes(Graph graph, Node owner, int runs, List<StepTime> steps) {
        /**
         * The steps of one graph.
         *
         * @param graph the graph that was run
         * @param owner the control operator whose body it is, or null
         * @param runs how often it was run
         * @param steps its steps in order
         */
        public GraphTimes {
            steps = List.copyOf(steps);
        }
    }

    /**
     * How long a step took.
     *
     * @param step the step
     * @param minNanos the shortest run, nanoseconds; that of a control operator holds the time of its bodies
     * @param medianNanos the median of the runs, nanoseconds
     */
    public record StepTime(StepInfo step, long minNanos, long medianNanos) {}

    /**
     * How long the steps of some calls took.
     *
     * @param calls the number of calls that were measured
     * @param minNanos the shortest call
     * @param medianNanos the median of the calls
     * @param graphs what was run
     */
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
                steps.add(new StepTime(StepInfo.of(step), sorted[0], sorted[sorted.length / 2]));
            }
            graphs.add(new GraphTimes(times.graph(), times.owner(), runs, steps));
        }
        return new Profile(sortedCalls.length, sortedCalls[0], sortedCalls[sortedCalls.length / 2], graphs);
    }

    /**
     * The profile for people: for each graph its steps, the longest first, with their share of the graph's time and
     * their speed.
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
            if (graph.owner() != null) {
                text.append(String.format(
                        Locale.ROOT, "%s of %s, %d runs%n", graph.graph().name(), graph.owner(), graph.runs()));
            }
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
        Cost cost = s.step().cost();
        return cost == null || s.medianNanos() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f", (double) cost.flops() / s.medianNanos());
    }
}
