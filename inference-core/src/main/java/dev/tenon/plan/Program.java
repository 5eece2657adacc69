package dev.tenon.plan;

import dev.tenon.formats.Preparation;
import dev.tenon.formats.Preparation.PackedConstant;
import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph that is ready to be planned: it has the kernels that may be selected, and its constants in the layouts that
 * these kernels read. Made by {@link Compiler}. Safe for any number of threads.
 */
public final class Program {
    private static final long CHUNK_BYTES = 1 << 20;

    /** The chunks of a program for certain input shapes, of which there may be many. */
    private static final long SMALL_CHUNK_BYTES = 1 << 14;

    private static final int NO_USE = -1;

    /** The estimated heap bytes of a node, its values and its layouts. */
    private static final long NODE_BYTES = 1000;

    private final Graph source;
    private final Graph graph;
    private final KernelSet kernels;
    private final Capabilities capabilities;

    private final ElementMap<Node, List<Layout>> layouts;
    private final Map<PackedKey, MemorySegment> memory = new HashMap<>();
    private final SessionMemory nativeMemory;
    private final ConstantAllocator allocator;
    /** Constants that the package has packed, by their index in {@link #weights}. */
    private final Map<PackedKey, Integer> stored = new HashMap<>();

    private final PackedWeights weights;
    private final DeferredChecksums checksums;
    private final long packedBytes;
    /** The index of the last node that uses a value, by its number. */
    private final int[] lastUses;

    private final Set<Tensor> constants = Collections.newSetFromMap(new IdentityHashMap<>());
    /** The program that has packed the constants that this one shares with it; null if there is none. */
    private final Program shared;

    /**
     * The program of all shapes that this one belongs to, if it is kept for certain input shapes only: because it was
     * compiled for them, or is a body of such a program. Else null.
     */
    private final Program general;

    /** The states of the graph. Bodies have none. */
    private StatePairs states = StatePairs.NONE;

    /** The constants of the graph before the last passes, and of all its bodies; null until they are asked for. */
    private Set<Tensor> allConstants;

    /**
     * A program of a graph that is not simplified further when shapes are known.
     *
     * @param graph the graph, after all passes
     * @param kernels the kernels that may be selected
     * @param capabilities what this machine can do
     */
    public Program(Graph graph, KernelSet kernels, Capabilities capabilities) {
        this(graph, graph, kernels, capabilities);
    }

    /**
     * A program of a graph.
     *
     * @param source the graph before the passes that come last, which can be simplified again for known shapes
     * @param graph the graph after all passes
     * @param kernels the kernels that may be selected
     * @param capabilities what this machine can do
     */
    Program(Graph source, Graph graph, KernelSet kernels, Capabilities capabilities) {
        this(source, graph, kernels, capabilities, List.of(), new DeferredChecksums(List.of()), null);
    }

    /**
     * A program of the graph of a package. Packed constants of the package are used where they have the layout that
     * this machine's kernels read; all others are packed now.
     *
     * @param graph the graph
     * @param kernels the kernels that may be selected
     * @param capabilities what this machine can do
     * @param prepared the packed constants of the package
     * @throws dev.tenon.formats.MalformedModelException if a constant that is packed now is not what was written
     */
    Program(Graph graph, KernelSet kernels, Capabilities capabilities, Preparation prepared) {
        this(graph, graph, kernels, capabilities, prepared.packed(), new DeferredChecksums(prepared.unchecked()), null);
    }

    private Program(
            Graph source,
            Graph graph,
            KernelSet kernels,
            Capabilities capabilities,
            List<PackedConstant> packed,
            DeferredChecksums checksums,
            Program general) {
        this.source = source;
        this.graph = graph;
        this.layouts = new ElementMap<>(graph.nodes().size());
        this.lastUses = lastUses(graph);
        this.kernels = kernels;
        this.capabilities = capabilities;
        this.shared = null;
        this.general = general;
        this.nativeMemory = general == null ? new SessionMemory() : general.nativeMemory;
        this.allocator = new ConstantAllocator(nativeMemory, general == null ? CHUNK_BYTES : SMALL_CHUNK_BYTES);
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
        weights = new PackedWeights(takePacked(packed, wanted), nativeMemory);
        this.checksums = checksums;
        wanted.keySet().forEach(key -> checksums.check(key.constant()));
        memory.putAll(WeightPacker.pack(wanted, nativeMemory));
        packedBytes = WeightPacker.bytes(wanted);
        graph.constants().forEach(v -> constants.add(v.constant()));
    }

    private Program(Graph source, Graph graph, Program shared) {
        this.source = source;
        this.graph = graph;
        this.layouts = new ElementMap<>(graph.nodes().size());
        this.lastUses = lastUses(graph);
        this.kernels = shared.kernels;
        this.capabilities = shared.capabilities;
        this.shared = shared;
        this.general = shared.general != null ? shared.general : shared;
        this.nativeMemory = shared.nativeMemory;
        this.allocator = new ConstantAllocator(nativeMemory, SMALL_CHUNK_BYTES);
        this.weights = shared.weights;
        this.checksums = shared.checksums;
        this.packedBytes = 0;
        this.states = shared.states;
        for (Node node : graph.nodes()) {
            layouts.put(node, layoutsOf(node));
        }
        graph.constants().forEach(v -> constants.add(v.constant()));
    }

    /**
     * The program of a body of a control operator of this program.
     *
     * @param bodySource the body before the passes that come last
     * @param body the body after all passes
     */
    Program ofBody(Graph bodySource, Graph body) {
        return new Program(bodySource, body, kernels, capabilities, List.of(), checksums, general);
    }

    /**
     * A program of another form of this program's graph. Constants that both have are packed once. The memory of
     * constants that only the other form has is freed with it.
     *
     * @param otherSource the other form before the passes that come last
     * @param other the other form after all passes
     */
    Program specialized(Graph otherSource, Graph other) {
        return new Program(otherSource, other, shared != null ? shared : this);
    }

    private static int[] lastUses(Graph graph) {
        int[] last = new int[graph.valueCount()];
        Arrays.fill(last, NO_USE);
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (Value v : nodes.get(i).inputs()) {
                if (v != null) {
                    last[v.number()] = i;
                }
            }
        }
        for (Value v : graph.outputs()) {
            last[v.number()] = Integer.MAX_VALUE;
        }
        return last;
    }

    /**
     * The index of the last node that uses a value of the graph; {@link Integer#MAX_VALUE} for outputs of the graph, -1 if
     * nothing uses it.
     */
    int lastUse(Value v) {
        return lastUses[v.number()];
    }

    /** Whether a tensor is one of the graph's constants. */
    boolean owns(Tensor constant) {
        return constants.contains(constant);
    }

    /** Takes those packed constants that are wanted as they are out of the wanted ones. */
    private List<PackedConstant> takePacked(List<PackedConstant> packed, Map<PackedKey, Long> wanted) {
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
     * @return the node and input that use a constant first, with the packed elements
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
        KernelRequest request = request(node);
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

    private KernelRequest request(Node node) {
        List<TensorType> inputs = new ArrayList<>();
        List<Tensor> inputConstants = new ArrayList<>();
        List<Layout> plain = new ArrayList<>();
        for (Value v : node.inputs()) {
            if (v != null && v.tensorType() == null) {
                return null;
            }
            inputs.add(v == null ? null : v.tensorType());
            inputConstants.add(v == null ? null : v.constant());
            plain.add(Layout.ROW_MAJOR);
        }
        List<TensorType> outputs = new ArrayList<>();
        for (Value v : node.outputs()) {
            outputs.add(v == null ? null : v.tensorType());
        }
        return new KernelRequest(inputs, outputs, plain, inputConstants, capabilities);
    }

    /**
     * The graph before the passes that come last. It can be simplified again when the shapes of its inputs are known.
     */
    Graph source() {
        return source;
    }

    /**
     * The graph.
     *
     * @return the graph, after all passes
     */
    public Graph graph() {
        return graph;
    }

    /**
     * The kernels that may be selected.
     *
     * @return the set
     */
    public KernelSet kernels() {
        return kernels;
    }

    /**
     * The capabilities of this machine.
     *
     * @return the capabilities
     */
    public Capabilities capabilities() {
        return capabilities;
    }

    /**
     * The layouts in which a node's constant inputs are packed.
     *
     * @param node a node of the graph, or of a step that copies a value
     * @return one layout for each input
     */
    public List<Layout> layouts(Node node) {
        List<Layout> its = layouts.get(node);
        return its != null ? its : Collections.nCopies(node.inputs().size(), Layout.ROW_MAJOR);
    }

    /**
     * Declares the states of the graph. Call it before the program is planned.
     *
     * @param pairs the states
     * @return this
     */
    public Program with(StatePairs pairs) {
        states = pairs;
        return this;
    }

    /**
     * The states of the graph.
     *
     * @return the states
     */
    public StatePairs states() {
        return states;
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
            checksums.check(constant);
            segment = allocator.allocate(layout.byteSize(constant.type()));
            layout.pack(constant, segment);
            memory.put(key, segment);
        }
        return segment;
    }

    /**
     * A constant as an operand of a kernel. A packed constant of a package stays in the file until the operand is used.
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
     * About how much memory this program takes if it is kept for certain input shapes only: its graph, and the constants
     * that the program of the session does not have. 0 for a program of a session, or a body of it.
     */
    synchronized long specializedBytes() {
        if (general == null) {
            return 0;
        }
        long bytes = allocator.takenBytes()
                + packedBytes
                + NODE_BYTES * graph.nodes().size();
        Set<Tensor> known = general.allConstants();
        for (Tensor constant : constants) {
            bytes += known.contains(constant) || shared != null && shared.owns(constant) ? 0 : constant.byteSize();
        }
        return bytes;
    }

    private synchronized Set<Tensor> allConstants() {
        if (allConstants == null) {
            Set<Tensor> all = Collections.newSetFromMap(new IdentityHashMap<>());
            all.addAll(constants);
            addConstants(source, all);
            allConstants = all;
        }
        return allConstants;
    }

    private static void addConstants(Graph graph, Set<Tensor> all) {
        for (Value v : graph.constants()) {
            all.add(v.constant());
        }
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                control.bodies().forEach(body -> addConstants(body, all));
            }
        }
    }

    /**
     * The native memory of the session that this program belongs to.
     *
     * @return the memory that its programs, plans and contexts take
     */
    public SessionMemory nativeMemory() {
        return nativeMemory;
    }

    /**
     * The native memory of constants.
     *
     * @return bytes
     */
    public synchronized long constantBytes() {
        return allocator.totalBytes() + packedBytes + (shared != null ? shared.constantBytes() : weights.totalBytes());
    }
}
