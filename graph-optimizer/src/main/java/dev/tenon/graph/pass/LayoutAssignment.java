package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.kernel.Ratios;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
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
 * Gives regions of a graph the channels-last layout, {@code [n, ..., c]}, in which kernels of convolutions load vectors
 * of channels. A region is a set of connected operators that can work in either layout. It is transposed if the
 * estimated gain of its convolutions exceeds the cost of a Transpose of each value at its borders. There are no
 * Transposes inside of a region. Sizes that are not known are assumed to be likely ones.
 *
 * <p>There is no third layout of blocks of channels, {@code [n, c / 16, ..., 16]}. A vector of channels of a pixel is
 * one load in channels-last too, and products read packed weights in both. Blocks would pad channels that are no
 * multiple of a vector. But they would need a conversion at every border with channels-last, Reshape and Concat would
 * not be views any more, and every kernel of pooling, resizing and arithmetic would be needed once more.
 *
 * <p>The pass comes once, after the rules, which look for channels-first graphs. A graph with fused operators is left
 * alone. The rules come again after it, because the borders of regions are not always the best places for the
 * Transposes. Bodies of control operators are graphs of their own, which are transposed when they are compiled.
 */
public final class LayoutAssignment implements Pass {
    private static final String NAME = "layout-assignment";

    private static final long LIKELY_SIDE = 64;

    // Estimated times in nanoseconds, see Ratios. Only their ratios matter.

    /** The time to transpose an element. */
    private static final double TRANSPOSE = 0.4;

    /** The time of a multiplication and an addition of a convolution, beside one of a product. */
    private static final double MULTIPLY_ADD = 1.28;

    /** The part of its time that a convolution of many channels gains, apart from vectors that a row does not fill. */
    private static final double GAIN = 0.2;

    private static final double DEPTHWISE_GAIN = 3;
    private static final double TRANSPOSED_GAIN = 2;

    private static final double NANOS = 1000;

    /** The time of a multiplication and an addition of bytes in a layout that has no kernel for dot products of bytes. */
    private static final double BYTES_GAIN = 0.1;

    /** The same of bytes whose sums stay integers: elsewhere there are only plain loops. */
    private static final double INTEGERS_GAIN = 0.5;

    /** The time that such a layout takes besides for each weight and line of the output. */
    private static final double BYTES_LINE = 20;

    /**
     * The time that vector loops take to copy a term of a pixel to where a product reads it. Machine code, which has kernels of
     * channels last only, reads it in place.
     */
    private static final double COPIED_TERM = 1;

    /** The kinds of kernels that are faster with channels last. */
    public enum Gain {
        /** Vector loops for convolutions of floats. */
        VECTORS,
        /** Machine code for convolutions of floats. */
        MACHINE_CODE,
        /** Dot products for convolutions of bytes. */
        BYTES
    }

    private final Set<Gain> gains;
    private final Target target;

    /** The pass for machines with vectors of 512 bits, which do not multiply bytes. */
    public LayoutAssignment() {
        this(Set.of(Gain.VECTORS), Target.standard());
    }

    /**
     * The pass.
     *
     * @param gains the kernels that the machine has
     * @param target the kernels and the machine
     */
    public LayoutAssignment(Set<Gain> gains, Target target) {
        this.gains = Set.copyOf(gains);
        this.target = target;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        boolean convolves = false;
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Fused) {
                return graph;
            }
            convolves |= isConvolution(node);
        }
        if (!convolves) {
            return graph;
        }
        Regions regions = new Regions(graph, gains, target);
        Set<Node> transposed = regions.paying();
        if (trace.isKept()) {
            regions.tell(trace, transposed);
        }
        return transposed.isEmpty() ? graph : new ChannelsLastCopy(graph, transposed, trace).apply();
    }

    private static boolean isConvolution(Node node) {
        return isFloatConvolution(node) || node.op() instanceof QLinearConv || node.op() instanceof ConvInteger;
    }

    private static boolean isFloat(Value v) {
        return v.tensorType() != null && v.tensorType().dtype() == DType.FLOAT32;
    }

    private static boolean isFloatConvolution(Node node) {
        return node.op() instanceof Conv || node.op() instanceof ConvTranspose;
    }

    /** Why a node can't work in the channels-last layout, or is no faster there than elsewhere; null if it can. */
    private static String reasonAgainst(Node node, Set<Gain> gains, Target target) {
        if (node.outputs().getFirst() == null) {
            return "its first result is left out";
        }
        boolean floats = gains.contains(Gain.VECTORS) || gains.contains(Gain.MACHINE_CODE);
        if (!floats && isFloatConvolution(node)) {
            return "there are no vectors";
        }
        boolean ofBytes = node.op() instanceof QLinearConv
                || node.op() instanceof QLinearAdd
                || node.op() instanceof MaxPool && !isFloat(node.outputs().getFirst());
        boolean pools = node.op() instanceof QLinearAveragePool && !floats;
        return (ofBytes || pools) && !gains.contains(Gain.BYTES)
                ? "there are no dot products of bytes"
                : ChannelsLastForms.reasonAgainst(node, target);
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

    /** The estimated gain and cost of a region in the channels-last layout. */
    private static final class Region {
        private int convolutions;
        private int transposes;
        private double gain;
        private double cost;

        private void convolve(double gained) {
            convolutions++;
            gain += gained;
        }

        private void transpose(double costs) {
            transposes++;
            cost += costs;
        }

        private boolean pays() {
            return gain > cost;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d %s %.1f us, transposing %d %s at the borders costs %.1f us, by estimate",
                    convolutions,
                    convolutions == 1 ? "convolution gains" : "convolutions gain",
                    gain / NANOS,
                    transposes,
                    transposes == 1 ? "value" : "values",
                    cost / NANOS);
        }
    }

    /** Nodes that can be transposed, in connected sets. */
    private static final class Regions {
        private final Graph graph;
        private final Map<Node, Node> parents = new IdentityHashMap<>();
        private final Map<Node, Region> regions = new IdentityHashMap<>();

        private final Set<Gain> gains;
        private final Target target;
        private final Ratios ratios;

        private Regions(Graph graph, Set<Gain> gains, Target target) {
            this.graph = graph;
            this.gains = gains;
            this.target = target;
            this.ratios = target.machine().ratios();
            for (Node node : graph.nodes()) {
                if (reasonAgainst(node, gains, target) == null) {
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

        /** Tells the trace which regions are transposed and which are not, and which nodes end a region. */
        private void tell(RewriteTrace trace, Set<Node> transposed) {
            Map<Node, Integer> sizes = new IdentityHashMap<>();
            parents.keySet().forEach(node -> sizes.merge(root(node), 1, Integer::sum));
            Set<Node> told = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : graph.nodes()) {
                if (!parents.containsKey(node)) {
                    tellBorder(node, trace, transposed);
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

        /** Tells the trace why a node is not transposed, if it is a convolution or next to a transposed region. */
        private void tellBorder(Node node, RewriteTrace trace, Set<Node> transposed) {
            boolean touches = node.inputs().stream()
                    .anyMatch(v -> v != null && ChannelsLastForms.hasChannels(v) && transposed.contains(v.producer()));
            if (isConvolution(node) || touches && !toLast(node)) {
                trace.refused(NAME, graph.name(), node, reasonAgainst(node, gains, target));
            }
        }

        /** Adds the gain of a node, and the borders before it. */
        private void count(Node node, Set<Object> counted) {
            Node own = parents.containsKey(node) ? root(node) : null;
            if (own != null && node.op() instanceof Conv conv) {
                region(own).convolve(gain(conv, node));
            } else if (own != null && node.op() instanceof ConvInteger) {
                Tensor w = node.input(1).constant();
                region(own).convolve(INTEGERS_GAIN * elements(node.output()) * w.size() / w.dim(0));
            } else if (own != null && node.op() instanceof QLinearConv) {
                Tensor w = node.input(3).constant();
                double terms = w.size() / (double) w.dim(0);
                Shape shape = node.output().tensorType().shape();
                long lines = shape.rank() < 4 ? 1 : size(shape, 2);
                region(own)
                        .convolve(
                                BYTES_GAIN * elements(node.output()) * terms + BYTES_LINE * (double) w.size() * lines);
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

        /** Adds a border of a region at a value, once for each value. */
        private void cross(Value v, Node root, Set<Object> counted) {
            if (counted.add(List.of(System.identityHashCode(v), System.identityHashCode(root)))) {
                region(root).transpose(TRANSPOSE * elements(v));
            }
        }

        private double gain(Conv conv, Node node) {
            Tensor w = node.input(1).constant();
            double terms = w.size() / (double) Math.max(1, w.dim(0));
            double work = ratios.nanos(MULTIPLY_ADD * elements(node.output()) * terms);
            if (conv.group() > 1) {
                return DEPTHWISE_GAIN * work;
            }
            Shape shape = node.output().tensorType().shape();
            long row = size(shape, shape.rank() - 1);
            double always = w.dim(1) < ratios.lanes() ? 0 : GAIN;
            double copied = gains.contains(Gain.MACHINE_CODE)
                    ? COPIED_TERM * elements(node.output()) / Math.max(1, w.dim(0)) * terms
                    : 0;
            return (always + unused(row, ratios.lanes())) * work + copied;
        }

        /** The gain of a transposed convolution. Few outputs leave much of a panel of two vectors unused. */
        private double transposedGain(Node node) {
            Tensor w = node.input(1).constant();
            double work = ratios.nanos(MULTIPLY_ADD * elements(node.output()) * w.dim(0));
            return (TRANSPOSED_GAIN - unused(w.size() / Math.max(1, w.dim(0)), 2L * ratios.lanes())) * work;
        }

        /** The padding of a number to a multiple, as a fraction of the number. */
        private static double unused(long number, long multiple) {
            return Math.ceilDiv(number, multiple) * multiple / (double) Math.max(1, number) - 1;
        }
    }

    /** Copies a graph with some nodes in the channels-last layout. */
    private static final class ChannelsLastCopy {
        private final Graph graph;
        private final Set<Node> transposed;
        private final GraphCopy copy;
        private final RewriteTrace trace;
        private final Map<Value, Value> last = new IdentityHashMap<>();
        private final Map<Tensor, Value> constants = new IdentityHashMap<>();

        private ChannelsLastCopy(Graph graph, Set<Node> transposed, RewriteTrace trace) {
            this.trace = trace;
            this.graph = graph;
            this.transposed = transposed;
            this.copy = new GraphCopy(graph);
        }

        private Graph apply() {
            for (Node node : graph.nodes()) {
                if (transposed.contains(node)) {
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

        /** A value in the channels-last layout. */
        private Value last(Value v, int rank) {
            if (v.isConstant()) {
                return ChannelsLastForms.rank(v) == rank
                        ? constants.computeIfAbsent(v.constant(), c -> transposed(c, rank))
                        : transposed(v.constant(), rank);
            }
            if (ChannelsLastForms.rank(v) < rank) {
                return first(v);
            }
            return last.computeIfAbsent(
                    v, w -> transpose(copy.of(w), ChannelsLast.toLast(rank), copy.fresh(w.name() + "_last")));
        }

        private Value transposed(Tensor constant, int rank) {
            return copy.constant(ChannelsLastForms.transposed(constant, rank));
        }

        /** A value in the layout of the source. */
        private Value first(Value v) {
            if (v == null) {
                return null;
            }
            Value known = copy.of(v);
            if (known == null) {
                Value from = last.get(v);
                known = transpose(from, ChannelsLast.toFirst(ChannelsLastForms.rank(from)), v.name());
                copy.replace(v, known);
            }
            return known;
        }

        /** Adds a Transpose, merged with one before it, or a Reshape if that does the same. */
        private Value transpose(Value v, Transpose op, String name) {
            Transpose by = op;
            Value from = v;
            if (v.producer() != null && v.producer().op() instanceof Transpose before) {
                int[] perm = before.permutation(ChannelsLastForms.rank(v));
                by = new Transpose(op.perm().stream().map(i -> perm[i]).toList());
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

        /**
         * The target of a Reshape that does the same as a Transpose, because only dimensions of 1 move; null if there
         * is none.
         */
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
