package dev.tenon.op.recurrent;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A simple recurrent network: {@code H = f(X W^T + H R^T + Wb + Rb)}, where f is tanh unless another function is given.
 * A sequence that is shorter than the longest gives zeros after its end, and its last state as the final one. A reverse
 * direction starts at the end of the sequence.
 *
 * @param recurrence direction, size, activations, clip, layout
 */
public record RNN(RecurrentAttributes recurrence) implements Op {
    /**
     * Inputs X [steps, batch, input], W [directions, hidden, input], R [directions, hidden, hidden], B [directions,
     * 2 hidden], sequence_lens [batch], initial_h [directions, batch, hidden]; outputs Y [steps, directions, batch,
     * hidden] and Y_h [directions, batch, hidden]. The batch comes first in X, states and outputs with layout 1.
     */
    public static final OpSchema SCHEMA = OpSchema.of("RNN")
            .input("X", "T")
            .input("W", "T")
            .input("R", "T")
            .optional("B", "T")
            .optional("sequence_lens", "L")
            .optional("initial_h", "T")
            .optionalOutput("Y", "T")
            .optionalOutput("Y_h", "T")
            .where("T", Types.FLOATS)
            .where("L", Types.set(DType.INT32))
            .numerics(Recurrence.NUMERICS);

    private static final List<String> FUNCTIONS = List.of("Tanh");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static RNN of(Attributes a) {
        return new RNN(RecurrentAttributes.of("RNN", a, FUNCTIONS.size()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return recurrence.attributes();
    }

    /**
     * The functions of the gates.
     *
     * @return one for each direction, the first direction first
     */
    public List<GateActivation> functions() {
        return recurrence.functions("RNN", FUNCTIONS);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return new Recurrence(recurrence).infer(c, 1, 1);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return new Recurrence(recurrence).run(in, "RNN", FUNCTIONS, 1, this::cell);
    }

    private Recurrence.Cell cell(Recurrence.Weights weights, List<GateActivation> f) {
        double[] next = new double[weights.hidden()];
        return (x, h, c) -> {
            for (int i = 0; i < h.length; i++) {
                next[i] = f.get(0).at(recurrence.clipped(weights.input(i, x) + weights.state(i, h)));
            }
            System.arraycopy(next, 0, h, 0, h.length);
        };
    }
}
