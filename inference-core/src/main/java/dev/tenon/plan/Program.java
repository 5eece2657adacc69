package dev.tenon.plan;

import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.StepRequest;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph ready to be planned: which kernels there are, and its constants in the layouts that they want. Made once per
 * session. Safe for any number of threads.
 */
public final class Program {
    private static final long CHUNK_BYTES = 1 << 20;

    private final Graph graph;
    private final KernelSet kernels;
    private final Capabilities capabilities;

    private final Map<Node, List<Layout>> layouts = new IdentityHashMap<>();
    private final Map<PackedKey, MemorySegment> memory = new HashMap<>();
    private final ConstantAllocator allocator = new ConstantAllocator(CHUNK_BYTES);
    /** Constants that a file has packed, by their index in {@link #weights}. */
    private final Map<PackedKey, Integer> stored = new HashMap<>();

    private final PackedWeights weights;
    private final DeferredChecksums unchecked;
    private final long packedBytes;
    private final Map<Value, Integer> lastUses = new IdentityHashMap<>();
    private final Set<Tensor> constants = Collections.newSetFromMap(new IdentityHashMap<>());
    /** The program that holds the constants that this one has too; null if there is none. */
    private final Program shared;

    /**
     * Packs the constants of a graph.
     *
     * @param graph the graph, after all rewrites
     * @param kernels the kernels that there are
     * @param capabilities what this machine can do
     */
    public Program(Graph graph, KernelSet kernels, Capabilities capabilities) {
        this(graph, kernels, capabilities, List.of(), new DeferredChecksums(List.of()));
    }

    /**
     * Packs those constants of a graph that are not packed yet as this machine's kernels want them.
     *
     * @param graph the graph, after all rewrites
     * @param kernels the kernels that there are
     * @param capabilities what this machine can do
     * @param prepared has constants of this graph that are packed already, for whichever machine
     * @throws dev.tenon.formats.MalformedModelException if a constant that is packed now is not what was written
     */
    public Program(Graph graph, KernelSet kernels, Capabilities capabilities, Preparation prepared) {
        this(graph, kernels, capabilities, prepared.packed(), new DeferredChecksums(prepared.unchecked()));
    }

    /**
     * A program of its own for a body of a control operator of this one.
     *
     * @param body the body, after all rewrites
     * @return a program for the same kernels and machine
     */
    public Program ofBody(Graph body) {
        return new Program(body, kernels, capabilities, List.of(), unchecked);
    }

    private Program(
            Graph graph,
            KernelSet kernels,
            Capabilities capabilities,
            List<PackedConstant> packed,
            DeferredChecksums unchecked) {
        this.graph = graph;
        this.kernels = kernels;
        this.capabilities = capabilities;
        this.shared = null;
        Map<PackedKey, Long> wanted = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            List<Layout> its = layoutsOf(node);
            layouts.put(node, its);
            for (int i = 0; i < its.size(); i++) {
                if (!its.get(i).equals(Layout.ROW_MAJOR)) {
                    Value v = node.input(i);
                    wanted.put(
                            new PackedKey(v.constant(), its.get(i)), its.get(i).byteSize(v.tensorType()));
                }
            }
        }
        weights = new PackedWeights(take(packed, wanted));
        this.unchecked = unchecked;
        wanted.keySet().forEach(key -> unchecked.check(key.constant()));
        memory.putAll(WeightPacker.pack(wanted));
        packedBytes = WeightPacker.bytes(wanted);
        readGraph();
    }

    private void readGraph() {
        for (Value v : graph.constants()) {
            constants.add(v.constant());
        }
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (Value v : nodes.get(i).inputs()) {
                if (v != null) {
                    lastUses.put(v, i);
                }
            }
        }
        for (Value v : graph.outputs()) {
            lastUses.put(v, Integer.MAX_VALUE);
        }
    }

    /** The index of the last node that uses a value; the greatest number for outputs of the graph. Not to be changed. */
    Map<Value, Integer> lastUses() {
        return lastUses;
    }

    /** Whether a tensor is one of the graph's constants. */
    boolean owns(Tensor constant) {
        return constants.contains(constant);
    }

    /**
     * Another form of a program's graph. The constants that both have are packed once; those that only this one has go
     * with it.
     *
     * @param graph the graph, after all rewrites
     * @param shared the program that holds the constants that both have
     */
    public Program(Graph graph, Program shared) {
        this.graph = graph;
        this.kernels = shared.kernels;
        this.capabilities = shared.capabilities;
        this.shared = shared;
        this.weights = shared.weights;
        this.unchecked = shared.unchecked;
        this.packedBytes = 0;
        for (Node node : graph.nodes()) {
            layouts.put(node, layoutsOf(node));
        }
        readGraph();
    }

    /** Those of the packed constants that are wanted as they are; they are not wanted any more then. */
    private List<PackedConstant> take(List<PackedConstant> packed, Map<PackedKey, Long> wanted) {
        List<PackedConstant> taken = new ArrayList<>();
        for (PackedConstant c : packed) {
            Node node = graph.nodes().get(c.node());
            Layout layout = layouts.get(node).get(c.input());
            PackedKey key = new PackedKey(node.input(c.input()).constant(), layout);
            Long bytes = wanted.get(key);
            if (bytes != null
                    && layout.id().equals(c.layout())
                    && bytes == c.bytes().byteSize()) {
                wanted.remove(key);
                stored.put(key, taken.size());
                taken.add(c);
            }
        }
        return taken;
    }

    /**
     * The constants that are packed, each once.
     *
     * @return where each is used first, with its elements
     */
    public List<PackedConstant> packed() {
        List<PackedConstant> list = new ArrayList<>();
        Set<PackedKey> seen = new HashSet<>();
        for (int n = 0; n < graph.nodes().size(); n++) {
            Node node = graph.nodes().get(n);
            List<Layout> its = layouts.get(node);
            for (int i = 0; i < its.size(); i++) {
                if (!its.get(i).equals(Layout.ROW_MAJOR)
                        && seen.add(new PackedKey(node.input(i).constant(), its.get(i)))) {
                    MemorySegment bytes = segment(node.input(i).constant(), its.get(i));
                    list.add(new PackedConstant(n, i, its.get(i).id(), bytes, 0));
                }
            }
        }
        return list;
    }

    private List<Layout> layoutsOf(Node node) {
        StepRequest request = request(node);
        List<Layout> its = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = node.input(i);
            boolean packable = request != null
                    && v != null
                    && v.isConstant()
                    && v.constant().dtype() != DType.STRING;
            its.add(packable ? kernels.constantLayout(node.op(), i, request) : Layout.ROW_MAJOR);
        }
        return List.copyOf(its);
    }

    private StepRequest request(Node node) {
        List<TensorType> inputs = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        List<Layout> plain = new ArrayList<>();
        for (Value v : node.inputs()) {
            if (v != null && v.tensorType() == null) {
                return null;
            }
            inputs.add(v == null ? null : v.tensorType());
            constants.add(v == null ? null : v.constant());
            plain.add(Layout.ROW_MAJOR);
        }
        List<TensorType> outputs = new ArrayList<>();
        for (Value v : node.outputs()) {
            outputs.add(v == null ? null : v.tensorType());
        }
        return new StepRequest(inputs, outputs, plain, constants, capabilities);
    }

    /**
     * The graph.
     *
     * @return the graph, after all rewrites
     */
    public Graph graph() {
        return graph;
    }

    /**
     * The kernels that there are.
     *
     * @return the set
     */
    public KernelSet kernels() {
        return kernels;
    }

    /**
     * What this machine can do.
     *
     * @return the capabilities
     */
    public Capabilities capabilities() {
        return capabilities;
    }

    /**
     * The layouts in which a node's constant inputs are packed.
     *
     * @param node a node of the graph
     * @return one layout for each input
     */
    public List<Layout> layouts(Node node) {
        return layouts.get(node);
    }

    /**
     * A constant in native memory.
     *
     * @param constant the constant
     * @param layout the layout
     * @return native memory, aligned to 64 bytes; the same at every call for the same constant and layout
     */
    public synchronized MemorySegment segment(Tensor constant, Layout layout) {
        if (shared != null && shared.owns(constant)) {
            return shared.segment(constant, layout);
        }
        PackedKey key = new PackedKey(constant, layout);
        Integer index = stored.get(key);
        if (index != null) {
            return weights.segment(index);
        }
        MemorySegment segment = memory.get(key);
        if (segment == null) {
            unchecked.check(constant);
            segment = allocator.allocate(layout.byteSize(constant.type()));
            layout.pack(constant, segment);
            memory.put(key, segment);
        }
        return segment;
    }

    /**
     * A constant as an operand of a kernel. What a file has packed stays there until the operand is used.
     *
     * @param constant the constant
     * @param layout the layout
     * @return the operand
     */
    KernelOperand operand(Tensor constant, Layout layout) {
        if (shared != null && shared.owns(constant)) {
            return shared.operand(constant, layout);
        }
        Integer index = stored.get(new PackedKey(constant, layout));
        return index != null
                ? new KernelOperand.PackedOperand(weights, index)
                : new KernelOperand.ConstantOperand(segment(constant, layout));
    }

    /**
     * The native memory that constants take.
     *
     * @return bytes
     */
    public synchronized long constantBytes() {
        return allocator.totalBytes() + packedBytes + (shared != null ? shared.constantBytes() : weights.totalBytes());
    }
}
