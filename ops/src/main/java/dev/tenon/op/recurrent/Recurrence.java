package dev.tenon.op.recurrent;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The loops of a recurrent operator over directions, sequences and steps, and its shape rules.
 *
 * @param attributes the attributes of the operator
 */
record Recurrence(RecurrentAttributes attributes) {
    /**
     * For cells whose recurrence does not diverge. No float arithmetic stays close to a chaotic state for many steps.
     */
    static final Numerics NUMERICS = new Numerics(16, 64, 1);

    /** The steps that read and write the elements of states count the work of shorter products. */
    private static final int WORTH_COUNTING = 64;

    private static final int X = 0;
    private static final int W = 1;
    private static final int R = 2;
    private static final int B = 3;
    private static final int LENGTHS = 4;
    private static final int INITIAL = 5;

    /** One step of one sequence. */
    @FunctionalInterface
    interface Cell {
        /**
         * Takes a step.
         *
         * @param x the element of the sequence
         * @param h the hidden state, to be replaced
         * @param c the cell state, to be replaced; empty if the operator has none
         */
        void step(double[] x, double[] h, double[] c);
    }

    /** Makes the cell of a direction from its weights. */
    @FunctionalInterface
    interface CellFactory {
        Cell cell(Weights weights, List<GateActivation> activations);
    }

    /**
     * The weights of one direction: w is [gates*hidden, input], r is [gates*hidden, hidden], bias is [2*gates*hidden],
     * peepholes [3*hidden] or null.
     */
    record Weights(int hidden, int input, double[] w, double[] r, double[] bias, double[] peepholes) {
        /** The contribution of the sequence and its bias to a row of a gate. */
        double input(int row, double[] x) {
            return dot(w, row * input, x, input) + bias[row];
        }

        /** The contribution of the state and its bias to a row of a gate. */
        double state(int row, double[] h) {
            return dot(r, row * hidden, h, hidden) + bias[bias.length / 2 + row];
        }
    }

    /** The types of all outputs: Y, then one for each kind of state. */
    List<ValueType> infer(InferContext c, int gates, int states) {
        OperandShape x = OperandShape.of(c, X).rank(3);
        OperandShape w = OperandShape.of(c, W).rank(3);
        OperandShape r = OperandShape.of(c, R).rank(3);
        Dim directions = Dim.of(attributes.directions());
        Dim hidden =
                OperandShape.either(attributes.hiddenSize() == null ? null : Dim.of(attributes.hiddenSize()), r.dim(2));
        Dim rows = hidden == null ? null : hidden.times(Dim.of(gates));
        Dim batch = x.dim(attributes.batchFirst() ? 0 : 1);
        Dim steps = x.dim(attributes.batchFirst() ? 1 : 0);
        w.is(directions, rows, x.dim(2));
        r.is(directions, rows, hidden);
        if (c.has(B)) {
            OperandShape.of(c, B).is(directions, rows == null ? null : rows.times(Dim.of(2)));
        }
        if (c.has(LENGTHS)) {
            OperandShape.of(c, LENGTHS).is(batch);
        }
        for (int i = 0; i < states; i++) {
            if (c.has(INITIAL + i)) {
                OperandShape initial = OperandShape.of(c, INITIAL + i);
                initial.is(
                        attributes.batchFirst() ? batch : directions,
                        attributes.batchFirst() ? directions : batch,
                        hidden);
            }
        }
        if (states > 1 && c.has(INITIAL + states)) {
            OperandShape.of(c, INITIAL + states).is(directions, hidden == null ? null : hidden.times(Dim.of(3)));
        }
        Dim h = OperandShape.orFresh(c, hidden);
        Dim n = OperandShape.orFresh(c, batch);
        Dim t = OperandShape.orFresh(c, steps);
        List<ValueType> types = new ArrayList<>();
        types.add(new TensorType(
                c.dtype(X), attributes.batchFirst() ? Shape.of(n, t, directions, h) : Shape.of(t, directions, n, h)));
        Shape state = attributes.batchFirst() ? Shape.of(n, directions, h) : Shape.of(directions, n, h);
        for (int i = 0; i < states; i++) {
            types.add(new TensorType(c.dtype(X), state));
        }
        return types.subList(0, c.outputCount());
    }

    /** Runs all directions over all sequences. */
    List<Datum> run(Operands in, String operator, List<String> functions, int states, CellFactory factory) {
        return run(in, operator, functions, states, factory, running -> {});
    }

    /** The same, but a function changes the hidden states before each step. */
    List<Datum> run(
            Operands in,
            String operator,
            List<String> functions,
            int states,
            CellFactory factory,
            Consumer<List<double[]>> change) {
        in.inferOutputs();
        Tensor x = in.tensor(X);
        int hidden = array(in.tensor(R).dim(2));
        long batch = x.dim(attributes.batchFirst() ? 0 : 1);
        long steps = x.dim(attributes.batchFirst() ? 1 : 0);
        int directions = attributes.directions();
        DType type = x.dtype();
        List<Tensor> outputs = new ArrayList<>();
        outputs.add(
                attributes.batchFirst()
                        ? Tensor.allocate(type, batch, steps, directions, hidden)
                        : Tensor.allocate(type, steps, directions, batch, hidden));
        for (int i = 0; i < states; i++) {
            outputs.add(
                    attributes.batchFirst()
                            ? Tensor.allocate(type, batch, directions, hidden)
                            : Tensor.allocate(type, directions, batch, hidden));
        }
        long[] lengths = lengths(in, batch, steps);
        List<GateActivation> all = attributes.functions(operator, functions);
        for (int d = 0; d < directions; d++) {
            List<GateActivation> own = all.subList(d * functions.size(), (d + 1) * functions.size());
            Cell cell = factory.cell(weights(in, d, hidden, states), own);
            boolean backwards = d == 1 || attributes.direction().equals("reverse");
            List<Sequence> sequences = new ArrayList<>();
            for (long b = 0; b < batch; b++) {
                Place p = new Place(d, directions, b, batch, steps, lengths[(int) b], backwards);
                sequences.add(new Sequence(p, initial(in, outputs.size() - 1, hidden, p)));
            }
            for (long s = 0; s < steps; s++) {
                long step = s;
                List<Sequence> running = sequences.stream()
                        .filter(q -> step < q.place().length())
                        .toList();
                change.accept(seen(sequences, s));
                running.forEach(q -> step(in, outputs, cell, q, step));
            }
            sequences.forEach(q -> finish(outputs, q));
        }
        return new ArrayList<Datum>(outputs.subList(0, Math.min(in.outputs(), outputs.size())));
    }

    /** A sequence of the batch in one direction. */
    private record Place(
            int direction, int directions, long sequence, long batch, long steps, long length, boolean backwards) {}

    /** A sequence with its states so far. */
    private record Sequence(Place place, double[][] states) {}

    /** The hidden states before a step, and once more the state of a sequence that has just ended. */
    private static List<double[]> seen(List<Sequence> sequences, long step) {
        List<double[]> states = new ArrayList<>();
        for (Sequence q : sequences) {
            double[] state = q.states()[0];
            if (step <= q.place().length()) {
                states.add(step < q.place().length() ? state : state.clone());
            }
        }
        return states;
    }

    private long stateAt(Place p, int hidden) {
        return attributes.batchFirst()
                ? (p.sequence() * p.directions() + p.direction()) * hidden
                : (p.direction() * p.batch() + p.sequence()) * hidden;
    }

    private double[][] initial(Operands in, int used, int hidden, Place p) {
        double[][] states = new double[2][];
        for (int i = 0; i < 2; i++) {
            states[i] = new double[i < used ? hidden : 0];
            Tensor initial = i < used ? in.tensorOrNull(INITIAL + i) : null;
            for (int k = 0; initial != null && k < hidden; k++) {
                states[i][k] = initial.getDouble(stateAt(p, hidden) + k);
            }
        }
        return states;
    }

    private void step(Operands in, List<Tensor> outputs, Cell cell, Sequence q, long step) {
        Tensor x = in.tensor(X);
        Place p = q.place();
        double[] element = new double[array(x.dim(2))];
        double[] state = q.states()[0];
        long t = p.backwards() ? p.length() - 1 - step : step;
        long at = (attributes.batchFirst() ? p.sequence() * p.steps() + t : t * p.batch() + p.sequence())
                * element.length;
        for (int k = 0; k < element.length; k++) {
            element[k] = x.getDouble(at + k);
        }
        cell.step(element, state, q.states()[1]);
        long to = attributes.batchFirst()
                ? ((p.sequence() * p.steps() + t) * p.directions() + p.direction()) * state.length
                : ((t * p.directions() + p.direction()) * p.batch() + p.sequence()) * state.length;
        for (int k = 0; k < state.length; k++) {
            outputs.get(0).setDouble(to + k, state[k]);
        }
    }

    private void finish(List<Tensor> outputs, Sequence q) {
        for (int i = 1; i < outputs.size(); i++) {
            double[] state = q.states()[i - 1];
            for (int k = 0; k < state.length; k++) {
                outputs.get(i).setDouble(stateAt(q.place(), state.length) + k, state[k]);
            }
        }
    }

    private static long[] lengths(Operands in, long batch, long steps) {
        Tensor given = in.tensorOrNull(LENGTHS);
        long[] lengths = new long[array(batch)];
        for (int b = 0; b < lengths.length; b++) {
            lengths[b] = given == null ? steps : given.getLong(b);
            if (lengths[b] < 0 || lengths[b] > steps) {
                throw in.error(
                        "sequence_lens[" + b + "] is " + lengths[b],
                        "[0, " + steps + "]",
                        "give each sequence a length within X");
            }
        }
        return lengths;
    }

    private static Weights weights(Operands in, int d, int hidden, int states) {
        Tensor w = in.tensor(W);
        Tensor r = in.tensor(R);
        double[] bias = in.has(B) ? direction(in.tensor(B), d) : new double[array(2 * w.dim(1))];
        Tensor peepholes = states > 1 ? in.tensorOrNull(INITIAL + states) : null;
        return new Weights(
                hidden,
                array(w.dim(2)),
                direction(w, d),
                direction(r, d),
                bias,
                peepholes == null ? null : direction(peepholes, d));
    }

    private static double[] direction(Tensor t, int d) {
        double[] values = new double[array(t.size() / t.dim(0))];
        for (int i = 0; i < values.length; i++) {
            values[i] = t.getDouble((long) d * values.length + i);
        }
        return values;
    }

    private static int array(long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new ResourceLimitException(
                    "recurrent operator", size + " elements", "at most " + (Integer.MAX_VALUE - 8), null);
        }
        return (int) size;
    }

    private static double dot(double[] a, int at, double[] x, int length) {
        if (length >= WORTH_COUNTING) {
            Operands.work(length);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += a[at + i] * x[i];
        }
        return sum;
    }
}
