package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Lets regions of convolutions and of what works between them have the channels of their values last, {@code [n, ..., c]},
 * where a vector of channels is what kernels are fastest at. A region is what hangs together of operators that can work
 * either way; it is turned if its convolutions gain more than turning the values at its borders costs. Within it, nothing
 * is turned. Sizes that are not known are taken to be likely ones.
 *
 * <p>There are two layouts, not three. A third one, of blocks of channels {@code [n, c / 16, ..., 16]}, would give a kernel
 * nothing that channels last does not: either way a vector of channels of a pixel is one load, and products read weights
 * that are packed in panels. It differs in how far pixels lie apart, and in channels that are no multiple of a vector, which
 * it pads. Against that stand a conversion at every border with channels last too, a Reshape or a Concat that is no view any
 * more, and each kernel of pooling, resizing and arithmetic once again. Convolutions of many channels run near the peak as
 * they are, which bounds what it could gain.
 *
 * <p>Comes after all rules, once: what they look for has its channels first, and a graph that has fused operators stays as
 * it is. The Transposes stand where a region begins and ends; that is not always where the rules want them, so that these
 * come again behind it. Bodies of control operators are graphs of their own, turned when they are prepared to run.
 */
public final class LayoutAssignment implements Pass {
    private static final String NAME = "layout-assignment";

    private static final long LIKELY_SIDE = 64;

    // Nanoseconds, of which only the ratios matter.

    private static final double TURN = 0.4;
    private static final double MULTIPLY_ADD = 0.02;

    /** What convolutions of many channels gain of their time, and all by every part of a vector that a row leaves unused. */
    private static final double GAIN = 0.2;

    private static final double DEPTHWISE_GAIN = 3;
    private static final double TRANSPOSED_GAIN = 2;

    /** Elements of the widest vector. Narrower ones leave less of a row unused, which the estimate leaves out of account. */
    private static final long ROW = 16;

    private static final double NANOS = 1000;

    /** The pass. */
    public LayoutAssignment() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        boolean convolves = false;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Fused || node.op() instanceof ChannelsLast) {
                return graph;
            }
            convolves |= isConvolution(node);
        }
        if (!convolves) {
            return graph;
        }
        Regions regions = new Regions(graph);
        Set<Node> turned = regions.paying();
        if (trace.isKept()) {
            regions.tell(trace, turned);
        }
        return turned.isEmpty() ? graph : new Turning(graph, turned, trace).apply();
    }

    private static boolean isConvolution(Node node) {
        return node.op() instanceof Conv || node.op() instanceof ConvTranspose;
    }

    private static double elements(Value v) {
        Shape shape = v.tensorType().shape();
        double elements = 1;
        for (int i = 0; i < shape.rank(); i++) {
            elements *= size(shape, i);
        }
        return elements;
    }

    private static long size(Shape shape, int axis) {
        Dim dim = shape.dim(axis);
        return dim.isKnown() ? dim.value() : axis == 0 ? 1 : LIKELY_SIDE;
    }

    private static boolean toLast(Node node) {
        return node.op() instanceof Transpose t
                && ChannelsLastForms.hasChannels(node.output())
                && t.equals(ChannelsLast.toLast(ChannelsLastForms.rank(node.output())));
    }

    private static boolean toFirst(Node node) {
        return node.op() instanceof Transpose t
                && ChannelsLastForms.hasChannels(node.output())
                && t.equals(ChannelsLast.toFirst(ChannelsLastForms.rank(node.output())));
    }

    /** What turning a region gains and costs. */
    private static final class Region {
        private int convolutions;
        private int turns;
        private double gain;
        private double cost;

        private void convolve(double gained) {
            convolutions++;
            gain += gained;
        }

        private void turn(double costs) {
            turns++;
            cost += costs;
        }

        private boolean pays() {
            return gain > cost;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d %s %.1f us, turning %d %s at the borders costs %.1f us, by estimate",
                    convolutions,
                    convolutions == 1 ? "convolution gains" : "convolutions gain",
                    gain / NANOS,
                    turns,
                    turns == 1 ? "value" : "values",
                    cost / NANOS);
        }
    }

    /** Nodes that can be turned, in sets that hang together. */
    private static final class Regions {
        private final Graph graph;
        private final Map<Node, Node> parents = new IdentityHashMap<>();
        private final Map<Node, Region> regions = new IdentityHashMap<>();

        private Regions(Graph graph) {
            this.graph = graph;
            for (Node node : graph.nodes()) {
                if (ChannelsLastForms.reasonAgainst(node) == null) {
                    parents.put(node, node);
                }
            }
        }

        private Node root(Node node) {
            Node root = node;
            while (parents.get(root) != root) {
                parents.put(root, parents.get(parents.get(root)));
                root = parents.get(root);
            }
            return root;
        }

        private Set<Node> paying() {
            for (Node node : graph.nodes()) {
                for (Value v : parents.containsKey(node) ? node.inputs() : List.<Value>of()) {
                    if (v != null && ChannelsLastForms.hasChannels(v) && parents.containsKey(v.producer())) {
                        parents.put(root(node), root(v.producer()));
                    }
                }
            }
            Set<Object> counted = new HashSet<>();
            for (Node node : graph.nodes()) {
                count(node, counted);
            }
            for (Value v : graph.outputs()) {
                if (v.producer() != null && parents.containsKey(v.producer())) {
                    cross(v, root(v.producer()), counted);
                }
            }
            Set<Node> paying = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : parents.keySet()) {
                if (region(root(node)).pays()) {
                    paying.add(node);
                }
            }
            return paying;
        }

        private Region region(Node root) {
            return regions.computeIfAbsent(root, key -> new Region());
        }

        /** Tells which regions are turned and which are not, and what ends those that are. */
        private void tell(RewriteTrace trace, Set<Node> turned) {
            Map<Node, Integer> sizes = new IdentityHashMap<>();
            parents.keySet().forEach(node -> sizes.merge(root(node), 1, Integer::sum));
            Set<Node> told = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : graph.nodes()) {
                if (!parents.containsKey(node)) {
                    tellBorder(node, trace, turned);
                    continue;
                }
                Region region = region(root(node));
                if (region.convolutions == 0 || !isConvolution(node) || !told.add(root(node))) {
                    continue;
                }
                int more = sizes.get(root(node)) - 1;
                String what =
                        node + (more == 0 ? "" : " with " + more + (more == 1 ? " node" : " nodes") + " around it");
                if (region.pays()) {
                    trace.fired(NAME, graph.name(), what + " (" + region + ")");
                } else {
                    trace.refused(NAME, graph.name(), what, region.toString());
                }
            }
        }

        /** Tells why a node with channels is not turned, if it is a convolution or works next to what is. */
        private void tellBorder(Node node, RewriteTrace trace, Set<Node> turned) {
            boolean touches = node.inputs().stream()
                    .anyMatch(v -> v != null && ChannelsLastForms.hasChannels(v) && turned.contains(v.producer()));
            if (isConvolution(node) || touches && !toLast(node)) {
                trace.refused(NAME, graph.name(), node, ChannelsLastForms.reasonAgainst(node));
            }
        }

        /** Notes what a node gains, and which borders lie before it. */
        private void count(Node node, Set<Object> counted) {
            Node own = parents.containsKey(node) ? root(node) : null;
            if (own != null && node.op() instanceof Conv conv) {
                region(own).convolve(gain(conv, node));
            } else if (own != null && node.op() instanceof ConvTranspose) {
                region(own).convolve(transposedGain(node));
            }
            for (Value v : node.inputs()) {
                if (v == null || v.isConstant() || !ChannelsLastForms.hasChannels(v)) {
                    continue;
                }
                Node producer = v.producer();
                Node its = producer != null && parents.containsKey(producer) ? root(producer) : null;
                if (its == own) {
                    continue;
                }
                if (own != null && !(producer != null && toFirst(producer))) {
                    cross(v, own, counted);
                }
                if (its != null && !toLast(node)) {
                    cross(v, its, counted);
                }
            }
        }

        private void cross(Value v, Node root, Set<Object> counted) {
            if (counted.add(List.of(System.identityHashCode(v), System.identityHashCode(root)))) {
                region(root).turn(TURN * elements(v));
            }
        }

        private static double gain(Conv conv, Node node) {
            Tensor w = node.input(1).constant();
            double terms = w.size() / (double) Math.max(1, w.dim(0));
            double work = MULTIPLY_ADD * elements(node.output()) * terms;
            if (conv.group() > 1) {
                return DEPTHWISE_GAIN * work;
            }
            Shape shape = node.output().tensorType().shape();
            long row = size(shape, shape.rank() - 1);
            double always = w.dim(1) < ROW ? 0 : GAIN;
            return (always + unused(row, ROW)) * work;
        }

        /** Its weights lie in panels of two vectors, of which few outputs leave much unused. */
        private static double transposedGain(Node node) {
            Tensor w = node.input(1).constant();
            double work = MULTIPLY_ADD * elements(node.output()) * w.dim(0);
            return (TRANSPOSED_GAIN - unused(w.size() / Math.max(1, w.dim(0)), 2 * ROW)) * work;
        }

        /** What filling up to a multiple adds to a number, as a part of it. */
        private static double unused(long number, long multiple) {
            return Math.ceilDiv(number, multiple) * multiple / (double) Math.max(1, number) - 1;
        }
    }

    /** Copies a graph with some nodes turned. */
    private static final class Turning {
        private final Graph graph;
        private final Set<Node> turned;
        private final GraphCopy copy;
        private final RewriteTrace trace;
        private final Map<Value, Value> last = new IdentityHashMap<>();
        private final Map<Tensor, Value> constants = new IdentityHashMap<>();

        private Turning(Graph graph, Set<Node> turned, RewriteTrace trace) {
            this.trace = trace;
            this.graph = graph;
            this.turned = turned;
            this.copy = new GraphCopy(graph);
        }

        private Graph apply() {
            for (Node node : graph.nodes()) {
                if (turned.contains(node)) {
                    int rank = ChannelsLastForms.rank(node.outputs().getFirst());
                    List<Value> results = ChannelsLastForms.add(node, v -> last(v, rank), this::first, copy);
                    for (int i = 0; i < results.size(); i++) {
                        Value v = node.outputs().get(i);
                        if (ChannelsLastForms.hasChannels(v)) {
                            last.put(v, results.get(i));
                        } else if (v != null) {
                            copy.replace(v, results.get(i));
                        }
                    }
                } else if (toLast(node) && last.containsKey(node.input(0))) {
                    copy.replace(node.output(), last.get(node.input(0)));
                } else {
                    node.inputs().forEach(this::first);
                    copy.copy(node);
                    if (toFirst(node)) {
                        last.put(node.output(), copy.of(node.input(0)));
                    }
                }
            }
            graph.outputs().forEach(this::first);
            return new DeadCodeElimination().apply(copy.build(trace), trace.silent());
        }

        /** A value with channels last. */
        private Value last(Value v, int rank) {
            if (v.isConstant()) {
                return ChannelsLastForms.rank(v) == rank
                        ? constants.computeIfAbsent(v.constant(), c -> turned(c, rank))
                        : turned(v.constant(), rank);
            }
            if (ChannelsLastForms.rank(v) < rank) {
                return first(v);
            }
            return last.computeIfAbsent(
                    v, w -> turn(copy.of(w), ChannelsLast.toLast(rank), copy.fresh(w.name() + "_last")));
        }

        private Value turned(Tensor constant, int rank) {
            return copy.constant(ChannelsLastForms.turned(constant, rank));
        }

        /** A value as it was. */
        private Value first(Value v) {
            if (v == null) {
                return null;
            }
            Value known = copy.of(v);
            if (known == null) {
                Value from = last.get(v);
                known = turn(from, ChannelsLast.toFirst(ChannelsLastForms.rank(from)), v.name());
                copy.replace(v, known);
            }
            return known;
        }

        private Value turn(Value v, Transpose turning, String name) {
            Transpose by = turning;
            Value from = v;
            if (v.producer() != null && v.producer().op() instanceof Transpose before) {
                int[] perm = before.permutation(ChannelsLastForms.rank(v));
                by = new Transpose(turning.perm().stream().map(i -> perm[i]).toList());
                from = v.producer().input(0);
            }
            Tensor target = target(from.tensorType().shape(), by);
            if (target == null) {
                return copy.builder().add(by, "", List.of(from), List.of(name)).getFirst();
            }
            List<Value> operands = List.of(from, copy.constant(target));
            return copy.builder()
                    .add(new Reshape(false), "", operands, List.of(name))
                    .getFirst();
        }

        /** The shape that turning comes to where only dimensions of 1 change places, or null. */
        private static Tensor target(Shape shape, Transpose by) {
            List<Integer> moved = new ArrayList<>();
            long[] target = new long[shape.rank()];
            int open = -1;
            for (int i = 0; i < target.length; i++) {
                int from = by.perm().get(i);
                Dim dim = shape.dim(from);
                if (!dim.equals(Dim.of(1))) {
                    moved.add(from);
                }
                if (dim.isKnown()) {
                    target[i] = dim.value();
                } else if (from != i) {
                    if (open >= 0) {
                        return null;
                    }
                    open = i;
                    target[i] = -1;
                }
                if (dim.equals(Dim.of(0))) {
                    return null;
                }
            }
            return moved.equals(moved.stream().sorted().toList()) ? Tensor.of(target) : null;
        }
    }
}
