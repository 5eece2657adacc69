package dev.tenon.exec;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.exec.BoundPlan.BoundDynamicStep;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.kernel.BudgetedRun;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.plan.MemoryPlan;
import dev.tenon.plan.Program;
import dev.tenon.plan.ValueLocation;
import dev.tenon.plan.ValueSizes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Runs steps that planning could not prepare, because the shapes of their operands are only known now, or because they
 * are control operators. A control operator runs its bodies. Another operator runs a kernel that is selected for the
 * shapes, or its reference. For one thread.
 */
final class DynamicStepRunner {
    private final Executor executor;
    private final Program program;
    private final BodyExecutors bodies;
    private final ExecutionContext context;
    private final Datum[] slots;
    private final CallBudget budget;
    private int symbols;

    DynamicStepRunner(Executor executor, ExecutionContext context, Datum[] slots, CallBudget budget) {
        this.executor = executor;
        CachedPlan cached = context.bound().cached();
        this.program = cached.plan().program();
        this.bodies = cached.bodies();
        this.context = context;
        this.slots = slots;
        this.budget = budget;
    }

    void run(BoundDynamicStep step) {
        Node node = step.node();
        List<Datum> inputs = new ArrayList<>();
        for (int i = 0; i < step.inputs().length; i++) {
            ValueLocation location = step.step().inputs().get(i);
            inputs.add(location instanceof ValueLocation.InSlot s ? slots[s.slot()] : step.inputs()[i]);
        }
        List<? extends Datum> results = compute(node, inputs);
        for (int i = 0; i < step.outputs().length; i++) {
            switch (step.step().outputs().get(i)) {
                case null -> {
                    /* The graph does not use this output. */
                }
                case ValueLocation.InBuffer b -> store(node, i, step.outputs()[i], results.get(i));
                case ValueLocation.InSlot s -> slots[s.slot()] = detached(results.get(i), inputs);
                case ValueLocation.Fixed f -> throw new IllegalStateException("a step can't write a constant");
            }
        }
        for (int slot : step.step().released()) {
            slots[slot] = null;
        }
    }

    private List<? extends Datum> compute(Node node, List<Datum> inputs) {
        Operands operands =
                new Operands(node.op(), node.name(), inputs, node.outputs().size());
        if (node.op() instanceof GraphOp control) {
            return control.evaluate(
                    operands,
                    (body, values) ->
                            Executor.runBody(node, bodies.of(body), owned(values), budget, context.recorder()));
        }
        List<ValueType> types = infer(node, inputs);
        List<Datum> empty = Operands.emptyTensors(types, node.outputs().size());
        if (empty != null) {
            return empty;
        }
        List<Tensor> byKernel = program.kernels().has(node.op()) ? byKernel(node, inputs, types) : null;
        return byKernel != null ? byKernel : operands.evaluate(types);
    }

    /** Infers the types of the outputs from the operands. Refuses outputs that are too large. */
    private List<ValueType> infer(Node node, List<Datum> inputs) {
        List<InferContext.Operand> known = new ArrayList<>();
        for (Datum d : inputs) {
            known.add(
                    switch (d) {
                        case null -> null;
                        case Tensor t -> new InferContext.Operand(t);
                        default -> new InferContext.Operand(d.type());
                    });
        }
        InferContext c = new InferContext(
                node.op(), node.name(), known, node.outputs().size(), () -> Dim.symbol("?" + ++symbols));
        node.op().schema().check(c);
        List<ValueType> types = node.op().infer(c);
        for (int i = 0; i < node.outputs().size(); i++) {
            if (ValueSizes.inMemory(types.get(i)) && node.outputs().get(i) != null) {
                ValueSizes.checkedBytes(
                        node.outputs().get(i).name(),
                        (TensorType) types.get(i),
                        executor.limits().maxTensorBytes());
            }
        }
        return types;
    }

    /** Computes the outputs by a kernel, or returns null if there is none for these operands. */
    private List<Tensor> byKernel(Node node, List<Datum> inputs, List<ValueType> inferred) {
        List<TensorType> types = new ArrayList<>();
        List<Tensor> constants = new ArrayList<>();
        for (Datum d : inputs) {
            Tensor t = d instanceof Tensor x && x.dtype() != DType.STRING ? x : null;
            if (d != null && t == null) {
                return null;
            }
            types.add(t == null ? null : t.type());
            constants.add(t);
        }
        List<TensorType> outputs = new ArrayList<>();
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!ValueSizes.inMemory(inferred.get(i))) {
                return null;
            }
            outputs.add(node.outputs().get(i) == null ? null : (TensorType) inferred.get(i));
        }
        List<Layout> layouts = program.layouts(node);
        Kernel kernel = program.kernels()
                .prepare(node.op(), new KernelRequest(types, outputs, layouts, constants, program.capabilities()));
        return kernel == null ? null : run(node, kernel, inputs, outputs, layouts);
    }

    private List<Tensor> run(
            Node node, Kernel kernel, List<Datum> inputs, List<TensorType> outputs, List<Layout> layouts) {
        boolean shares = kernel.sharedBytes() > 0;
        MemorySegment[] operands = new MemorySegment[inputs.size() + outputs.size() + (shares ? 1 : 0)];
        for (int i = 0; i < inputs.size(); i++) {
            operands[i] = inputs.get(i) == null ? null : operand(node, kernel, i, (Tensor) inputs.get(i), layouts);
        }
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            Tensor result = outputs.get(i) == null ? null : context.slab().tensor(outputs.get(i));
            results.add(result);
            operands[inputs.size() + i] = result == null ? null : result.segment();
        }
        if (shares) {
            operands[operands.length - 1] =
                    context.slab().tensor(ValueSizes.sharedType(kernel)).segment();
        }
        try {
            budget.takeStep(node, BudgetedRun.nanos(kernel));
            BudgetedRun.all(kernel, operands, context.scratch().atLeast(kernel.scratchBytes()), budget.work());
        } catch (InvalidOperandException e) {
            throw Executor.withNode(node, e);
        }
        return results;
    }

    private MemorySegment operand(Node node, Kernel kernel, int i, Tensor t, List<Layout> layouts) {
        if (!layouts.get(i).equals(Layout.ROW_MAJOR)) {
            return program.segment(node.input(i).constant(), layouts.get(i));
        }
        if (kernel.copiesOnly(i)
                || t.isNative()
                        && t.segment().address() % MemoryPlan.ALIGNMENT == 0
                        && !t.segment().isMapped()) {
            return t.segment();
        }
        Tensor copy = context.slab().tensor(t.type());
        copy.copyFrom(t);
        return copy.segment();
    }

    private static void store(Node node, int i, Tensor target, Datum result) {
        if (!(result instanceof Tensor t) || t.dtype() != target.dtype() || !InputOutputTransfer.sameDims(t, target)) {
            throw new InvalidOperandException(
                    node.toString(),
                    "output " + i + " is " + result.type(),
                    target.type() + ", as inferred from the operands",
                    null);
        }
        if (!t.segment().equals(target.segment())) {
            target.copyFrom(t);
        }
    }

    /**
     * Copies a result that shares memory with an operand: that memory may be written again before the result is read.
     */
    private static Datum detached(Datum result, List<Datum> inputs) {
        MemoryRanges operands = new MemoryRanges(inputs);
        return mapTensors(result, t -> t.isNative() && operands.overlap(t) ? t.copy() : t);
    }

    private static List<Datum> owned(List<Datum> values) {
        List<Datum> owned = new ArrayList<>();
        for (Datum d : values) {
            owned.add(d == null ? null : owned(d));
        }
        return owned;
    }

    /** A copy that has its own memory, which belongs to no context, model or other caller. */
    static Datum owned(Datum d) {
        return mapTensors(d, Tensor::copy);
    }

    private static Datum mapTensors(Datum d, UnaryOperator<Tensor> change) {
        return switch (d) {
            case Tensor t -> change.apply(t);
            case TensorSequence s ->
                TensorSequence.of(
                        s.type().element(),
                        s.elements().stream().map(e -> mapTensors(e, change)).toList());
            case OptionalDatum o -> o.isPresent() ? OptionalDatum.of(mapTensors(o.get(), change)) : o;
            case MapDatum m -> m;
        };
    }
}
