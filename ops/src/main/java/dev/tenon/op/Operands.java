package dev.tenon.op;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkMeter;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The values of a node's operands, for {@link Op#reference}. */
public final class Operands {
    /** The estimated memory of a tensor on the heap, without its elements. */
    private static final long TENSOR_BYTES = 200;

    private final Op op;
    private final String node;
    private final List<? extends Datum> values;
    private final int outputs;

    /**
     * Operands of a node.
     *
     * @param op the operator, for messages
     * @param node the node's name, for messages; may be empty
     * @param values the operands in order, null for those left out
     * @param outputs how many outputs are asked for
     */
    public Operands(Op op, String node, List<? extends Datum> values, int outputs) {
        this.op = op;
        this.node = node;
        this.values = values;
        this.outputs = outputs;
    }

    /**
     * Operands of an operator outside any graph; all outputs are asked for.
     *
     * @param op the operator
     * @param values the operands in order, null for those left out
     * @return the operands
     */
    public static Operands of(Op op, Datum... values) {
        return new Operands(op, "", Arrays.asList(values), op.schema().outputs().size());
    }

    /**
     * Operands of an operator that is a part of this one. Messages name the same node.
     *
     * @param part the operator
     * @param partValues its operands in order, null for those left out
     * @param partOutputs how many outputs are asked for
     * @return the operands
     */
    public Operands part(Op part, List<? extends Datum> partValues, int partOutputs) {
        return new Operands(part, node, partValues, partOutputs);
    }

    /**
     * The number of operands. It counts operands that are left out before the last one.
     *
     * @return the number
     */
    public int count() {
        return values.size();
    }

    /**
     * The number of outputs asked for.
     *
     * @return the number
     */
    public int outputs() {
        return outputs;
    }

    /**
     * Tells whether an operand is there.
     *
     * @param i its index, which may be beyond the last
     * @return true if it is there
     */
    public boolean has(int i) {
        return i < values.size() && values.get(i) != null;
    }

    /**
     * An operand.
     *
     * @param i the index of an operand that is there
     * @return its value
     */
    public Datum get(int i) {
        return values.get(i);
    }

    /**
     * An operand that must be a tensor.
     *
     * @param i the index of an operand that is there
     * @return its value
     * @throws InvalidOperandException if it is not a tensor
     */
    public Tensor tensor(int i) {
        if (values.get(i) instanceof Tensor t) {
            return t;
        }
        throw error("input " + i + " is " + values.get(i).type(), "a tensor", null);
    }

    /**
     * A tensor operand that may be absent.
     *
     * @param i its index, which may be beyond the last
     * @return its value, or null
     */
    public Tensor tensorOrNull(int i) {
        return has(i) ? tensor(i) : null;
    }

    /**
     * Computes the operator by its reference, as everything that runs a model does. If all outputs are empty tensors,
     * nothing is computed. The elements that the reference reads and writes are counted by the budget of the calling
     * thread, if it has one.
     *
     * @return one datum for each output asked for, as {@link Op#reference}
     * @throws InvalidOperandException if the operator does not take its operands
     * @throws dev.tenon.error.InterruptedPredictionException if the time of the budget is over or the thread is
     *     interrupted
     * @throws dev.tenon.error.ResourceLimitException if the operations of the budget are used up
     */
    public List<Datum> evaluate() {
        List<Datum> empty = emptyTensors(inferTypes(), outputs);
        return empty == null ? compute() : empty;
    }

    /**
     * Does the same as {@link #evaluate()} where the types of the outputs are known.
     *
     * @param types a type for each output asked for, as {@link Op#infer} gives it for these operands
     * @return one datum for each output asked for
     */
    public List<Datum> evaluate(List<? extends ValueType> types) {
        List<Datum> empty = emptyTensors(types, outputs);
        return empty == null ? compute() : empty;
    }

    /**
     * The outputs of a node, if all of them are empty tensors.
     *
     * @param inferred the types of the outputs, as {@link Op#infer} gives them; there may be more than are asked for
     * @param outputs how many outputs are asked for
     * @return a tensor for each output; null if one has an element, or it is not known whether it has one
     */
    public static List<Datum> emptyTensors(List<? extends ValueType> inferred, int outputs) {
        List<? extends ValueType> types = inferred.subList(0, Math.min(outputs, inferred.size()));
        for (ValueType type : types) {
            if (!(type instanceof TensorType t)
                    || !t.shape().hasRank()
                    || !t.shape().isKnown()
                    || t.shape().knownElements() > 0) {
                return null;
            }
        }
        List<Datum> tensors = new ArrayList<>(types.size());
        for (ValueType type : types) {
            TensorType t = (TensorType) type;
            tensors.add(Tensor.allocate(t.dtype(), t.shape().toArray()));
        }
        return tensors.isEmpty() ? null : tensors;
    }

    private List<Datum> compute() {
        WorkBudget budget = WorkBudget.current();
        if (budget == null || budget.meter() != null) {
            return op.reference(this);
        }
        budget.startMeter();
        try {
            List<Datum> counted = new ArrayList<>(values.size());
            for (Datum value : values) {
                // Another tensor over the same elements: operands may belong to several threads.
                counted.add(value instanceof Tensor t ? t.reshape(t.dims()) : value);
            }
            return op.reference(new Operands(op, node, counted, outputs));
        } finally {
            budget.endMeter();
        }
    }

    /**
     * Counts work of a reference that reads and writes no elements, such as a loop over positions that are outside of an
     * operand. Does nothing if the calling thread has no budget.
     *
     * @param operations how many steps the loop has, at least 0
     * @throws dev.tenon.error.InterruptedPredictionException if the time of the budget is over or the thread is
     *     interrupted
     * @throws dev.tenon.error.ResourceLimitException if the operations of the budget are used up
     */
    public static void work(long operations) {
        WorkBudget.spend(operations);
    }

    /**
     * Counts tensors that a reference is about to make for a sequence. Does nothing if the calling thread counts no
     * objects.
     *
     * @param count how many, at least 0
     * @throws dev.tenon.error.ResourceLimitException if they take more memory than a result may
     */
    public static void tensors(long count) {
        WorkMeter meter = WorkBudget.currentMeter();
        if (meter != null) {
            meter.objects(count > Long.MAX_VALUE / TENSOR_BYTES ? Long.MAX_VALUE : count * TENSOR_BYTES);
        }
    }

    /**
     * Validates the operands and gives the types of the outputs, by the schema and {@link Op#infer}. So a reference
     * fails with the same errors as inference and sizes its outputs by the same code. Only for operators whose output
     * shapes follow from the operands' types and values, as far as inference reads these.
     *
     * @return the types of the outputs asked for, with known shapes
     * @throws InvalidOperandException if the operands do not fit
     */
    public List<ValueType> inferOutputs() {
        return infer(() -> {
            // Vectors that are longer than any shape are not read by inference.
            throw new InvalidOperandException(
                    InferContext.describe(op, node),
                    "operands "
                            + values.stream()
                                    .map(v -> v == null ? "none" : v.type().toString())
                                    .toList() + " whose values do not settle the shape of the result",
                    "vectors as long as a shape has dimensions",
                    null);
        });
    }

    private List<ValueType> inferTypes() {
        int[] symbols = new int[1];
        return infer(() -> Dim.symbol("?" + ++symbols[0]));
    }

    private List<ValueType> infer(Supplier<Dim> fresh) {
        List<InferContext.Operand> known = new ArrayList<>();
        for (Datum value : values) {
            if (value == null) {
                known.add(null);
            } else {
                known.add(
                        value instanceof Tensor t
                                ? new InferContext.Operand(t)
                                : new InferContext.Operand(value.type()));
            }
        }
        InferContext c = new InferContext(op, node, known, outputs, fresh);
        op.schema().check(c);
        return op.infer(c);
    }

    /**
     * Normalises an axis.
     *
     * @param axis an axis in [-rank, rank-1]
     * @param rank the rank
     * @param of the thing that has the axis, for the message
     * @return the axis in [0, rank-1]
     * @throws InvalidOperandException if it is outside
     */
    public int axis(long axis, int rank, Object of) {
        return InferContext.axis(op, node, axis, rank, of);
    }

    /**
     * An error of this node.
     *
     * @param found the value that was found
     * @param allowed the values that are allowed, or null
     * @param cure how to fix it, or null
     * @return the exception, to be thrown by the caller
     */
    public InvalidOperandException error(String found, String allowed, String cure) {
        return new InvalidOperandException(InferContext.describe(op, node), found, allowed, cure);
    }
}
