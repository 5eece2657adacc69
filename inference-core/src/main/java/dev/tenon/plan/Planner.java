package dev.tenon.plan;

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
import dev.tenon.op.ViewOp;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.plan.Place.Fixed;
import dev.tenon.plan.Place.InBuffer;
import dev.tenon.plan.Place.InSlot;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a {@link Plan} of a {@link Program} for one set of input shapes: infers all shapes again, now with numbers;
 * computes what does not depend on values, such as shape arithmetic; selects kernels; lets views and in-place steps
 * share buffers; lays the buffers out. Used once, by one thread.
 */
public final class Planner {
    private static final String KNOWN_RESULT = "known-result";
    private static final String VIEW = "view";
    private static final String JOINED = "joined";
    private static final String IN_PLACE = "in-place";

    private static final long PLAN_CHUNK_BYTES = 4096;

    /** What is known of a value while planning. */
    private record Known(ValueType type, List<Dim> symbolic, Place place) {
        private InferContext.Operand operand() {
            return new InferContext.Operand(type, place instanceof Fixed f ? f.tensor() : null, symbolic);
        }

        private TensorType tensorType() {
            return (TensorType) type;
        }
    }

    private final Program program;
    private final Graph graph;
    private final ShapeKey key;
    private final long maxTensorBytes;
    private final KernelSource choice;
    private final RewriteTrace trace;
    private final Map<Value, Known> known;
    private final Map<Value, Integer> lastUse;
    private final List<Draft> buffers = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Integer> slotLastUse = new HashMap<>();
    /** For constants that exist in this plan only: they go with it. */
    private final ConstantMemory memory = new ConstantMemory(PLAN_CHUNK_BYTES);

    private int slots;
    private int symbols;
    private int nodeIndex;
    private boolean branchesKnown;

    private Planner(Program program, ShapeKey key, long maxTensorBytes, KernelSource choice, RewriteTrace trace) {
        this.program = program;
        this.graph = program.graph();
        this.lastUse = program.lastUses();
        this.known = new IdentityHashMap<>(
                graph.inputs().size() + lastUse.size() + graph.nodes().size());
        this.key = key;
        this.maxTensorBytes = maxTensorBytes;
        this.choice = choice;
        this.trace = trace;
    }

    /**
     * Plans.
     *
     * @param program the program
     * @param key the input shapes
     * @param maxTensorBytes no value of known shape may be larger than this
     * @return the plan
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph or a value would be too large
     */
    public static Plan plan(Program program, ShapeKey key, long maxTensorBytes) {
        return plan(program, key, maxTensorBytes, KernelSource.PLAIN);
    }

    /**
     * Plans with kernels of a choice.
     *
     * @param program the program
     * @param key the input shapes
     * @param maxTensorBytes no value of known shape may be larger than this
     * @param choice how the kernels of steps are prepared
     * @return the plan
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph or a value would be too large
     */
    public static Plan plan(Program program, ShapeKey key, long maxTensorBytes, KernelSource choice) {
        return new Planner(program, key, maxTensorBytes, choice, RewriteTrace.none()).plan();
    }

    /**
     * The types of all values for one set of input shapes, those of views and of what planning computes too.
     *
     * @param program the program
     * @param key the input shapes
     * @return the type of each value of the program's graph
     * @throws dev.tenon.error.TenonException if the shapes do not fit the graph
     */
    public static Map<Value, ValueType> types(Program program, ShapeKey key) {
        Planner planner = new Planner(program, key, Long.MAX_VALUE, KernelSource.PLAIN, RewriteTrace.none());
        planner.plan();
        Map<Value, ValueType> types = new IdentityHashMap<>();
        planner.known.forEach((value, known) -> types.put(value, known.type()));
        return types;
    }

    /**
     * What a plan saves of steps and memory, told by planning once more.
     *
     * @param plan the plan
     * @return the nodes and values that take none of their own, and which nearly do not with the reason
     */
    public static RewriteTrace trace(Plan plan) {
        RewriteTrace trace = new RewriteTrace();
        new Planner(plan.program(), plan.key(), Long.MAX_VALUE, KernelSource.PLAIN, trace).plan();
        return trace;
    }

    private Plan plan() {
        for (int i = 0; i < graph.inputs().size(); i++) {
            Value v = graph.inputs().get(i);
            ValueType type = key.type(i, v.type());
            Place place = ValueSizes.inMemory(type)
                    ? new InBuffer(buffer((TensorType) type, v.name(), -1, false), (TensorType) type)
                    : new InSlot(slots++);
            define(v, type, null, place);
        }
        for (Value v : graph.constants()) {
            define(v, v.type(), null, new Fixed(v.constant()));
        }
        List<Node> nodes = graph.nodes();
        for (nodeIndex = 0; nodeIndex < nodes.size(); nodeIndex++) {
            planNode(nodes.get(nodeIndex));
        }
        List<Place> outputs = new ArrayList<>();
        for (Value v : graph.outputs()) {
            Place place = known.get(v).place();
            touch(place, steps.size());
            outputs.add(place);
        }
        return finish(outputs);
    }

    private Plan finish(List<Place> outputs) {
        List<MemoryPlan.Request> requests = new ArrayList<>();
        Map<Draft, Integer> roots = new IdentityHashMap<>();
        for (Draft d : buffers) {
            if (d.whole == null) {
                roots.put(d, requests.size());
                requests.add(new MemoryPlan.Request(d.bytes, d.first, Math.max(d.first, d.last)));
            }
        }
        MemoryPlan layout = MemoryPlan.of(requests);
        List<Buffer> places = new ArrayList<>(buffers.size());
        for (Draft d : buffers) {
            Buffer root = layout.buffers().get(roots.get(d.root()));
            places.add(new Buffer(d.bytes, root.first(), root.last(), root.offset() + d.shiftInRoot()));
        }
        List<Place> inputs = new ArrayList<>();
        for (Value v : graph.inputs()) {
            inputs.add(known.get(v).place());
        }
        long scratch = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step instanceof Step.KernelStep k) {
                scratch = Math.max(scratch, k.kernel().scratchBytes());
            } else {
                steps.set(i, withReleases((Step.DatumStep) step, i));
            }
        }
        return new Plan(
                program,
                key,
                List.copyOf(steps),
                List.copyOf(places),
                List.copyOf(inputs),
                List.copyOf(outputs),
                slots,
                layout.arenaBytes(),
                scratch,
                layout.lowerBoundBytes(),
                branchesKnown);
    }

    private Step.DatumStep withReleases(Step.DatumStep step, int index) {
        List<Integer> released = new ArrayList<>();
        for (Map.Entry<Integer, Integer> use : slotLastUse.entrySet()) {
            if (use.getValue() == index) {
                released.add(use.getKey());
            }
        }
        return new Step.DatumStep(
                step.node(), step.types(), step.kernelId(), step.inputs(), step.outputs(), List.copyOf(released));
    }

    private void planNode(Node node) {
        List<Known> inputs = new ArrayList<>(node.inputs().size());
        List<InferContext.Operand> operands = new ArrayList<>(node.inputs().size());
        for (Value v : node.inputs()) {
            Known k = v == null ? null : known.get(v);
            inputs.add(k);
            operands.add(k == null ? null : k.operand());
        }
        InferContext c = new InferContext(
                node.op(), node.name(), operands, node.outputs().size(), () -> Dim.symbol("?" + ++symbols));
        // Operands and element types were checked when the node was added, and only shapes are other ones now.
        List<ValueType> types = node.op().infer(c);
        branchesKnown |= node.op() instanceof If && inputs.getFirst().place() instanceof Fixed;
        if (known(node, inputs, types, c)) {
            trace.fired(KNOWN_RESULT, graph.name(), node);
            return;
        }
        if (view(node, inputs, types, c)) {
            trace.fired(node.op() instanceof Concat ? JOINED : VIEW, graph.name(), node);
            return;
        }
        if (!kernelStep(node, inputs, types, c)) {
            datumStep(node, inputs, types, c);
        }
    }

    /** Outputs that need no step, as planning knows them. */
    private boolean known(Node node, List<Known> inputs, List<ValueType> types, InferContext c) {
        List<Tensor> results = KnownResults.ofShapes(node, c, types);
        if (results == null) {
            List<Datum> values = fixed(inputs);
            results = values == null ? null : KnownResults.ofValues(node, values, types);
        }
        for (int i = 0; results != null && i < results.size(); i++) {
            Tensor t = results.get(i);
            define(node.outputs().get(i), t.type(), null, new Fixed(t));
        }
        return results != null;
    }

    /** The values of operands, null for those left out; null altogether if one is not known yet. */
    private static List<Datum> fixed(List<Known> inputs) {
        List<Datum> values = new ArrayList<>(inputs.size());
        for (Known k : inputs) {
            if (k != null && !(k.place() instanceof Fixed)) {
                return null;
            }
            values.add(k == null ? null : ((Fixed) k.place()).tensor());
        }
        return values;
    }

    /** Outputs that are found in the memory of inputs as it is, or that inputs are computed into. */
    private boolean view(Node node, List<Known> inputs, List<ValueType> types, InferContext c) {
        for (ValueType type : types) {
            if (!ValueSizes.inMemory(type)) {
                return false;
            }
        }
        if (node.op() instanceof Concat concat) {
            return joined(node, concat, inputs, (TensorType) types.getFirst(), c);
        }
        if (inputs.isEmpty() || inputs.getFirst() == null || !(inputs.getFirst().place() instanceof InBuffer in)) {
            return false;
        }
        long[] offsets = offsets(node.op(), in.type(), types, inputs);
        for (int i = 0; offsets != null && i < offsets.length; i++) {
            TensorType type = (TensorType) types.get(i);
            InBuffer place = new InBuffer(in.buffer(), in.offset() + offsets[i], type);
            define(node.outputs().get(i), type, c.outputElements(i, type), place);
        }
        return offsets != null;
    }

    /** Where outputs lie from the start of the first input on, or null if they do not lie in it. */
    private static long[] offsets(Op op, TensorType in, List<ValueType> types, List<Known> inputs) {
        if (op instanceof ViewOp) {
            return new long[1];
        }
        if (op instanceof Slice) {
            return sliceOffset(in, (TensorType) types.getFirst(), inputs);
        }
        if (!(op instanceof Split split)) {
            return null;
        }
        List<TensorType> parts = new ArrayList<>();
        for (ValueType type : types) {
            parts.add((TensorType) type);
        }
        return Views.parts(split.axis(), in, parts);
    }

    private static long[] sliceOffset(TensorType in, TensorType out, List<Known> inputs) {
        List<Tensor> bounds = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            Known k = i < inputs.size() ? inputs.get(i) : null;
            if (k != null && !(k.place() instanceof Fixed)) {
                return null;
            }
            bounds.add(k == null ? null : ((Fixed) k.place()).tensor());
        }
        long offset = Views.slice(in, out, bounds);
        return offset < 0 ? null : new long[] {offset};
    }

    /**
     * Lets the operands of a Concat be computed into its memory, if each is all of a buffer that is nobody else's: as runs
     * of it, or, along the last axis, as parts of its rows, where kernels can write such.
     */
    private boolean joined(Node node, Concat concat, List<Known> inputs, TensorType type, InferContext c) {
        Set<Draft> parts = Collections.newSetFromMap(new IdentityHashMap<>());
        List<InBuffer> places = new ArrayList<>();
        List<TensorType> types = new ArrayList<>();
        int first = Integer.MAX_VALUE;
        for (Known k : inputs) {
            if (!(k.place() instanceof InBuffer b)) {
                return false;
            }
            places.add(b);
            Draft d = buffers.get(b.buffer());
            if (d.whole != null
                    || !d.reusable
                    || b.offset() != 0
                    || d.bytes != ValueSizes.bytes(b.type())
                    || !parts.add(d)) {
                trace.refused(JOINED, graph.name(), node, "an operand is an input of the graph, or shares its memory");
                return false;
            }
            types.add(b.type());
            first = Math.min(first, d.first);
        }
        long[] offsets = Views.parts(concat.axis(), type, types);
        if (offsets == null) {
            offsets = Views.rowParts(concat.axis(), type, types);
            if (offsets == null || !new RowsApart(buffers, steps, nodeIndex).write(places, type)) {
                trace.refused(
                        JOINED,
                        graph.name(),
                        node,
                        offsets == null
                                ? "its operands are neither runs of its memory nor aligned parts of its rows"
                                : "an operand's kernel can't write parts of rows, or the operand is read before");
                return false;
            }
        }
        int buffer = buffer(type, node.output().name(), first, true);
        for (int i = 0; i < offsets.length; i++) {
            buffers.get(places.get(i).buffer()).join(buffers.get(buffer), offsets[i]);
        }
        define(node.output(), type, c.outputElements(0, type), new InBuffer(buffer, type));
        return true;
    }

    private boolean kernelStep(Node node, List<Known> inputs, List<ValueType> types, InferContext c) {
        if (!program.kernels().has(node.op())) {
            return false;
        }
        List<TensorType> inputTypes = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        for (Known k : inputs) {
            if (k != null && (k.place() instanceof InSlot || !ValueSizes.inMemory(k.type()))) {
                return false;
            }
            inputTypes.add(k == null ? null : k.tensorType());
            constants.add(k != null && k.place() instanceof Fixed f ? f.tensor() : null);
        }
        List<TensorType> outputTypes = new ArrayList<>();
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!ValueSizes.inMemory(types.get(i))) {
                return false;
            }
            outputTypes.add(node.outputs().get(i) == null ? null : (TensorType) types.get(i));
        }
        List<Layout> layouts = program.layouts(node);
        Kernel kernel = choice.prepare(
                program.kernels(),
                node.op(),
                new KernelRequest(inputTypes, outputTypes, layouts, constants, program.capabilities()));
        if (kernel == null) {
            return false;
        }
        int step = steps.size();
        List<KernelOperand> operands = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            operands.add(operand(inputs.get(i), kernel, i, layouts.get(i), step));
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            operands.add(output(node, i, outputTypes.get(i), inputs, kernel, step, c));
        }
        if (kernel.sharedBytes() > 0) {
            operands.add(shared(node, kernel, step));
        }
        StepTypes its = new StepTypes(inputTypes, outputTypes);
        steps.add(new Step.KernelStep(node, its, kernel, Collections.unmodifiableList(operands)));
        return true;
    }

    /** Memory of this step alone. */
    private KernelOperand shared(Node node, Kernel kernel, int step) {
        TensorType type = ValueSizes.sharedType(kernel);
        int buffer = buffer(type, node.toString(), step, false);
        return new KernelOperand.BufferOperand(buffer, 0, ValueSizes.bytes(type));
    }

    private KernelOperand operand(Known k, Kernel kernel, int i, Layout layout, int step) {
        if (k == null) {
            return null;
        }
        if (k.place() instanceof InBuffer b) {
            touch(b, step);
            return new KernelOperand.BufferOperand(b.buffer(), b.offset(), ValueSizes.bytes(b.type()));
        }
        if (k.place() instanceof Fixed f) {
            return constant(f.tensor(), kernel, i, layout);
        }
        throw new IllegalStateException("a kernel can't read " + k.place());
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

    private KernelOperand output(
            Node node, int i, TensorType type, List<Known> inputs, Kernel kernel, int step, InferContext c) {
        if (type == null) {
            return null;
        }
        Value v = node.outputs().get(i);
        InBuffer shared = inPlace(node, i, type, inputs, kernel);
        InBuffer place = shared != null ? shared : new InBuffer(buffer(type, v.name(), step, true), type);
        touch(place, step);
        define(v, type, c.outputElements(i, type), place);
        return new KernelOperand.BufferOperand(place.buffer(), place.offset(), ValueSizes.bytes(type));
    }

    /** The place of an input that dies at this node and over which the kernel may write, or null. */
    private InBuffer inPlace(Node node, int output, TensorType type, List<Known> inputs, Kernel kernel) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) == null
                    || !(inputs.get(i).place() instanceof InBuffer b)
                    || ValueSizes.bytes(b.type()) != ValueSizes.bytes(type)
                    || !kernel.inPlace(i, output)) {
                continue;
            }
            String reason = reasonAgainst(node, inputs, i, draft(b), output);
            if (reason != null) {
                trace.refused(IN_PLACE, graph.name(), node, reason);
                continue;
            }
            trace.fired(IN_PLACE, graph.name(), node);
            return new InBuffer(b.buffer(), b.offset(), type);
        }
        return null;
    }

    /** Why an output may not be written over an input that a kernel would write over, or null if it may. */
    private String reasonAgainst(Node node, List<Known> inputs, int input, Draft draft, int output) {
        if (!draft.reusable) {
            return "the operand is an input of the graph";
        }
        if (draft.lastReader > nodeIndex) {
            return "the operand is read later";
        }
        return usedTwice(node, inputs, input, draft, output) ? "the operand's memory is used twice" : null;
    }

    private boolean usedTwice(Node node, List<Known> inputs, int input, Draft draft, int output) {
        for (int i = 0; i < inputs.size(); i++) {
            if (i != input
                    && inputs.get(i) != null
                    && inputs.get(i).place() instanceof InBuffer b
                    && draft(b) == draft) {
                return true;
            }
        }
        for (int o = 0; o < output; o++) {
            Known k = node.outputs().get(o) == null
                    ? null
                    : known.get(node.outputs().get(o));
            if (k != null && k.place() instanceof InBuffer b && draft(b) == draft) {
                return true;
            }
        }
        return false;
    }

    private void datumStep(Node node, List<Known> inputs, List<ValueType> types, InferContext c) {
        int step = steps.size();
        List<Place> in = new ArrayList<>();
        for (Known k : inputs) {
            if (k != null) {
                touch(k.place(), step);
            }
            in.add(k == null ? null : k.place());
        }
        List<Place> out = new ArrayList<>();
        for (int i = 0; i < node.outputs().size(); i++) {
            Value v = node.outputs().get(i);
            if (v == null) {
                out.add(null);
                continue;
            }
            ValueType type = types.get(i);
            Place place = ValueSizes.inMemory(type)
                    ? new InBuffer(buffer((TensorType) type, v.name(), step, true), (TensorType) type)
                    : new InSlot(slots++);
            touch(place, step);
            out.add(place);
            define(v, type, c.outputElements(i, type), place);
        }
        List<ValueType> given = new ArrayList<>();
        for (Known k : inputs) {
            given.add(k == null ? null : k.type());
        }
        List<ValueType> made = new ArrayList<>();
        for (int i = 0; i < node.outputs().size(); i++) {
            made.add(node.outputs().get(i) == null ? null : types.get(i));
        }
        steps.add(new Step.DatumStep(
                node,
                new StepTypes(given, made),
                howComputed(node),
                Collections.unmodifiableList(in),
                Collections.unmodifiableList(out),
                List.of()));
    }

    private String howComputed(Node node) {
        if (node.op() instanceof GraphOp) {
            return "bodies";
        }
        return program.kernels().has(node.op()) ? "as shapes come" : "reference";
    }

    private void define(Value v, ValueType type, List<Dim> symbolic, Place place) {
        if (v == null) {
            return;
        }
        known.put(v, new Known(type, symbolic, place));
        if (place instanceof InBuffer b) {
            Draft d = draft(b);
            d.lastReader = Math.max(d.lastReader, lastUse.getOrDefault(v, -1));
        }
    }

    private void touch(Place place, int step) {
        if (place instanceof InBuffer b) {
            Draft d = draft(b);
            d.last = Math.max(d.last, step);
        } else if (place instanceof InSlot s) {
            slotLastUse.merge(s.slot(), step, Math::max);
        }
    }

    /** The buffer that a place is in, as it is laid out. */
    private Draft draft(InBuffer place) {
        return buffers.get(place.buffer()).root();
    }

    private int buffer(TensorType type, String name, int step, boolean reusable) {
        buffers.add(new Draft(ValueSizes.checkedBytes(name, type, maxTensorBytes), step, reusable));
        return buffers.size() - 1;
    }
}
