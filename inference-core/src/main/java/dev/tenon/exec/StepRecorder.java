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
 * Records how long each step of a number of calls takes, including the steps of bodies of control operators. For one
 * thread at a time.
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

    /** Drops the times, for example those of calls that only warm up. */
    public void clear() {
        plans.clear();
        inOrder.clear();
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
