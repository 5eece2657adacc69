package dev.tenon.plan;

import dev.tenon.budget.WorkBudget;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.plan.ValueLocation.Fixed;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.plan.ValueLocation.InSlot;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a {@link Plan} of a {@link Program} for one set of input shapes. It infers all shapes again, with numbers in
 * the place of symbols. It computes results that follow from shapes. It lets views, operands of a Concat and in-place
 * results share buffers, see {@link BufferSharing}. It selects a kernel for every other node. Then the buffers get their
 * places. Used once, by one
 * thread.
 */
public final class Planner {
    private static final String KNOWN_RESULT = "known-result";

    private static final long PLAN_CHUNK_BYTES = 4096;

    /** The operations that planning one node counts for: it takes microseconds. */
    private static final long WORK_PER_NODE = 1000;

    private final Program program;
    private final Graph graph;
    private final ShapeKey key;
    private final KernelSelector selector;
    private final RewriteTrace trace;
    private final PlanBuilder plan;
    private final BufferSharing sharing;
    private final StatePlanning states;

    /** Memory for constants that only this plan has. */
    private final ConstantAllocator memory;

    private final PlanTimeFolding folding = new PlanTimeFolding();

    private int symbols;
    private boolean branchesKnown;
    /** The memory of results that were computed while planning. */
    private long foldedBytes;

    private Planner(Program program, ShapeKey key, long maxTensorBytes, KernelSelector selector, RewriteTrace trace) {
        this.program = program;
        this.graph = program.graph();
        this.key = key;
        this.selector = selector;
        this.trace = trace;
        this.memory = new ConstantAllocator(program.nativeMemory(), PLAN_CHUNK_BYTES);
        this.plan = new PlanBuilder(program, maxTensorBytes);
        this.sharing = new BufferSharing(plan, graph.name(), trace);
        this.states = new StatePlanning(program, plan, trace);
    }

    /**
     * Makes a plan.
     *
     * @param program the program
     * @param key the input shapes
     * @param maxTensorBytes the largest size of a value of known shape
     * @return the plan
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph or a value would be too large
     */
    public static Plan plan(Program program, ShapeKey key, long maxTensorBytes) {
        return plan(program, key, maxTensorBytes, KernelSelector.PLAIN);
    }

    /**
     * Makes a plan.
     *
     * @param program the program
     * @param key the input shapes
     * @param maxTensorBytes the largest size of a value of known shape
     * @param selector selects the kernels of steps
     * @return the plan
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph or a value would be too large
     */
    public static Plan plan(Program program, ShapeKey key, long maxTensorBytes, KernelSelector selector) {
        return new Planner(program, key, maxTensorBytes, selector, RewriteTrace.none()).plan();
    }

    /**
     * The types of all values for one set of input shapes, including views and results that planning computes.
     *
     * @param program the program
     * @param key the input shapes
     * @return the type of each value of the program's graph
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph
     */
    public static Map<Value, ValueType> types(Program program, ShapeKey key) {
        Planner planner = new Planner(program, key, Long.MAX_VALUE, KernelSelector.PLAIN, RewriteTrace.none());
        planner.plan();
        Map<Value, ValueType> types = new IdentityHashMap<>();
        planner.graph.forEachValue(v -> types.put(v, planner.plan.get(v).type()));
        return types;
    }

    /**
     * The steps and the memory that a plan saves. They are found by planning once more.
     *
     * @param plan the plan
     * @return the nodes without a step or memory of their own, and the nodes that nearly are with the reason why not
     */
    public static RewriteTrace trace(Plan plan) {
        RewriteTrace trace = new RewriteTrace();
        new Planner(plan.program(), plan.key(), Long.MAX_VALUE, KernelSelector.PLAIN, trace).plan();
        return trace;
    }

    private Plan plan() {
        for (int i = 0; i < graph.inputs().size(); i++) {
            Value v = graph.inputs().get(i);
            ValueType type = key.type(i, v.type());
            plan.define(v, type, null, plan.newLocation(v, type, -1, false));
        }
        states.begin();
        for (Value v : graph.constants()) {
            plan.define(v, v.type(), null, new Fixed(v.constant()));
        }
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            WorkBudget.spend(WORK_PER_NODE);
            planNode(infer(i, nodes.get(i)));
        }
        List<ValueLocation> outputs = states.finish(this::copy);
        return plan.finish(key, outputs, branchesKnown, memory.takenBytes() + foldedBytes);
    }

    private PlannedNode infer(int index, Node node) {
        List<PlannedValue> inputs = new ArrayList<>(node.inputs().size());
        List<InferContext.Operand> operands = new ArrayList<>(node.inputs().size());
        for (Value v : node.inputs()) {
            PlannedValue input = v == null ? null : plan.get(v);
            inputs.add(input);
            operands.add(input == null ? null : input.operand());
        }
        InferContext c = new InferContext(
                node.op(), node.name(), operands, node.outputs().size(), () -> Dim.symbol("?" + ++symbols));
        // The number and the element types of operands were checked when the node was added to the graph.
        return new PlannedNode(index, node, inputs, node.op().infer(c), c);
    }

    private void planNode(PlannedNode n) {
        branchesKnown |= n.op() instanceof If && n.inputs().getFirst().location() instanceof Fixed;
        if (fold(n)) {
            trace.fired(KNOWN_RESULT, graph.name(), n.node());
            return;
        }
        if (sharing.share(n)) {
            return;
        }
        KernelRequest request = request(n);
        if (request == null || !kernelStep(n, request)) {
            dynamicStep(n, request);
        }
    }

    /** Computes the outputs, if they are known while planning. */
    private boolean fold(PlannedNode n) {
        List<Tensor> results = PlanTimeFolding.ofShapes(n.node(), n.context(), n.types());
        if (results == null) {
            results = PlanTimeFolding.ofEmpty(n.node(), n.types());
        }
        if (results == null) {
            List<Datum> values = fixed(n.inputs());
            results = values == null ? null : folding.ofValues(n.node(), values, n.types());
        }
        for (int i = 0; results != null && i < results.size(); i++) {
            Tensor t = results.get(i);
            plan.define(n.output(i), t.type(), null, new Fixed(t));
            foldedBytes += t.byteSize();
        }
        return results != null;
    }

    /** The values of operands, null for operands that are left out. The list itself is null if a value is not known. */
    private static List<Datum> fixed(List<PlannedValue> inputs) {
        List<Datum> values = new ArrayList<>(inputs.size());
        for (PlannedValue input : inputs) {
            if (input != null && !(input.location() instanceof Fixed)) {
                return null;
            }
            values.add(input == null ? null : ((Fixed) input.location()).tensor());
        }
        return values;
    }

    /** The request for a kernel; null if a shape is not known, or if the operator has no kernels. */
    private KernelRequest request(PlannedNode n) {
        if (!program.kernels().has(n.op())) {
            return null;
        }
        List<TensorType> inputTypes = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        for (PlannedValue input : n.inputs()) {
            if (input != null && (input.location() instanceof InSlot || !ValueSizes.inMemory(input.type()))) {
                return null;
            }
            inputTypes.add(input == null ? null : input.tensorType());
            constants.add(input != null && input.location() instanceof Fixed f ? f.tensor() : null);
        }
        List<TensorType> outputTypes = new ArrayList<>();
        for (int i = 0; i < n.outputCount(); i++) {
            if (!ValueSizes.inMemory(n.types().get(i))) {
                return null;
            }
            outputTypes.add(n.output(i) == null ? null : n.tensorType(i));
        }
        return new KernelRequest(inputTypes, outputTypes, program.layouts(n.node()), constants, program.capabilities());
    }

    /** Adds a step with a kernel, if there is one. */
    private boolean kernelStep(PlannedNode n, KernelRequest request) {
        Kernel kernel = selector.prepare(program.kernels(), n.op(), request);
        if (kernel == null) {
            return false;
        }
        List<KernelOperand> operands = new ArrayList<>();
        for (int i = 0; i < n.inputs().size(); i++) {
            operands.add(operand(n.inputs().get(i), kernel, i, request.layout(i)));
        }
        for (int i = 0; i < n.outputCount(); i++) {
            operands.add(request.outputs().get(i) == null ? null : output(n, i, kernel));
        }
        if (kernel.sharedBytes() > 0) {
            operands.add(shared(n.node(), kernel));
        }
        plan.steps().add(new Step.KernelStep(n.node(), request, kernel, Collections.unmodifiableList(operands)));
        return true;
    }

    /** Memory that only this step uses, which the stages of its kernel share. */
    private KernelOperand shared(Node node, Kernel kernel) {
        TensorType type = ValueSizes.sharedType(kernel);
        int buffer = plan.newBuffer(type, node.toString(), plan.nextStep(), false);
        return new KernelOperand.BufferOperand(buffer, 0, ValueSizes.bytes(type));
    }

    private KernelOperand operand(PlannedValue input, Kernel kernel, int i, Layout layout) {
        if (input == null) {
            return null;
        }
        if (input.location() instanceof InBuffer b) {
            plan.touch(b, plan.nextStep());
            return new KernelOperand.BufferOperand(b.buffer(), b.offset(), ValueSizes.bytes(b.type()));
        }
        if (input.location() instanceof Fixed f) {
            return constant(f.tensor(), kernel, i, layout);
        }
        throw new IllegalStateException("a kernel can't read " + input.location());
    }

    private KernelOperand constant(Tensor constant, Kernel kernel, int i, Layout layout) {
        if (layout.equals(Layout.ROW_MAJOR) && kernel.copiesOnly(i)) {
            return new KernelOperand.ConstantOperand(constant.segment());
        }
        if (program.owns(constant)) {
            return program.operand(constant, layout);
        }
        MemorySegment own = memory.allocate(layout.byteSize(constant.type()));
        layout.pack(constant, own);
        return new KernelOperand.ConstantOperand(own);
    }

    private KernelOperand output(PlannedNode n, int i, Kernel kernel) {
        TensorType type = n.tensorType(i);
        Value v = n.output(i);
        InBuffer location = states.place(n, i, kernel);
        location = location != null ? location : sharing.inPlace(n, i, kernel);
        location =
                location != null ? location : new InBuffer(plan.newBuffer(type, v.name(), plan.nextStep(), true), type);
        plan.touch(location, plan.nextStep());
        plan.define(v, type, n.elements(i), location);
        return new KernelOperand.BufferOperand(location.buffer(), location.offset(), ValueSizes.bytes(type));
    }

    private void dynamicStep(PlannedNode n, KernelRequest request) {
        int step = plan.nextStep();
        List<ValueLocation> in = new ArrayList<>();
        List<ValueType> inputTypes = new ArrayList<>();
        for (PlannedValue input : n.inputs()) {
            if (input != null) {
                plan.touch(input.location(), step);
            }
            in.add(input == null ? null : input.location());
            inputTypes.add(input == null ? null : input.type());
        }
        List<ValueLocation> out = new ArrayList<>();
        List<ValueType> outputTypes = new ArrayList<>();
        for (int i = 0; i < n.outputCount(); i++) {
            Value v = n.output(i);
            if (v == null) {
                out.add(null);
                outputTypes.add(null);
                continue;
            }
            ValueType type = n.types().get(i);
            InBuffer state = states.place(n, i, null);
            ValueLocation location = state != null ? state : plan.newLocation(v, type, step, true);
            plan.touch(location, step);
            out.add(location);
            outputTypes.add(type);
            plan.define(v, type, n.elements(i), location);
        }
        plan.steps()
                .add(new Step.DynamicStep(
                        n.node(),
                        new StepTypes(inputTypes, outputTypes),
                        request,
                        howComputed(n.op()),
                        Collections.unmodifiableList(in),
                        Collections.unmodifiableList(out),
                        List.of()));
    }

    /** Adds a step that copies a value. */
    private void copy(Node node, PlannedValue from, InBuffer to) {
        int step = plan.nextStep();
        plan.touch(to, step);
        Kernel kernel = null;
        KernelRequest request = null;
        if (program.kernels().has(node.op())
                && !(from.location() instanceof InSlot)
                && from.type().equals(to.type())) {
            request = KernelRequest.of(List.of(to.type()), List.of(to.type()), program.capabilities());
            kernel = selector.prepare(program.kernels(), node.op(), request);
        }
        if (kernel != null) {
            KernelOperand target = new KernelOperand.BufferOperand(to.buffer(), 0, ValueSizes.bytes(to.type()));
            List<KernelOperand> operands = List.of(operand(from, kernel, 0, Layout.ROW_MAJOR), target);
            plan.steps().add(new Step.KernelStep(node, request, kernel, operands));
            return;
        }
        plan.touch(from.location(), step);
        StepTypes types = new StepTypes(List.of(from.type()), List.of(to.type()));
        List<ValueLocation> source = List.of(from.location());
        plan.steps()
                .add(new Step.DynamicStep(
                        node, types, request, howComputed(node.op()), source, List.of(to), List.of()));
    }

    private String howComputed(Op op) {
        if (op instanceof GraphOp) {
            return "bodies";
        }
        return program.kernels().has(op) ? "as shapes come" : "reference";
    }
}
