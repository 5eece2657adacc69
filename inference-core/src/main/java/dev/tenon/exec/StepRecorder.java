package dev.tenon.exec;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.plan.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records when each step of a number of calls runs, including the steps of bodies of control operators, and when threads run parts
 * of it. Steps are those of one thread at a time; parts may come from any thread.
 */
public final class StepRecorder {
    /** The times of the steps of one plan. */
    public static final class PlanTimes {
        private final Graph graph;
        private final Node owner;
        private final Plan plan;
        private final List<long[]> nanos = new ArrayList<>();

        private PlanTimes(Graph graph, Node owner, Plan plan) {
            this.graph = graph;
            this.owner = owner;
            this.plan = plan;
        }

        /**
         * The graph.
         *
         * @return the graph that was run
         */
        public Graph graph() {
            return graph;
        }

        /**
         * The control operator whose body the graph is.
         *
         * @return a node of another graph, or null for the graph of the session
         */
        public Node owner() {
            return owner;
        }

        /**
         * The plan.
         *
         * @return the plan that was run
         */
        public Plan plan() {
            return plan;
        }

        /**
         * How often the plan was run.
         *
         * @return at least 1
         */
        public int runs() {
            return nanos.size();
        }

        /**
         * The times of a step.
         *
         * @param step its index in the plan
         * @return nanoseconds of each run, shortest first; the time of a control operator includes its bodies
         */
        public long[] sorted(int step) {
            long[] times = nanos.stream().mapToLong(run -> run[step]).toArray();
            Arrays.sort(times);
            return times;
        }
    }

    /** The most spans that are kept. The times of steps are kept whatever their number is. */
    private static final int MOST_SPANS = 100_000;

    /**
     * A time that a thread worked.
     *
     * @param plan the index of the plan in {@link #plans}; -1 for a whole call
     * @param step the index of the step; -1 for a whole call
     * @param thread the name of the thread
     * @param isPart whether these are some parts of a step that several threads share
     * @param start its start, by {@link System#nanoTime}
     * @param nanos its length in nanoseconds
     */
    public record Span(int plan, int step, String thread, boolean isPart, long start, long nanos) {}

    private final List<Span> spans = new ArrayList<>();
    private boolean areAllSpans = true;

    /** The plan and the step that run, which the parts belong to. Workers read them after the step is published. */
    private int currentPlan;

    private int currentStep;

    private final Map<Plan, PlanTimes> plans = new IdentityHashMap<>();
    private final List<PlanTimes> inOrder = new ArrayList<>();
    private final Map<Graph, Node> owners = new IdentityHashMap<>();

    /** A recorder without times. */
    public StepRecorder() {}

    /** Says which control operator has a body. */
    void owner(Graph graph, Node node) {
        owners.putIfAbsent(graph, node);
    }

    /** Starts a run. The result has an element for each step, to be set to its time in nanoseconds. */
    long[] begin(Graph graph, Plan plan) {
        PlanTimes times = plans.get(plan);
        if (times == null) {
            times = new PlanTimes(graph, owners.get(graph), plan);
            plans.put(plan, times);
            inOrder.add(times);
        }
        long[] nanos = new long[plan.steps().size()];
        times.nanos.add(nanos);
        return nanos;
    }

    /** Says which step runs next on the calling thread. */
    void atStep(Plan plan, int step) {
        currentPlan = inOrder.indexOf(plans.get(plan));
        currentStep = step;
    }

    /** Records that the calling thread has run the step of a plan. */
    void step(Plan plan, int step, long start, long end) {
        add(new Span(
                inOrder.indexOf(plans.get(plan)), step, Thread.currentThread().getName(), false, start, end - start));
    }

    /** Records that the calling thread has run parts of the step that runs. */
    void part(long start, long end) {
        add(new Span(currentPlan, currentStep, Thread.currentThread().getName(), true, start, end - start));
    }

    /**
     * Records that the calling thread has made a call.
     *
     * @param start its start, by {@link System#nanoTime}
     * @param end its end
     */
    public void call(long start, long end) {
        add(new Span(-1, -1, Thread.currentThread().getName(), false, start, end - start));
    }

    private synchronized void add(Span span) {
        if (spans.size() < MOST_SPANS) {
            spans.add(span);
        } else {
            areAllSpans = false;
        }
    }

    /**
     * The times that threads worked.
     *
     * @return the spans in the order of their ends
     */
    public synchronized List<Span> spans() {
        return List.copyOf(spans);
    }

    /**
     * Whether all spans were kept.
     *
     * @return false if there were more than {@value #MOST_SPANS}
     */
    public synchronized boolean areAllSpans() {
        return areAllSpans;
    }

    /** Drops the times, for example those of calls that only warm up. */
    public void clear() {
        plans.clear();
        inOrder.clear();
        synchronized (this) {
            spans.clear();
            areAllSpans = true;
        }
    }

    /**
     * The times that were recorded.
     *
     * @return the plan of the session first, then plans of bodies in the order of their first runs
     */
    public List<PlanTimes> plans() {
        return List.copyOf(inOrder);
    }
}
