package dev.tenon;

import dev.tenon.exec.StepRecorder;
import dev.tenon.formats.AtomicFile;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.op.cost.Cost;
import dev.tenon.plan.Step;
import java.nio.file.Path;
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
 * @param spans the times that threads worked on calls, steps and parts of steps, in the order of their ends
 * @param areAllSpans whether these are all; spans after the first 100,000 are not kept
 */
public record Profile(
        int calls, long minNanos, long medianNanos, List<GraphTimes> graphs, List<Span> spans, boolean areAllSpans) {
    private static final double NANOS_A_MILLISECOND = 1e6;

    /**
     * The steps of one graph.
     *
     * @param graph the graph that ran
     * @param owner the control operator whose body the graph is, empty for the graph of the session
     * @param runs how often it ran in all calls together
     * @param steps its steps in order
     * @param buffers the memory of its values
     */
    public record GraphTimes(
            Graph graph, Optional<Node> owner, int runs, List<StepTime> steps, List<BufferInfo> buffers) {
        /** Copies the lists. */
        public GraphTimes {
            steps = List.copyOf(steps);
            buffers = List.copyOf(buffers);
        }
    }

    /**
     * A time that a thread worked.
     *
     * @param graph the index of the graph in {@link Profile#graphs}; -1 for a whole call
     * @param step the index of the step; -1 for a whole call
     * @param thread the name of the thread
     * @param isPart whether these are some parts of a step that several threads share; the caller's parts lie within its step
     * @param startNanos its start, in nanoseconds after that of the first span
     * @param nanos its length in nanoseconds
     */
    public record Span(int graph, int step, String thread, boolean isPart, long startNanos, long nanos) {}

    /**
     * How long a step took.
     *
     * @param step the step
     * @param minNanos the shortest run, in nanoseconds; the time of a control operator includes its bodies
     * @param medianNanos the median of the runs, in nanoseconds
     */
    public record StepTime(StepInfo step, long minNanos, long medianNanos) {}

    /** Copies the lists. */
    public Profile {
        graphs = List.copyOf(graphs);
        spans = List.copyOf(spans);
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
            graphs.add(new GraphTimes(
                    times.graph(), Optional.ofNullable(times.owner()), runs, steps, BufferInfo.of(times.plan())));
        }
        return new Profile(
                sortedCalls.length,
                sortedCalls[0],
                sortedCalls[sortedCalls.length / 2],
                graphs,
                spans(recorder.spans()),
                recorder.areAllSpans());
    }

    private static List<Span> spans(List<StepRecorder.Span> recorded) {
        long first = recorded.stream().mapToLong(StepRecorder.Span::start).min().orElse(0);
        return recorded.stream()
                .map(s -> new Span(s.plan(), s.step(), s.thread(), s.isPart(), s.start() - first, s.nanos()))
                .toList();
    }

    /**
     * Writes the calls, the steps and the parts of steps by threads, and the memory that the values of a call take, as JSON in the
     * Trace Event Format, which Perfetto and the tracing pages of browsers open. The file appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeTrace(Path file) {
        AtomicFile.writeText(file, new ProfileTrace(this).json());
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
